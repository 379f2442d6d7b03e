// What an adapter is: a recorded op in terms of the library.
import type { Tensor } from '@x/tensor'
import type { Case, Precision, Recorded } from '../read.ts'

export type Inputs = Readonly<Record<string, Tensor>>

export type Args = Case['args']

export interface Context {
  /** dtype of the floating inputs. */
  readonly dtype: Precision
  /** What was recorded, for ops whose meaning it decides. */
  readonly outputs: readonly Recorded[]
}

/** Computes what was recorded, from inputs under their recorded names. Whatever it does not read counts as ignored. */
export type Op = (inputs: Inputs, args: Args, context: Context) => Tensor | readonly Tensor[]

/** A family with cases of its own form: checks one of them. @throws Error when it disagrees */
export interface Check {
  check(c: Case, precision: Precision): void
}

/** A family whose cases read files, which gives promises: checks one of them and frees what it read. */
export interface Reading {
  read(c: Case, precision: Precision): Promise<void>
}

/** Recorded op names and what they are here. An op that is not in the table is unknown, which counts as failed. */
export type Table = Readonly<Record<string, Op | Check | Reading>>

/** Runs `fn` with the arguments. @throws Error when it leaves one of them unread: an option silently ignored */
export function readingAll<T extends object, R>(given: T, fn: (watched: T) => R, needless: readonly string[] = []): R {
  const read = new Set<PropertyKey>(needless)
  const watched = new Proxy(given, {
    get: (target, name) => {
      read.add(name)
      return Reflect.get(target, name)
    },
    ownKeys: (target) => {
      for (const name of Reflect.ownKeys(target)) read.add(name)
      return Reflect.ownKeys(target)
    },
  })
  const result = fn(watched)
  const ignored = Object.entries(given).filter(([name, value]) => value !== null && !read.has(name))
  if (ignored.length > 0) throw new Error(`the library has no such option: ${ignored.map(([name]) => name).join(', ')}`)
  return result
}
