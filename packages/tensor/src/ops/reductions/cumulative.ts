// Folds along an axis that keep every step: running sums, products, extremes.
import { run } from '../../backend/launch.ts'
import { family } from '../../backend/runningKernels.ts'
import { tidy } from '../../memory/scope.ts'
import { optionsOf } from '../../options.ts'
import { defineOp, type Gradient, type OpFunction, type OpRecord, unheard } from '../../record.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { arithmetic, exactly, floating, NUMBERS, toInt32 } from '../elementwise/rules.ts'
import { around, gather } from '../indexing/indexing.ts'
import { along, slice, spread } from '../indexing/window.ts'
import { dense } from '../shape/contiguous.ts'
import { lineOf, ravel, reshape } from '../shape/view.ts'
import type { Picked } from '../sorting/sort.ts'

export interface CumulativeOptions {
  /** From the last element to the first. Default false. */
  reverse?: boolean
}

/** A fold along `axis` that keeps every step; by default, or with null, of the flattened tensor. */
export type Cumulative = (x: Tensor, axis?: number | null, options?: CumulativeOptions) => Tensor

interface Line {
  readonly axis: number
  readonly reverse: boolean
}

const scanKernels = family('scan', { scratch: true })
/** What the kernel calls its folds. */
const SUM = 0
const PRODUCT = 1
const RECURRENCE = 2
const REVERSE = 4

function scanOp(
  name: string,
  kind: number,
  inputs: readonly string[],
  rest: Pick<OpRecord<Line>, 'cast' | 'prepare' | 'grad'>,
): OpFunction<Line> {
  return defineOp<Line>({
    ...rest,
    name,
    inputs,
    native: NUMBERS,
    shape: ([x]) => x.shape,
    launch: ([a, b], y, { axis, reverse }) => {
      const { outer, n, inner } = around(y.shape, axis)
      const [p, q] = [pointer(dense(a)), b ? pointer(dense(b)) : 0]
      const code = kind + (reverse ? REVERSE : 0)
      run(scanKernels[y.dtype], outer * inner, y.size * 2, p, q, pointer(y), n, inner, code)
    },
  })
}

const back = ({ axis, reverse }: Line): Line => ({ axis, reverse: !reverse })

/** In the place of each element the one folded before it; `first` where there is none. */
function before(x: Tensor, p: Line, first: number): Tensor {
  if (x.ndim === 0) return reshape(before(ravel(x), p, first), [])
  const { axis, reverse } = p
  const [from, to] = reverse ? [slice(1), slice(0, -1)] : [slice(0, -1), slice(1)]
  const window = x.shape.map((_, i) => (i === axis ? to : slice()))
  return spread(along(x, axis, from), x.shape, window, first)
}

/** x and the axis to fold. @throws ShapeError, RangeError */
function line(name: string, x: Tensor, axis: number | null, options?: CumulativeOptions): [Tensor, Line] {
  const { reverse } = optionsOf(name, options, { reverse: false })
  const [of, a] = lineOf(name, x, axis)
  return [of, { axis: a, reverse }]
}

function cumulative(name: string, kind: number, grad: Gradient<Line>): Cumulative {
  const op = scanOp(name, kind, ['x'], { cast: arithmetic, grad: { x: grad } })
  return (x, axis = null, options) => {
    const [of, p] = line(name, x, axis, options)
    return op([of], p)
  }
}

/**
 * Running sums: y_i = x_0 + … + x_i. Small integers and bool add up in int32, float32 in float64.
 * @example
 * import { cumsum, tensor } from '@x/tensor'
 * cumsum(tensor([1, 2, 3])).toArray() // [1, 3, 6]
 */
export const cumsum: Cumulative = cumulative('cumsum', SUM, ({ dy }, p) => cumsum(dy, p.axis, { reverse: !p.reverse }))

/** Running products: y_i = x_0 · … · x_i. */
export const cumprod: Cumulative = cumulative('cumprod', PRODUCT, ({ x, y, dy }, p) =>
  // What x_k is multiplied by: all before it, and Σ dy_i Π x_j over k < j ≤ i, a recurrence that needs no division by x_k.
  before(y, p, 1).mul(recurrence([before(x, back(p), 0), dy], back(p))),
)

/** y_i = a_i y_(i−1) + b_i from 0 on. */
const recurrence: OpFunction<Line> = scanOp('recurrence', RECURRENCE, ['a', 'b'], {
  cast: floating,
  prepare: ({ a, dy }, p) => ({ slope: recurrence([before(a, back(p), 0), dy], back(p)) }),
  grad: { a: ({ y, slope }, p) => slope.mul(before(y, p, 0)), b: ({ slope }) => slope },
})

const argscanKernels = family('argscan')
const argscanOp = defineOp<{ axis: number; sign: number }>({
  name: 'argscan',
  inputs: ['x'],
  cast: exactly,
  dtype: toInt32,
  shape: ([x]) => x.shape,
  launch: ([x], y, { axis, sign }) => {
    const { outer, n, inner } = around(x.shape, axis)
    run(argscanKernels[x.dtype], outer * inner, x.size * 3, pointer(dense(x)), pointer(y), n, inner, sign)
  },
  grad: null,
})

/** A running extreme, and where it stands: the last of equals. By default, or with null, of the flattened tensor. */
export type RunningExtreme = (x: Tensor, axis?: number | null) => Picked

const extreme =
  (name: string, sign: number): RunningExtreme =>
  (x, axis = null) => {
    const [of, a] = lineOf(name, x, axis)
    const indices = argscanOp([of], { axis: a, sign })
    return { values: gather(of, indices, a), indices }
  }

/**
 * The largest element up to each, and where it stands (int32): torch.cummax. A NaN stays the largest.
 * @example
 * import { cummax, tensor } from '@x/tensor'
 * const { values, indices } = cummax(tensor([1, 3, 2])) // [1, 3, 3] and [0, 1, 1]
 */
export const cummax: RunningExtreme = extreme('cummax', 1)
/** The smallest element up to each, and where it stands (int32): torch.cummin. A NaN stays the smallest. */
export const cummin: RunningExtreme = extreme('cummin', -1)

/** ln (eˣ⁰ + … + eˣⁱ), computed without overflow. */
export function logcumsumexp(x: Tensor, axis: number | null = null): Tensor {
  return tidy(() => {
    const [given, p] = line('logcumsumexp', x, axis)
    const of = given.cast(floating([given]))
    // With m the running maximum, s_i = Σ e^(x_j − m_i) = s_(i−1) e^(m_(i−1) − m_i) + e^(x_i − m_i); the gradient of m cancels.
    const [top, ratio] = unheard(() => {
      const m = cummax(of, p.axis).values
      const r = before(m, p, Number.NEGATIVE_INFINITY).sub(m).exp()
      const isInfinite = m.abs().eq(Number.POSITIVE_INFINITY)
      return [isInfinite.where(0, m), r.ne(r).where(1, r)]
    })
    return recurrence([ratio, of.sub(top).exp()], p)
      .log()
      .add(top)
  })
}
