// Gradients by one's own formula, and none at all.
import type { Tensor } from '@x/tensor'
import { announce, defineOp, type OpFunction, type OpRecord, unheard } from '@x/tensor/op'

const stop: OpFunction<void> = defineOp<void>({
  name: 'stopGradient',
  inputs: ['x'],
  shape: ([x]) => x.shape,
  view: ([x]) => ({ shape: x.shape, strides: x.strides, offset: x.offset }),
  grad: null,
})

/** The same values, treated as a constant by gradients. A view. */
export function stopGradient(x: Tensor): Tensor {
  return stop([x], undefined)
}

/** A function and the rule for its gradients. */
export interface CustomGradient {
  /** The value, from the inputs. */
  forward(...inputs: Tensor[]): Tensor
  /** One gradient per input, from that of the value; written with ops, it can be differentiated again. */
  backward(context: { dy: Tensor; y: Tensor; inputs: readonly Tensor[] }): readonly Tensor[]
}

/**
 * A function of tensors whose gradient follows `backward` instead of the ops inside.
 * @example
 * import { tensor } from '@x/tensor'
 * import { customGrad, grad } from '@x/autograd'
 * // Rounds, and passes gradients straight through.
 * const round = customGrad({ forward: (x) => x.round(), backward: ({ dy }) => [dy] })
 * const x = tensor([0.4, 1.6])
 * grad(() => round(x).sum(), x).toArray() // [1, 1]
 */
export function customGrad({ forward, backward }: CustomGradient): (...inputs: Tensor[]) => Tensor {
  return (...inputs) => {
    const y = unheard(() => forward(...inputs))
    const names = inputs.map((_, i) => `x${i}`)
    const op: OpRecord<void> = {
      name: 'customGrad',
      inputs: names,
      shape: () => y.shape,
      grad: Object.fromEntries(names.map((name, i) => [name, (c) => backward({ dy: c.dy, y: c.y, inputs })[i]])),
    }
    announce({ op, inputs, y, p: undefined, extra: [] })
    return y
  }
}
