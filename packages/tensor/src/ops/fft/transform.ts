// The one op of all Fourier transforms: along one axis, of real or complex numbers, with what that asks for on either side.
import { transforms } from '../../backend/fftKernels.ts'
import { run, threadCount } from '../../backend/launch.ts'
import { defineOp, type OpFunction, temporary } from '../../record.ts'
import { sizeOf } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { floating } from '../elementwise/rules.ts'
import { dense } from '../shape/contiguous.ts'
import { planOf } from './plan.ts'

/** Numbers on one side of a transform. */
export interface Side {
  /** Real numbers, else pairs along the last axis. Of a complex result the real part is what remains. */
  readonly real: boolean
  /** All but number 0 and n/2 count twice: half of a spectrum stands for all of it. Default false. */
  readonly twice?: boolean
}

export interface TransformOptions {
  /** Axis of x, not that of the pairs. */
  readonly axis: number
  /** Length of the transform: x is cut or filled up with zeros to it. */
  readonly n: number
  /** How many results are wanted; those from n on are 0. */
  readonly made: number
  readonly inverse: boolean
  readonly scale: number
  readonly from: Side
  readonly to: Side
}

/** The longest transform whose two buffers fit in the workspace that every thread has. */
const IN_SCRATCH = 2 ** 15

/**
 * Linear over the real numbers; its transpose is the transform in the other direction, with the sides exchanged.
 */
export const transform: OpFunction<TransformOptions> = defineOp<TransformOptions>({
  name: 'fft',
  inputs: ['x'],
  cast: floating,
  shape: ([x], { axis, made, from, to }) => {
    const shape = from.real ? [...x.shape] : x.shape.slice(0, -1)
    shape[axis] = made
    return to.real ? shape : [...shape, 2]
  },
  launch: ([x], y, p) => {
    if (y.size > 0) launch(dense(x), y, p)
  },
  grad: {
    x: ({ x, dy }, p) => transform([dy], { ...p, made: x.shape[p.axis], inverse: !p.inverse, from: p.to, to: p.from }),
  },
})

function launch(x: Tensor, y: Tensor, { axis, n, made, inverse, scale, from, to }: TransformOptions): void {
  const { table, long } = planOf(n)
  const size = long || n
  const inner = sizeOf(x.shape.slice(axis + 1, from.real ? undefined : -1))
  const units = sizeOf(x.shape.slice(0, axis)) * inner
  const flags = [inverse, from.real, to.real, from.twice, to.twice].reduce((sum, on, i) => sum + (on ? 1 << i : 0), 0)
  const cost = size * Math.ceil(Math.log2(size + 1)) * (long ? 5 : 2)
  // Longer ones work in memory of their own, as many at a time as there are threads.
  const group = size <= IN_SCRATCH ? units : threadCount()
  const work = size <= IN_SCRATCH ? null : temporary([group, 4 * size], 'float64')
  for (let first = 0; first < units; first += group) {
    const count = Math.min(group, units - first)
    run(
      transforms[y.dtype],
      count,
      count * cost,
      pointer(x),
      pointer(y),
      pointer(table),
      n,
      long,
      x.shape[axis],
      made,
      inner,
      flags,
      scale,
      first,
      work ? pointer(work) : 0,
    )
  }
}
