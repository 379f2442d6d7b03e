// @x/tensor/testing: checks for those who write ops, without a test framework: a failure is an Error that says what differs.
import { backendName, setBackend } from './backend/backend.ts'
import type { KernelTable } from './backend/kernels.ts'
import { threadsStatus } from './backend/threads.ts'
import { tensor, type Values } from './create.ts'
import { type DType, isFloating } from './dtype.ts'
import { dispose, tidy } from './memory/scope.ts'
import { memoryStats } from './memory/storage.ts'
import { Generator } from './random.ts'
import { type Shape, show, sizeOf } from './shape.ts'
import { type NestedArray, Tensor } from './tensor.ts'

export type { OpCase, OpCases } from './cases/case.ts'
export { tensorCases } from './cases/index.ts'

/** How an input of a case is made. */
export interface InputSpec {
  readonly shape: Shape
  /** Default: the dtype the case runs in. */
  readonly dtype?: DType
  /** Values are uniform in this range, or with an integer dtype whole numbers from it. Default [−2, 2]. */
  readonly range?: readonly [number, number]
  /** Written over the first elements: NaN, infinities, zeros of both signs. */
  readonly special?: readonly number[]
  /** Seen through a view of the same shape that is not contiguous. Default false. */
  readonly strided?: boolean
}

/** A tensor after the description. The same seed gives the same values. */
export function makeInput(spec: InputSpec, dtype: DType, seed: number): Tensor {
  const kind = spec.dtype ?? dtype
  const [low, high] = spec.range ?? [-2, 2]
  const n = sizeOf(spec.shape)
  const generator = new Generator(seed)
  const words = generator.words(Math.max(1, n))
  generator.dispose()
  const integral = !isFloating(kind)
  const values = Float64Array.from({ length: n }, (_, i) => {
    const u = low + ((high - low) * (words[i] >>> 8)) / 2 ** 24
    return integral ? Math.floor(u) : Math.fround(u)
  })
  spec.special?.forEach((v, i) => {
    if (i < n) values[i] = v
  })
  const made = tensor(values, { shape: spec.shape, dtype: kind })
  if (!spec.strided || made.ndim === 0) return made
  // The last axis first in memory, and every second element of it unused.
  const last = made.ndim - 1
  const wide = made
    .transpose(0, last)
    .unsqueeze(made.ndim)
    .expand([...made.transpose(0, last).shape, 2])
    .copy()
  return wide.at('...', 0).transpose(0, last)
}

/**
 * The largest distance, in units of the last place of `want` for its dtype; NaN equals NaN, and infinities themselves.
 * Integers are the same or infinitely far apart.
 */
export function ulpDistance(got: Tensor, want: Tensor): { ulp: number; at: number } {
  const a = got.data()
  const b = want.data()
  const digits = got.dtype === 'float64' ? 52 : 23
  const least = got.dtype === 'float64' ? 2 ** -1022 : 2 ** -126
  let worst = { ulp: 0, at: -1 }
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i] || (Number.isNaN(a[i]) && Number.isNaN(b[i]))) continue
    if (!isFloating(got.dtype)) return { ulp: Number.POSITIVE_INFINITY, at: i }
    const unit = 2 ** (Math.floor(Math.log2(Math.max(Math.abs(b[i]), least))) - digits)
    const ulp = Math.abs(a[i] - b[i]) / unit
    if (!(ulp <= worst.ulp)) worst = { ulp: Number.isNaN(ulp) ? Number.POSITIVE_INFINITY : ulp, at: i }
  }
  return worst
}

/** @throws Error unless shapes and dtypes agree and every element is within `ulp` units or `atol`. */
export function assertClose(what: string, got: Tensor, want: Tensor, ulp: number, atol = 0): void {
  if (show(got.shape) !== show(want.shape) || got.dtype !== want.dtype) {
    throw new Error(`${what}: got ${got.dtype} ${show(got.shape)}, want ${want.dtype} ${show(want.shape)}`)
  }
  const worst = ulpDistance(got, want)
  if (worst.ulp <= ulp) return
  const a = got.data()
  const b = want.data()
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i] || (Number.isNaN(a[i]) && Number.isNaN(b[i])) || Math.abs(Number(a[i]) - Number(b[i])) <= atol)
      continue
    const one = ulpDistance(tensor([a[i]], { dtype: got.dtype }), tensor([b[i]], { dtype: got.dtype })).ulp
    if (!(one <= ulp))
      throw new Error(`${what}: element ${i} is ${a[i]}, want ${b[i]} (${one.toFixed(1)} ulp, allowed ${ulp})`)
  }
}

