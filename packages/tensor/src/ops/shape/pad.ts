// Surrounding a tensor: with a constant, or with its own elements mirrored, repeated or stretched.
import { tensor } from '../../create.ts'
import { ShapeError } from '../../errors.ts'
import { tidy } from '../../memory/scope.ts'
import { optionsOf, requireOneOf } from '../../options.ts'
import { requireTensor } from '../../record.ts'
import { show } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { takeFor } from '../indexing/indexing.ts'
import { along, basic, type Slice, slice, spreadOp, windowed } from '../indexing/window.ts'
import { concat } from './concat.ts'

/**
 * What stands beside [a b c]:
 * `constant` 0 0 | a b c | 0 0, `edge` (or `replicate`) a a | a b c | c c, `reflect` c b | a b c | b a,
 * `symmetric` b a | a b c | c b, `wrap` (or `circular`) b c | a b c | a b.
 */
export type PadMode = 'constant' | 'edge' | 'replicate' | 'reflect' | 'symmetric' | 'wrap' | 'circular'

export interface PadOptions {
  /** Default constant. */
  mode?: PadMode
  /** What a constant pads with. Default 0. */
  value?: number
}

/** [before, after] for each axis, in order; one such pair, or one number for both sides, holds for all axes. */
export type PadWidths = number | readonly [number, number] | readonly (readonly [number, number])[]

interface Border {
  /** The position in [0, n) that stands at position i of an axis of length n. */
  readonly source: (i: number, n: number) => number
  /** By how much the longest border is shorter than the axis; −∞ for no limit. */
  readonly short: number
}

const edge: Border = { source: (i, n) => Math.min(Math.max(i, 0), n - 1), short: Number.NEGATIVE_INFINITY }
const wrap: Border = { source: (i, n) => (i + n) % n, short: 0 }
const BORDERS: Readonly<Record<string, Border>> = {
  edge,
  replicate: edge,
  wrap,
  circular: wrap,
  reflect: { source: (i, n) => n - 1 - Math.abs(n - 1 - Math.abs(i)), short: 1 },
  symmetric: { source: (i, n) => (i < 0 ? -1 - i : Math.min(i, 2 * n - 1 - i)), short: 0 },
}

/**
 * `x` surrounded on each axis. Negative widths cut off instead, and what they cut off is not wrapped around.
 * @param widths see `PadWidths`
 * @param options the mode, and the value of constants; a number alone is that value
 * @throws ShapeError unless the widths are whole numbers, a pair for each axis; RangeError for an unknown mode, or a border
 * that takes more of `x` than there is (reflect: up to n − 1, symmetric and wrap: up to n)
 * @example
 * import { pad, tensor } from '@x/tensor'
 * const x = tensor([1, 2, 3])
 * pad(x, [1, 2]).toArray() // [0, 1, 2, 3, 0, 0]
 * pad(x, 2, { mode: 'reflect' }).toArray() // [3, 2, 1, 2, 3, 2, 1]
 */
export function pad(x: Tensor, widths: PadWidths, options?: PadOptions | number): Tensor {
  const given = typeof options === 'number' ? { value: options } : options
  const { mode, value } = optionsOf<PadOptions & { mode: PadMode }>('pad', given, {
    mode: 'constant',
    value: undefined,
  })
  requireTensor('pad', 'x', x)
  const pairs = pairsOf(x, widths)
  if (mode === 'constant') {
    const part = pairs.some((w) => w[0] < 0 || w[1] < 0)
      ? windowed(x, basic(pairs.map((w, i) => inside(x.shape[i], w))))
      : x
    const window = part.shape.map((n, i) => slice(Math.max(0, pairs[i][0]), Math.max(0, pairs[i][0]) + n))
    const shape = x.shape.map((n, i) => n + pairs[i][0] + pairs[i][1])
    return pairs.some((w) => w[0] > 0 || w[1] > 0)
      ? spreadOp([part], { shape, of: basic(window), value: value ?? 0 })
      : part
  }
  requireOneOf('pad', 'mode', mode, ['constant', ...Object.keys(BORDERS)])
  if (value !== undefined) throw new RangeError(`pad: mode ${mode} takes no value`)
  return tidy(() => pairs.reduce((y, w, axis) => bordered(y, axis, w, mode), x))
}

/** What widths leave of an axis of length n. */
const inside = (n: number, [before, after]: readonly [number, number]): Slice =>
  slice(Math.max(0, -before), n - Math.max(0, -after))

/** One axis of `x` with a border of its own elements. */
function bordered(x: Tensor, axis: number, widths: readonly [number, number], mode: string): Tensor {
  const [before, after] = widths
  if (before === 0 && after === 0) return x
  const { source, short } = BORDERS[mode]
  const rest = along(x, axis, inside(x.shape[axis], widths))
  // What is cut off does not come around again.
  const whole = source === wrap.source ? rest : x
  const n = whole.shape[axis]
  const most = n && n - short
  if (before > most || after > most) {
    throw new RangeError(
      `pad: ${mode} pads an axis of length ${n} by at most ${most}, not by ${show(widths)}; pad in several steps`,
    )
  }
  const border = (from: number, count: number): Tensor[] => {
    if (count <= 0) return []
    const index = Int32Array.from({ length: count }, (_, i) => source(from + i, n))
    return [takeFor('pad', whole, tensor(index), axis)]
  }
  const parts = [...border(-before, before), rest, ...border(n, after)]
  return parts.length === 1 ? rest : concat(parts, axis)
}

function pairsOf(x: Tensor, widths: PadWidths): readonly (readonly [number, number])[] {
  const pair: unknown = typeof widths === 'number' ? [widths, widths] : widths
  const list: unknown = Array.isArray(pair) && typeof pair[0] === 'number' ? x.shape.map(() => pair) : pair
  const fits = (w: unknown, i: number): boolean =>
    Array.isArray(w) &&
    w.length === 2 &&
    w.every(Number.isInteger) &&
    Math.max(0, -w[0]) + Math.max(0, -w[1]) <= x.shape[i]
  if (Array.isArray(list) && list.length === x.ndim && list.every(fits)) return list
  throw new ShapeError(
    `pad: ${JSON.stringify(widths)} is not one pair of whole widths for each axis of ${show(x.shape)}`,
  )
}
