// Gradients by one's own formula, and none at all.
import { ShapeError, type Tensor } from '@x/tensor'
import { defineOp, type OpFunction, requireFunction, unheard } from '@x/tensor/op'
import { announceBlock, Block, type BlockContext } from './block.ts'

const stop: OpFunction<void> = defineOp<void>({
  name: 'stopGradient',
  inputs: ['x'],
  shape: ([x]) => x.shape,
  view: ([x]) => ({ shape: x.shape, strides: x.strides, offset: x.offset }),
  grad: null,
})

/**
 * The same values, treated as a constant by gradients. A view.
 * @example
 * import { tensor } from '@x/tensor'
 * import { grad, stopGradient } from '@x/autograd'
 * const x = tensor([2, 3])
 * grad(() => x.mul(stopGradient(x)).sum(), x).toArray() // [2, 3]
 */
export function stopGradient(x: Tensor): Tensor {
  return stop([x], undefined)
}

/** A function and the rule for its gradients. */
export interface CustomGradient {
  /** The value, from the inputs. */
  forward(...inputs: Tensor[]): Tensor
  /**
   * One gradient per input, from that of the value; null for an input that has none. Written with ops, it can be
   * differentiated again.
   */
  backward(context: BlockContext): readonly (Tensor | null)[]
}

/**
 * A function of tensors whose gradient follows `backward` instead of the ops inside.
 * What `forward` uses besides its inputs counts as constant.
 * @throws ShapeError, while gradients are computed, for gradients that do not belong to the inputs
 * @example
 * import { tensor } from '@x/tensor'
 * import { customGrad, grad } from '@x/autograd'
 * // Rounds, and passes gradients straight through.
 * const round = customGrad({ forward: (x) => x.round(), backward: ({ dy }) => [dy] })
 * const x = tensor([0.4, 1.6])
 * grad(() => round(x).sum(), x).toArray() // [1, 1]
 */
export function customGrad(rule: CustomGradient): (...inputs: Tensor[]) => Tensor {
  const { forward, backward } = rule ?? {}
  requireFunction('customGrad', 'forward', forward)
  requireFunction('customGrad', 'backward', backward)
  return (...inputs) => {
    const compute = (): Tensor => forward(...inputs)
    const block = new Block(compute, (context) => {
      const gradients = backward(context)
      if (gradients.length === inputs.length) return gradients
      throw new ShapeError(`customGrad: backward returned ${gradients.length} gradients for ${inputs.length} inputs`)
    })
    return announceBlock('customGrad', inputs, unheard(compute), block)
  }
}