/** @throws Error unless the tensors agree to the last bit. */
export function assertSame(what: string, got: Tensor, want: Tensor): void {
  assertClose(what, got, want, 0)
}

/** @throws Error when a second run of `fn` leaves storages behind (the first may make constants that are kept). */
export function assertNoLeak(what: string, fn: () => void): void {
  tidy(fn)
  const before = memoryStats().storages
  tidy(fn)
  const left = memoryStats().storages - before
  if (left !== 0) throw new Error(`${what}: ${left} storages are left behind`)
}

/** An application of an op to check. */
export interface Checked {
  readonly name: string
  readonly inputs: readonly InputSpec[]
  readonly run: (...inputs: Tensor[]) => Tensor
  /** dtypes the case runs in. */
  readonly dtypes: readonly DType[]
  /** Units in the last place by which the backends may differ; a sum's units are of its largest term. */
  readonly ulp: number
  /** Absolute difference that is always allowed. Default 0. */
  readonly atol?: number
  /** What `run` gives for `values.inputs`, from the definition or a recording. */
  readonly values?: { readonly inputs: readonly Values[]; readonly want: NestedArray }
}

export interface CheckOptions {
  /** Tables of the pure-JS backend to compare with. */
  readonly js: readonly KernelTable[]
}

/**
 * Checks one case: recorded values on both backends, the backends against each other, inputs left as they were, no
 * storage left behind.
 */
export function checkOp(c: Checked, { js }: CheckOptions): void {
  for (const dtype of c.dtypes) {
    const what = `${c.name} ${dtype}`
    assertNoLeak(what, () => {
      const inputs = c.inputs.map((spec, i) => makeInput(spec, dtype, i + 1))
      const before = inputs.map((x) => x.data())
      const wasm = c.run(...inputs)
      const reference = withBackend(js, () => c.run(...inputs))
      assertClose(`${what}: wasm against js`, wasm, reference, c.ulp, c.atol)
      inputs.forEach((x, i) => {
        if (x.data().some((v, k) => !Object.is(v, before[i][k]))) throw new Error(`${what}: input ${i} was changed`)
      })
    })
    checkValues(what, c, dtype, js)
  }
}

function checkValues(what: string, c: Checked, dtype: DType, js: readonly KernelTable[]): void {
  const { values } = c
  if (!values) return
  const check = (backend: string) => (): void => {
    const got = c.run(...values.inputs.map((v, i) => tensor(v, { dtype: c.inputs[i]?.dtype ?? dtype })))
    assertClose(
      `${what}: ${backend} against recorded values`,
      got,
      tensor(values.want, { dtype: got.dtype }),
      Math.max(c.ulp, 4),
      c.atol ?? 1e-15,
    )
  }
  tidy(check('wasm'))
  withBackend(js, () => tidy(check('js')))
}

/** Runs `fn` on the pure-JS backend. */
export function withBackend<T>(tables: readonly KernelTable[], fn: () => T): T {
  const before = backendName()
  const [first, ...rest] = tables
  setBackend(first, ...rest)
  try {
    return fn()
  } finally {
    if (before === 'wasm') setBackend('wasm')
  }
}

/**
 * Checks that a case gives the same bits with the threads that run now as with one.
 * @param large inputs big enough to be split
 */
export async function checkThreads(
  c: Checked,
  large: readonly InputSpec[],
  setNumThreads: (n: number) => Promise<number>,
): Promise<void> {
  const count = threadsStatus().threads
  for (const dtype of c.dtypes) {
    const inputs = large.map((spec, i) => makeInput(spec, dtype, i + 1))
    const many = c.run(...inputs)
    await setNumThreads(1)
    const one = c.run(...inputs)
    await setNumThreads(count)
    assertSame(`${c.name} ${dtype}: ${count} threads against one`, many, one)
    dispose([inputs, many, one])
  }
}

/** @throws Error unless `fn` throws an error of this kind whose message has the text. */
export function assertThrows(
  what: string,
  fn: () => unknown,
  kind: new (...args: never[]) => Error,
  text: string,
): void {
  let value: unknown
  try {
    value = fn()
  } catch (error) {
    if (error instanceof kind && error.message.includes(text)) return
    throw new Error(`${what}: threw ${String(error)}, not a ${kind.name} with '${text}'`, { cause: error })
  }
  throw new Error(
    `${what}: gave ${value instanceof Tensor ? show(value.shape) : String(value)} instead of a ${kind.name}`,
  )
}
