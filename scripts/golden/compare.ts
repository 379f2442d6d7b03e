// The rules by which a result agrees with a recorded one.
import type { DType, Tensor, TypedArray } from '@x/tensor'
import { type Deviation, DTYPES, type Precision, type Recorded, valuesOf } from './read.ts'

/** A result that differs from the recorded one. */
export class Mismatch extends Error {}

/** The largest |x − ref| allowed where the reference is `magnitude`. */
type Tolerance = (magnitude: number) => number

/** float64: 1e-10 · max|ref| + 1e-9 · |ref| + 1e-12. */
const float64Rule = (top: number): Tolerance => {
  return (magnitude) => 1e-12 + 1e-10 * top + 1e-9 * magnitude
}

/** float32 against float64: 8 · the deviation of torch + 2e-6 · max|ref| + 1e-5 · |ref|. */
const float32Rule = (top: number, deviation: Deviation): Tolerance => {
  const fixed = 8 * (Number(deviation.abs) || 0) + 2e-6 * top
  return (magnitude) => fixed + 1e-5 * magnitude
}

/** float32 against float32, special values among them: 1e-6 + 4e-5 · |ref|. */
const specialRule: Tolerance = (magnitude) => 1e-6 + 4e-5 * magnitude

/** What a result is compared with. */
export interface Reference {
  readonly recorded: Recorded
  /** Compare by the rule for float64; else by that for float32. */
  readonly exact: boolean
  /** For float32: without it, the rule for special values holds. */
  readonly deviation?: Deviation | null
  /** Flat positions that are not compared. */
  readonly skip?: readonly number[]
}

/** @throws Mismatch unless shape and values agree */
export function agree(what: string, got: Tensor, reference: Reference): void {
  const { recorded } = reference
  if (String(got.shape) !== String(recorded.shape)) {
    throw new Mismatch(`${what} has shape [${got.shape}], not [${recorded.shape}]`)
  }
  agreeValues(what, got.data(), valuesOf(recorded), reference)
}

/** @throws Mismatch unless the values agree. NaN is NaN, and −0 is 0. */
export function agreeValues(
  what: string,
  got: ArrayLike<number>,
  wanted: ArrayLike<number | bigint>,
  { exact, deviation, skip = [] }: Omit<Reference, 'recorded'>,
): void {
  if (got.length !== wanted.length) throw new Mismatch(`${what} has ${got.length} elements, not ${wanted.length}`)
  const top = largest(wanted)
  const tolerance = exact ? float64Rule(top) : deviation ? float32Rule(top, deviation) : specialRule
  for (let i = 0; i < wanted.length; i++) {
    const x = got[i]
    const want = Number(wanted[i])
    if (x === want || (Number.isNaN(x) && Number.isNaN(want)) || skip.includes(i)) continue
    if (!(Math.abs(x - want) <= tolerance(Math.abs(want)))) {
      throw new Mismatch(`${what}, element ${i}: got ${x}, want ${want}`)
    }
  }
}

/** @throws Mismatch unless integers or booleans are the same */
export function agreeExactly(what: string, got: Tensor, recorded: Recorded): void {
  if (String(got.shape) !== String(recorded.shape)) {
    throw new Mismatch(`${what} has shape [${got.shape}], not [${recorded.shape}]`)
  }
  const wanted = valuesOf(recorded)
  const values = got.data<TypedArray | BigInt64Array>()
  for (let i = 0; i < wanted.length; i++) {
    // int64 beyond 2^53 is compared as it is
    if (BigInt(values[i]) !== BigInt(wanted[i])) {
      throw new Mismatch(`${what}, element ${i}: got ${values[i]}, want ${wanted[i]}`)
    }
  }
}

/** The largest finite magnitude. */
function largest(values: ArrayLike<number | bigint>): number {
  let top = 0
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(Number(values[i]))
    if (magnitude < Number.POSITIVE_INFINITY && magnitude > top) top = magnitude
  }
  return top
}

export const isFloat = (recorded: Recorded): boolean => recorded.dtype === 'f32' || recorded.dtype === 'f64'

/** Where PyTorch has int64 whatever the input was (sums, positions), the library has int32 but for int64 inputs. */
const isInteger = (dtype: DType, recorded: string): boolean =>
  dtype === DTYPES[recorded] || (recorded === 'i64' && dtype === 'int32')

/**
 * @throws Mismatch unless the dtype is the recorded one: floating in the precision of the run, and int32 for int64
 */
export function agreeKind(what: string, got: Tensor, recorded: Recorded, precision: Precision): void {
  const { dtype } = got
  const fits = isFloat(recorded)
    ? dtype === precision || (recorded.dtype === 'f32' && dtype === 'float32')
    : isInteger(dtype, recorded.dtype)
  if (!fits) throw new Mismatch(`${what} has dtype ${dtype} where ${recorded.dtype} was recorded (${precision} run)`)
}
