// Differences of neighbours, and the sum that undoes them: the trapezoidal rule.
import { checkAxis } from '../../axes.ts'
import { full } from '../../create.ts'
import { tidy } from '../../memory/scope.ts'
import { optionsOf, requireWhole } from '../../options.ts'
import { dtypeFor, requireTensor } from '../../record.ts'
import type { Tensor } from '../../tensor.ts'
import { along, slice, spread } from '../indexing/window.ts'
import { concat } from '../shape/concat.ts'
import { reshape } from '../shape/view.ts'

export interface DiffOptions {
  /** How many times. Default 1. */
  n?: number
  /** What stands before x along the axis, and what behind it: a tensor, or a number for one element. */
  prepend?: Tensor | number
  append?: Tensor | number
}

const [FIRSTS, LASTS] = [slice(0, -1), slice(1)]

/**
 * x_(i+1) − x_i along `axis`: one element less each of the `n` times. For bool, whether neighbours differ.
 * @param axis default −1
 * @throws RangeError for n that is no whole number ≥ 0, ShapeError
 * @example
 * import { diff, tensor } from '@x/tensor'
 * diff(tensor([1, 4, 9])).toArray() // [3, 5]
 */
export function diff(x: Tensor, axis = -1, options?: DiffOptions): Tensor {
  const { n, prepend, append } = optionsOf<DiffOptions & { n: number }>('diff', options, {
    n: 1,
    prepend: undefined,
    append: undefined,
  })
  requireWhole('diff', 'n', n, 0)
  const a = checkAxis('diff', axis, x)
  const one = x.shape.map((length, i) => (i === a ? 1 : length))
  return tidy(() => {
    const parts = [prepend, x, append]
      .filter((t) => t !== undefined)
      .map((t) => (typeof t === 'number' ? full(one, t, { dtype: dtypeFor(t, x) }) : t))
    let y = parts.length > 1 ? concat(parts, a) : x
    for (let i = 0; i < n; i++) {
      const [low, high] = [along(y, a, FIRSTS), along(y, a, LASTS)]
      y = y.dtype === 'bool' ? high.ne(low) : high.sub(low)
    }
    return y
  })
}

/** Whether each element differs from the one before it along `axis`; the first counts as different. */
export function changes(x: Tensor, axis: number): Tensor {
  const behind = x.shape.map((_, i) => (i === axis ? LASTS : slice()))
  return spread(along(x, axis, LASTS).ne(along(x, axis, FIRSTS)), x.shape, behind, 1)
}

/**
 * ∫ y dx along `axis` by the trapezoidal rule: Σ ½ (y_i + y_(i+1)) (x_(i+1) − x_i).
 * @param x where y was taken: a tensor that broadcasts against y, or of the axis' length alone; or the distance of neighbours. Default 1
 */
export function trapezoid(y: Tensor, x: Tensor | number = 1, axis = -1): Tensor {
  requireTensor('trapezoid', 'y', y)
  if (typeof x !== 'number') requireTensor('trapezoid', 'x', x)
  const a = checkAxis('trapezoid', axis, y)
  return tidy(() => {
    const lies = typeof x !== 'number' && x.ndim === 1 ? reshape(x, [-1, ...y.shape.slice(a + 1).fill(1)]) : x
    const width = typeof lies === 'number' ? lies : diff(lies, a - y.ndim)
    return along(y, a, FIRSTS)
      .add(along(y, a, LASTS))
      .mul(0.5)
      .mul(width)
      .sum(a)
  })
}
