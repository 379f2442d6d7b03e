// A case of an op on other shapes, dtypes and layouts than it was written for: what property tests are made of.

import { tensor } from '../create.ts'
import type { DType } from '../dtype.ts'
import { isFloating } from '../dtype.ts'
import { DTypeError, ShapeError } from '../errors.ts'
import { tidy } from '../memory/scope.ts'
import { memoryStats } from '../memory/storage.ts'
import { type Shape, sizeOf } from '../shape.ts'
import { bitsOf, Tensor } from '../tensor.ts'
import { type Checked, type CheckOptions, type InputSpec, withBackend } from '../testing.ts'

/** Chooses a whole number from 0 to before `below`: the only source of variation. */
export type Pick = (below: number) => number

const LENGTHS: readonly number[] = [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17]

/** A tensor that is no contiguous one perhaps, and the memory that it looks at. */
interface Viewed {
  readonly x: Tensor
  readonly memory: Tensor
}

/** What memory holds beside the elements of a view: seen in a result, it says that a kernel read beyond. */
const FILLER = 77

/** Another length for each length that the inputs of a case have, the same for all of them; empty axes stay empty. */
function renamed(pick: Pick): (n: number) => number {
  const lengths = new Map([[0, 0]])
  return (n) => {
    if (!lengths.has(n)) lengths.set(n, pick(2) === 0 ? n : LENGTHS[pick(LENGTHS.length)])
    return lengths.get(n) as number
  }
}

/** Positions along an axis stay such when the axis gets another length. */
function rangeOf({ range = [-2, 2], dtype }: InputSpec, specs: readonly InputSpec[], rename: (n: number) => number) {
  const isLength = (n: number): boolean => n > 0 && specs.some(({ shape }) => shape.includes(n))
  if (dtype !== 'int32' || !isLength(range[1])) return range
  return [range[0] === -range[1] ? -rename(range[1]) : range[0], rename(range[1])] as const
}

/** What a view is to be. */
interface Wanted {
  readonly spec: InputSpec
  readonly shape: Shape
  readonly dtype: DType
  readonly range: readonly [number, number]
  readonly repeats: boolean
}

/** A view of some layout: axes in any order in memory, with steps of any sign, repeated, and from anywhere on. */
function makeView({ spec, shape, dtype, range, repeats: mayRepeat }: Wanted, pick: Pick): Viewed {
  const order = shape.map((_, i) => i)
  for (let i = order.length - 1; i > 0; i--) {
    const j = pick(3) === 0 ? pick(i + 1) : i
    const t = order[i]
    order[i] = order[j]
    order[j] = t
  }
  const strides = new Array<number>(shape.length)
  const offset = pick(3) === 0 ? pick(4) : 0
  let [first, size] = [offset, 1]
  for (const axis of order.reverse()) {
    const n = Math.max(1, shape[axis])
    const step = pick(4)
    // Most axes follow each other without a gap; the others are repeated, reversed, or have every second place.
    const repeats = mayRepeat && step === 1 && !spec.special && n > 1 && pick(3) === 0
    strides[axis] = repeats ? 0 : step === 2 && pick(2) ? -size : step === 3 && pick(2) ? 2 * size : size
    if (strides[axis] < 0) first += (n - 1) * size
    if (!repeats) size *= n * (Math.abs(strides[axis]) / size)
  }
  const values = new Float64Array(offset + size + 3).fill(FILLER)
  const [low, high] = range
  let k = 0
  const walk = (d: number, at: number): void => {
    if (d < shape.length) {
      for (let i = 0; i < shape[d]; i++) walk(d + 1, at + i * strides[d])
      return
    }
    const u = low + ((high - low) * pick(4096)) / 4096
    const special = spec.special?.[k++]
    values[at] = special ?? (isFloating(dtype) ? Math.fround(u) : Math.floor(u))
  }
  walk(0, first)
  const memory = tensor(values, { dtype })
  return { memory, x: new Tensor(memory.storage, dtype, Object.freeze([...shape]), strides, first) }
}

