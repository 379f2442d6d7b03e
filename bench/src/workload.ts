// What a workload is: one record with its data and everybody's way of doing it.
import type { Tensor } from '@x/tensor'
import type { HostArray, Random } from './hostArray.ts'

/** Tables of the report, in this order. */
export const SECTIONS = {
  small: 'Small tensors, per operation',
  elementwise: 'Elementwise',
  rows: 'Reductions, softmax, norms, moving data',
  sorting: 'Sorting, searching, running folds',
  matmul: 'Matrix products',
  conv: 'Convolution and pooling',
  linalg: 'Linear algebra, Fourier transforms',
  training: 'Losses, optimisers, training steps',
  language: 'Language models',
  text: 'Text to ids',
} as const
export type Section = keyof typeof SECTIONS

/** Lengths that a workload is made for: of one axis, or m, k, n, or whatever its `data` makes of them. */
export type Size = readonly number[]

/** Peers have no types here: they are installed on demand. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Foreign = any

/** Something with state: started once, then stepped. It is started with the data, and may look at the size. */
export interface Steps<Step> {
  readonly start: Step
}

/** Work that `step` does on `args`; `read` gives what is compared where that is not the step's result. */
export interface Program<T> {
  step(...args: T[]): T | readonly T[] | void
  readonly args?: readonly T[]
  read?(): T | readonly T[]
  /** Frees what the start made, where that is much. */
  close?(): void
}

type Given<K extends string, T> = Readonly<Record<K, T>>
type Own<K extends string> =
  | ((x: Given<K, Tensor>) => Tensor | readonly Tensor[])
  | Steps<(x: Given<K, Tensor>, size: Size) => Program<Tensor>>
type Theirs<K extends string> =
  | ((library: Foreign, x: Given<K, Foreign>) => Foreign)
  | Steps<(library: Foreign, x: Given<K, Foreign>) => Program<Foreign>>

/** One workload in one or several sizes. Who cannot do it is left out. */
export interface Definition<K extends string> {
  readonly name: string
  /** Table of the large sizes. */
  readonly section: Exclude<Section, 'small'>
  /** At most 100 elements or so: measures our overhead per operation. */
  readonly small?: Size
  readonly large?: Size | readonly Size[]
  /** What the tests run. Default: the small size. */
  readonly tiny?: Size
  readonly data: (random: Random, size: Size) => Given<K, HostArray>
  readonly ours: Own<K>
  /** Plain JavaScript by hand, on typed arrays. */
  readonly hand?: Steps<(x: Given<K, HostArray>) => Program<Float32Array>>
  readonly tfjs?: Theirs<K>
  readonly jax?: Theirs<K>
  readonly numpy?: Theirs<K>
  readonly mlMatrix?: Theirs<K>
  readonly huggingFace?: Theirs<K>
  /** What llama.cpp is to do: the file of a model, and a prompt. */
  readonly wllama?: Steps<(x: Given<K, HostArray>, size: Size) => Foreign>
  /** Builds the nodes of a graph from the names of its inputs, and returns the name of the result; or makes its own model. */
  readonly ort?:
    | ((graph: Foreign, x: Given<K, string>) => string)
    | Steps<(library: Foreign, x: Given<K, HostArray>, size: Size) => Promise<Program<Foreign>>>
  /** Arithmetic operations of one run, where a share of the machine's peak means something. */
  readonly flops?: (size: Size) => number
  /** Bytes that one run must read or write. */
  readonly bytes?: (size: Size) => number
  /** Largest error that passes, relative to the largest magnitude of the result. Default 2e-5. */
  readonly tolerance?: number
  /** The shape of the result depends on values: it cannot be compiled. */
  readonly dynamic?: true
  /** Takes seconds, and hundreds of megabytes: it runs where --only names it, or with --slow; and never in plain JS. */
  readonly slow?: true
  /** The result is random: only its mean and deviation are compared, to within 5 %. */
  readonly random?: true
  /** How many times faster than the best Wasm peer it should be (KERNELS.md, Targets); undefined where nothing is promised. */
  readonly target?: (size: Size) => number | undefined
  /** How many times faster it should be than the row of the same size that another definition has. */
  readonly gain?: { readonly than: string; readonly target: number }
}

/** A workload in one size. */
export interface Workload extends Omit<Definition<string>, 'section' | 'small' | 'large' | 'tiny' | 'name'> {
  readonly id: string
  readonly section: Section
  readonly size: Size
}

/** Checks that a record's names fit together; returns it for the list. */
export function define<K extends string>(definition: Definition<K>): Definition<string> {
  return definition as unknown as Definition<string>
}

/** 1000000 → 1e6, others as they are. */
const short = (n: number): string =>
  n >= 1e4 && /^[1-9]0+$/.test(String(n)) ? `${String(n)[0]}e${String(n).length - 1}` : String(n)

/** The rows of the report that come from one definition. */
export function rowsOf(definition: Definition<string>): Workload[] {
  const { name, section, small, large = [], tiny: _, ...rest } = definition
  const sizes = (typeof large[0] === 'number' ? [large] : large) as readonly Size[]
  const row = (size: Size, where: Section): Workload => ({
    ...rest,
    id: [name, size.map(short).join('x')].join(' ').trim(),
    section: where,
    size,
  })
  return [...(small ? [row(small, 'small')] : []), ...sizes.map((size) => row(size, section))]
}

/** The row that the tests run. */
export function tinyRow(definition: Definition<string>): Workload {
  const size = definition.tiny ?? definition.small
  if (!size) throw new Error(`${definition.name}: has neither a tiny nor a small size`)
  return rowsOf({ ...definition, small: undefined, large: size })[0]
}
