// Values kept within bounds.
import { run } from '../../backend/launch.ts'
import { family } from '../../backend/tensorKernels.ts'
import { defineOp, type TensorLike } from '../../record.ts'
import { broadcastShapes } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { dense } from '../shape/contiguous.ts'
import { launchPair } from './elementwise.ts'
import { common, NUMBERS } from './rules.ts'

/** A bound of `clamp`: a number, a tensor that broadcasts, or null for none. */
export type Bound = TensorLike | null

const clampKernel = family('clamp')
const maximumKernel = family('maximum')
const minimumKernel = family('minimum')

interface Bounds {
  readonly hasMin: boolean
  readonly hasMax: boolean
}

// In the place of a bound that is missing stands x.
const clampOp = defineOp<Bounds>({
  name: 'clamp',
  inputs: ['x', 'min', 'max'],
  cast: common,
  native: NUMBERS,
  shape: ([x, min, max]) => broadcastShapes('clamp', broadcastShapes('clamp', x.shape, min.shape), max.shape),
  launch: ([x, min, max], y, { hasMin, hasMax }) => {
    const single = hasMin && hasMax && min.size === 1 && max.size === 1 && x.size === y.size
    if (single && x.dtype !== 'int64') {
      run(clampKernel[x.dtype], y.size, y.size, pointer(dense(x)), pointer(min), pointer(max), pointer(y))
      return
    }
    if (hasMin) launchPair(maximumKernel, x, min, y)
    if (hasMax) launchPair(minimumKernel, hasMin ? y : x, max, y)
  },
  grad: {
    x: ({ x, min, max, dy }) => x.ge(min).logicalAnd(x.le(max)).where(dy, 0),
    min: ({ x, min, max, dy }, { hasMax }) => {
      const below = x.lt(min)
      return (hasMax ? below.logicalAnd(min.lt(max)) : below).where(dy, 0)
    },
    max: ({ x, min, max, dy }, { hasMin, hasMax }) => {
      if (!hasMax) return dy.mul(0)
      const above = x.gt(max)
      return (hasMin ? above.logicalOr(max.lt(min)) : above).where(dy, 0)
    },
  },
})

/**
 * min(max(x, min), max): x where it lies within the bounds, else the bound that it passes; `max` where min > max. NaN
 * stays, and NaN bounds give NaN. The derivative at the bounds is that of x.
 * @param max default null; at least one bound is needed
 * @throws TypeError without bounds
 * @example
 * import { clamp, tensor } from '@x/tensor'
 * clamp(tensor([-2, 0.5, 3]), 0, 1).toArray() // [0, 0.5, 1]
 */
export function clamp(x: Tensor, min: Bound, max: Bound = null): Tensor {
  const hasMin = (min ?? null) !== null
  const hasMax = (max ?? null) !== null
  if (!hasMin && !hasMax) throw new TypeError('clamp: there is no bound; give min, max or both')
  return clampOp([x, min ?? x, max ?? x], { hasMin, hasMax })
}
