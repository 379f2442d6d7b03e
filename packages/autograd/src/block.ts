// Applications that listeners hear of as one, whatever happens inside.
import { type Shape, Tensor } from '@x/tensor'
import { announce } from '@x/tensor/op'

/** What a block's gradients are computed from. */
export interface BlockContext {
  /** The gradient of the value. */
  readonly dy: Tensor
  /** The value. */
  readonly y: Tensor
  /** The inputs, in their order. */
  readonly inputs: readonly Tensor[]
}

/** How a block computes, and how all its gradients come at once. */
export class Block {
  /** The function that the block stands for. */
  readonly forward: () => Tensor
  /** A gradient for each input, or null for none; only those `wanted` are used. */
  readonly backward: (context: BlockContext, wanted: readonly boolean[]) => readonly (Tensor | null)[]

  constructor(forward: Block['forward'], backward: Block['backward']) {
    this.forward = forward
    this.backward = backward
  }
}

/** `value` as the result of a block: a tensor of its own, so that gradients tell it from what it may be a view of. */
export function announceBlock(name: string, inputs: readonly Tensor[], value: Tensor, block: Block): Tensor {
  const y = new Tensor(value.storage, value.dtype, value.shape, value.strides, value.offset)
  const names = inputs.map((_, i) => `x${i}`)
  const shape = (): Shape => y.shape
  const grad = Object.fromEntries(names.map((x) => [x, (): Tensor => y]))
  announce({ op: { name, inputs: names, shape, grad }, inputs, y, p: block, extra: [] })
  return y
}
