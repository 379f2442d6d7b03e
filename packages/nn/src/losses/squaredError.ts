// factor Σ (x − target)² of float32 of one shape: an op that reads both once, and writes the gradient on the way if one is due.
import type { Tensor } from '@x/tensor'
import { defineOp, dense, type GradientContext, isHeld, pointer, run, scalar } from '@x/tensor/op'
import { trainingKernel } from '../kernels.ts'

const kernel = trainingKernel('squaredError_f32')

/** The gradient for x of g times the loss. */
function slopeOf({ x, target, slope }: GradientContext, factor: number, g: Tensor): Tensor {
  // Who differentiates this again needs to see where it comes from.
  if (!slope || isHeld()) return x.sub(target).mul(g.mul(2 * factor))
  return g === scalar(1, 'float32') ? slope : slope.mul(g)
}

const lossOp = defineOp<{ factor: number; sloping: boolean }>({
  name: 'squaredError',
  inputs: ['x', 'target'],
  shape: () => [],
  extra: ([x], { sloping }) => (sloping ? [{ name: 'slope', dtype: 'float32', shape: x.shape }] : []),
  launch: ([x, target], y, { factor }, [slope]) => {
    const places = [pointer(dense(x)), pointer(dense(target)), pointer(y), slope ? pointer(slope) : 0]
    run(kernel, 1, 2 * x.size, ...places, x.size, factor)
  },
  grad: {
    x: (context, { factor }) => slopeOf(context, factor, context.dy),
    target: (context, { factor }) => slopeOf(context, factor, context.dy.neg()),
  },
})

/** factor Σ (x − target)², a scalar. */
export const squaredError = (x: Tensor, target: Tensor, factor: number): Tensor =>
  lossOp([x, target], { factor, sloping: isHeld() })