/** What a run gives, or what refuses it: a typed error, or a slip of the case itself, which was written for other shapes. */
function attempt(run: () => Tensor): Tensor | Error {
  try {
    return run()
  } catch (error) {
    const isTyped = error instanceof ShapeError || error instanceof DTypeError || error instanceof RangeError
    if (isTyped || (error instanceof TypeError && /\/cases\//.test(error.stack?.split('\n')[1] ?? ''))) return error
    throw error
  }
}

/** @throws Error unless both are refused alike, or agree within the case's tolerance. */
function assertAlike(
  what: string,
  got: Tensor | Error,
  want: Tensor | Error,
  c: Checked,
  inputs: readonly Viewed[],
): void {
  if (got instanceof Error || want instanceof Error) {
    if (got.constructor === want.constructor) return
    throw new Error(`${what}: ${describe(got)} against ${describe(want)}`)
  }
  if (got.dtype !== want.dtype || String(got.shape) !== String(want.shape)) {
    throw new Error(`${what}: ${describe(got)} against ${describe(want)}`)
  }
  const [a, b] = [got.data(), want.data()]
  // A sum's error is counted in units of its largest term, which may be the largest input.
  const unit =
    2 ** (got.dtype === 'float64' ? -52 : got.dtype === 'float16' ? -10 : got.dtype === 'bfloat16' ? -7 : -23)
  const ulp = 4 * Math.max(c.ulp, 4)
  const largest = Math.max(1, ...inputs.map(({ x }) => (isFloating(x.dtype) ? magnitude(x) : 1)))
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i] || (Number.isNaN(a[i]) && Number.isNaN(b[i]))) continue
    const allowed = ulp * unit * Math.max(Math.abs(b[i]), largest) + 4 * (c.atol ?? 0)
    if (!isFloating(got.dtype)) throw new Error(`${what}: element ${i} is ${a[i]} against ${b[i]}`)
    if (!(Math.abs(Number(a[i]) - Number(b[i])) <= allowed)) {
      throw new Error(`${what}: element ${i} of ${describe(got)} is ${a[i]} against ${b[i]}`)
    }
  }
}

const magnitude = (x: Tensor): number =>
  Array.from(x.data()).reduce((most, v) => (Math.abs(v) > most && Number.isFinite(v) ? Math.abs(v) : most), 0)

const describe = (x: Tensor | Error): string => (x instanceof Error ? String(x) : `${x.dtype} [${x.shape}]`)

export interface VariationOptions extends CheckOptions {
  /** Whether lengths are changed too. Default true. */
  readonly shapes?: boolean
  /** Whether axes may be repeated, with steps of 0. Default true. */
  readonly repeats?: boolean
}

/**
 * Checks a case on other shapes, dtypes and layouts: the same from views as from contiguous copies, the same on both
 * backends, memory of the inputs left as it was, no storage left behind. Whether a result was compared: false where all
 * refuse what came out.
 * @throws Error that says what differs
 */
export function checkVariation(
  c: Checked,
  { js, shapes: isReshaped = true, repeats = true }: VariationOptions,
  pick: Pick,
): boolean {
  const dtype = c.dtypes[pick(c.dtypes.length)]
  const rename = isReshaped ? renamed(pick) : (n: number) => n
  const shapes = c.inputs.map(({ shape }) => shape.map(rename))
  if (shapes.some((shape) => sizeOf(shape) > 5000)) return false
  const views = tidy(() =>
    c.inputs.map((spec, i) =>
      makeView(
        { spec, shape: shapes[i], dtype: spec.dtype ?? dtype, range: rangeOf(spec, c.inputs, rename), repeats },
        pick,
      ),
    ),
  )
  const what = `${c.name} ${dtype} on ${views.map(({ x }) => `[${x.shape}] with steps [${x.strides}]`).join(' and ')}`
  const before = views.map(({ memory }) => bitsOf(memory))
  const compare = (): boolean =>
    tidy(() => {
      const inputs = views.map(({ x }) => x)
      const wasm = attempt(() => c.run(...inputs))
      assertAlike(
        `${what}: views against copies`,
        wasm,
        attempt(() => c.run(...inputs.map((x) => x.copy()))),
        c,
        views,
      )
      const twin = withBackend(js, () => attempt(() => c.run(...inputs)))
      assertAlike(`${what}: wasm against js`, wasm, twin, c, views)
      views.forEach(({ memory }, i) => {
        const now = bitsOf(memory)
        for (let k = 0; k < now.length; k++) {
          if (!Object.is(now[k], before[i][k])) throw new Error(`${what}: input ${i} was changed at ${k}`)
        }
      })
      return wasm instanceof Tensor
    })
  let [compared, left] = [false, 1]
  // Constants that are kept once made are no leak: only what grows with every run is.
  for (let run = 0; run < 3 && left > 0; run++) {
    const storages = memoryStats().storages
    compared = compare()
    left = memoryStats().storages - storages
  }
  if (left > 0) throw new Error(`${what}: ${left} storages are left behind`)
  for (const { memory } of views) memory.dispose()
  return compared
}
