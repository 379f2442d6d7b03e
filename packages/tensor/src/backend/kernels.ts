// Kernels by name: which function runs under a name depends on the backend in force, and is looked up once.
import { DTYPES, type DType, ITEM_SIZE, SUFFIX } from '../dtype.ts'

/** A function over addresses, sizes and numbers; its last two arguments are the share `[begin, end)` of the work. */
export type KernelFunction = (...args: number[]) => number | void

/** The kernels of one module under their names; `js` backends are such tables of twins. */
export interface KernelTable {
  readonly module: string
  readonly kernels: Readonly<Record<string, KernelFunction>>
}

/** A kernel module as it ships. */
export interface KernelModule {
  /** The package, whose `./kernels.wasm` has the kernels of all its modules. */
  readonly name: string
  /** The strict build and, where there is one, the relaxed build as packed texts (see unpack.ts). */
  readonly strict: readonly string[]
  readonly relaxed?: readonly string[]
}

/** A kernel under its name. `run` (launch.ts) calls it. */
export interface Kernel {
  readonly module: KernelModule
  readonly name: string
  /** Takes a private workspace as the argument before `begin`. */
  readonly scratch: boolean
  /** Every share repeats a preparation: there are to be as few shares as threads. */
  readonly coarse: boolean
  /** What runs, under the present backend; null until it is asked for. */
  fn: KernelFunction | null
  /** Number that workers know `fn` by; -1 if they do not. */
  id: number
}

/** Every module made known so far, and its kernels by name. */
export const registered: Map<KernelModule, Map<string, Kernel>> = new Map()

/** One kernel per dtype; which of them a module has, the op's record says (`native`). */
export type KernelFamily = Readonly<Record<DType, Kernel>>

export interface FamilyOptions {
  /** Takes a workspace. Default false. */
  scratch?: boolean
  /** Each share of the work repeats a preparation. Default false. */
  coarse?: boolean
  /** Moves elements without computing: one kernel per element width instead of one per dtype. Default false. */
  bits?: boolean
  /** Where the kernels of some dtypes come from, if from elsewhere. */
  apart?: Partial<Record<DType, KernelMaker['kernel']>>
}

/** Makes a kernel when its dtype is first asked for: a program needs few of them, and all would take part of its start. */
class Family {
  readonly of: (dtype: DType) => Kernel
  constructor(of: (dtype: DType) => Kernel) {
    this.of = of
  }
}
for (const dtype of DTYPES) {
  Object.defineProperty(Family.prototype, dtype, {
    get(this: Family): Kernel {
      const value = this.of(dtype)
      Object.defineProperty(this, dtype, { value })
      return value
    },
  })
}

/** Names kernels of one module. */
export interface KernelMaker {
  kernel(name: string, options?: FamilyOptions): Kernel
  family(name: string, options?: FamilyOptions): KernelFamily
}

/**
 * Makes a module known and names its kernels; it is compiled when the first of them is used. A bundler leaves a module
 * out of a page that uses none of its kernels: this and what it makes have no side effects that anyone would miss.
 */
export function kernelsOf(module: KernelModule): KernelMaker {
  const kernels = new Map<string, Kernel>()
  registered.set(module, kernels)
  const kernel = (name: string, { scratch = false, coarse = false }: FamilyOptions = {}): Kernel => {
    const made = kernels.get(name) ?? { module, name, scratch, coarse, fn: null, id: -1 }
    kernels.set(name, made)
    return made
  }
  const family = (name: string, options: FamilyOptions = {}): KernelFamily => {
    const of = (dtype: DType): Kernel =>
      (options.apart?.[dtype] ?? kernel)(
        `${name}_${options.bits ? `b${8 * ITEM_SIZE[dtype]}` : SUFFIX[dtype]}`,
        options,
      )
    return new Family(of) as unknown as KernelFamily
  }
  return { kernel, family }
}

/** Kernels for the floating dtypes alone. */
export type FloatingKernels = Pick<KernelFamily, 'float32' | 'float64'>

/** Kernels whose float64 form has a module of its own, so that nobody compiles it in vain. */
export function floatingFamily(
  float32: KernelMaker,
  float64: KernelMaker,
  name: string,
  options: FamilyOptions = { scratch: true },
): FloatingKernels {
  return { float32: float32.kernel(`${name}_f32`, options), float64: float64.kernel(`${name}_f64`, options) }
}
