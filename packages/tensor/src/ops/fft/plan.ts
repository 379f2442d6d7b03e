// What transforms of one length share: their roots of unity, computed once and kept.
import { roots, transforms } from '../../backend/fftKernels.ts'
import { runForResult, scratchAddress } from '../../backend/launch.ts'
import { heap } from '../../memory/heap.ts'
import { keepStorage } from '../../memory/storage.ts'
import { empty, lasting } from '../../record.ts'
import { pointer, type Tensor } from '../../tensor.ts'

export interface Plan {
  /** See assembly/tensor/fft. */
  readonly table: Tensor
  /** Length of the convolution that stands in for the transform; 0 if it has no prime factors but 2, 3 and 5. */
  readonly long: number
}

/** Lengths whose plans are kept; beyond that many, the oldest is forgotten. */
const MOST_PLANS = 64
const plans = new Map<number, Plan>()

/** The plan of transforms of length n. */
export function planOf(n: number): Plan {
  const known = plans.get(n)
  if (known) return known
  const plan = isSmooth(n) ? { table: rootsOf(n), long: 0 } : convolution(n)
  for (const oldest of plans.keys()) {
    if (plans.size < MOST_PLANS) break
    plans.delete(oldest)
  }
  plans.set(n, plan)
  return plan
}

function isSmooth(n: number): boolean {
  let rest = n
  for (const p of [2, 3, 5]) while (rest % p === 0) rest /= p
  return rest === 1
}

/** `pairs` pairs that outlive every tidy. */
function lastingPairs(pairs: number): Tensor {
  const table = lasting(() => empty([pairs, 2], 'float64', true))
  keepStorage(table.storage)
  return table
}

// Computed at once, and not written down where a function is being compiled: its replays find the table as it is.
function rootsOf(n: number): Tensor {
  const table = lastingPairs(n)
  runForResult(roots, n, pointer(table), n, 0)
  return table
}

/** Roots of the length of the convolution, the chirp c[k] = e^(−πi k²/n), and the transform of 1/c. */
function convolution(n: number): Plan {
  let long = 2 * n - 1
  while (!isSmooth(long)) long++
  const table = lastingPairs(long + n + long)
  const start = pointer(table)
  const [chirp, other] = [start + 16 * long, start + 16 * (long + n)]
  runForResult(roots, long, start, long, 0)
  runForResult(roots, n, chirp, 2 * n, 1)
  const { f64 } = heap
  const [from, to] = [chirp / 8, other / 8]
  f64.fill(0, to, to + 2 * long)
  for (let k = 0; k < n; k++) {
    for (const at of k === 0 ? [0] : [k, long - k]) {
      f64[to + 2 * at] = f64[from + 2 * k] / long
      f64[to + 2 * at + 1] = -f64[from + 2 * k + 1] / long
    }
  }
  const work = lasting(() => empty([4 * long], 'float64', true))
  const numbers = [long, 0, long, long, 1, 0, 1, 0, pointer(work), scratchAddress()]
  runForResult(transforms.float64, 1, other, other, start, ...numbers)
  work.dispose()
  return { table, long }
}
