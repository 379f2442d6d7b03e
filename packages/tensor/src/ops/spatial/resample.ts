// Weighted sums of slices along an axis: what resampling comes down to.
import { family } from '../../backend/convolutionKernels.ts'
import { run } from '../../backend/launch.ts'
import { defineOp, type OpFunction } from '../../record.ts'
import { type Shape, sizeOf } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { take } from '../indexing/indexing.ts'
import { dense } from '../shape/contiguous.ts'
import { floatOf } from './sliding.ts'

/** Along which axis, and how long it is in x. */
interface Along {
  readonly axis: number
  readonly size: number
}

const forward = family('resample')
const backward = family('resampleGrad')

const withLength = (shape: Shape, axis: number, length: number): Shape => shape.map((n, d) => (d === axis ? length : n))

function launch(kernels: typeof forward, inputs: readonly Tensor[], y: Tensor, { axis, size }: Along): void {
  const [x, index, weights] = inputs.map(dense)
  const { shape } = x
  const outer = sizeOf(shape.slice(0, axis))
  const inner = sizeOf(shape.slice(axis + 1))
  const [count, taps] = index.shape
  const places = [pointer(x), pointer(index), pointer(weights), pointer(y)]
  run(kernels[floatOf(y)], outer, outer * inner * count * taps, ...places, size, count, inner, taps)
}

/** dw[i, t] = Σ dy[.., i, ..]·x[.., index[i, t], ..] over all other axes. */
function toWeights(x: Tensor, index: Tensor, dy: Tensor, axis: number): Tensor {
  const seen = take(x, index, axis) // [.., count, taps, ..]
  const others = [...seen.shape.keys()].filter((d) => d !== axis && d !== axis + 1)
  return seen.mul(dy.unsqueeze(axis + 1)).sum(others)
}

/**
 * y[.., i, ..] = Σₜ weights[i, t]·x[.., index[i, t], ..] along an axis: inputs x, index and weights [count, taps], x and weights
 * of one floating dtype. Positions are trusted.
 */
export const resampleOp: OpFunction<Along> = defineOp<Along>({
  name: 'resample',
  inputs: ['x', 'index', 'weights'],
  shape: ([x, index], { axis }) => withLength(x.shape, axis, index.shape[0]),
  launch: (inputs, y, p) => launch(forward, inputs, y, p),
  grad: {
    x: ({ index, weights, dy }, p) => backOp([dy, index, weights], p),
    weights: ({ x, index, dy }, { axis }) => toWeights(x, index, dy, axis),
  },
})

const backOp: OpFunction<Along> = defineOp<Along>({
  name: 'resampleGrad',
  inputs: ['g', 'index', 'weights'],
  shape: ([g], { axis, size }) => withLength(g.shape, axis, size),
  launch: (inputs, y, p) => launch(backward, inputs, y, p),
  grad: {
    g: ({ index, weights, dy }, p) => resampleOp([dy, index, weights], p),
    weights: ({ g, index, dy }, { axis }) => toWeights(dy, index, g, axis),
  },
})
