// factor Σ (x − target)² of float32 of one shape: an op that reads both once, and once more for the gradient.
import { defineOp, dense, type OpFunction, pointer, run } from '@x/tensor/op'
import { trainingKernel } from '../kernels.ts'

const forward = trainingKernel('squaredError_f32')
const backward = trainingKernel('squaredErrorGrad_f32')

/** factor · g · (x − target), g a scalar. */
const gradOp: OpFunction<number> = defineOp<number>({
  name: 'squaredErrorGrad',
  inputs: ['x', 'target', 'g'],
  shape: ([x]) => x.shape,
  launch: ([x, target, g], y, factor) =>
    run(backward, y.size, y.size, pointer(dense(x)), pointer(dense(target)), pointer(g), pointer(y), factor),
  grad: {
    x: ({ g, dy }, factor) => dy.mul(g.mul(factor)),
    target: ({ g, dy }, factor) => dy.mul(g.mul(-factor)),
    g: ({ x, target, dy }, factor) => dy.mul(x.sub(target)).sum().mul(factor),
  },
})

/** factor Σ (x − target)², a scalar. */
export const squaredError: OpFunction<number> = defineOp<number>({
  name: 'squaredError',
  inputs: ['x', 'target'],
  shape: () => [],
  launch: ([x, target], y, factor) =>
    run(forward, 1, 2 * x.size, pointer(dense(x)), pointer(dense(target)), pointer(y), x.size, factor),
  grad: {
    x: ({ x, target, dy }, factor) => gradOp([x, target, dy], 2 * factor),
    target: ({ x, target, dy }, factor) => gradOp([x, target, dy], -2 * factor),
  },
})
