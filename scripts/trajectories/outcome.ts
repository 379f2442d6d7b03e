// What became of a recorded case, and the comparisons that decide it.

/** A case that was run. */
export interface Outcome {
  readonly id: string
  /** Why it failed; null when it passed. */
  readonly failure: string | null
}

/** A value as JSON gives it. */
// biome-ignore lint/suspicious/noExplicitAny: what a file holds is looked at field by field
export type Json = any

export class Mismatch extends Error {}

/** Runs a check. */
export function outcomeOf(id: string, check: () => void): Outcome {
  try {
    check()
    return { id, failure: null }
  } catch (error) {
    const { name, message } = error as Error
    return { id, failure: error instanceof Mismatch ? message : `${name}: ${message}` }
  }
}

/**
 * Calls `use` with the fields of a record.
 * @throws Mismatch when it leaves one unread: content that nobody understands has failed
 */
export function reading<R>(record: Json, use: (fields: Json) => R, needless: readonly string[] = []): R {
  if (typeof record !== 'object' || record === null) throw new Mismatch(`${JSON.stringify(record)} is not a record`)
  const read = new Set<PropertyKey>([...needless, 'note', 'source', 'set', 'schema'])
  const result = use(
    new Proxy(record, {
      get: (target, name) => {
        read.add(name)
        return Reflect.get(target, name)
      },
      ownKeys: (target) => {
        for (const name of Reflect.ownKeys(target)) read.add(name)
        return Reflect.ownKeys(target)
      },
    }),
  )
  const unread = Object.keys(record).filter((name) => !read.has(name))
  if (unread.length > 0) throw new Mismatch(`nothing reads ${unread.join(', ')}`)
  return result
}

/** What JSON lacks: non-finite numbers as Python writes them. */
const numberOf = (x: unknown): number =>
  x === 'inf' ? Number.POSITIVE_INFINITY : x === '-inf' ? Number.NEGATIVE_INFINITY : Number(x)

/** All numbers of nested lists, typed arrays and booleans, in order. */
export function flat(x: unknown): number[] {
  if (ArrayBuffer.isView(x)) return Array.from(x as unknown as ArrayLike<number>, Number)
  if (Array.isArray(x)) return x.flatMap(flat)
  return [numberOf(x)]
}

/** @throws Mismatch unless both are the same numbers within `tolerance`, absolutely and relative to the larger one */
export function close(what: string, got: unknown, want: unknown, tolerance = 1e-9): void {
  const [a, b] = [flat(got), flat(want)]
  if (a.length !== b.length) throw new Mismatch(`${what}: ${a.length} numbers, not ${b.length}`)
  a.forEach((x, i) => {
    const isClose = Math.abs(x - b[i]) <= tolerance * (1 + Math.abs(b[i])) || x === b[i]
    if (!isClose) throw new Mismatch(`${what}${a.length > 1 ? `[${i}]` : ''}: got ${x}, want ${b[i]}`)
  })
}

/** @throws Mismatch unless both are the same to the last bit once rounded to float32 */
export function sameFloat32(what: string, got: unknown, want: unknown): void {
  close(what, flat(got), flat(want).map(Math.fround), 0)
}

/** @throws Mismatch unless both are the same */
export function same(what: string, got: unknown, want: unknown): void {
  const [a, b] = [got, want].map((x) => JSON.stringify(x, (_, v) => (ArrayBuffer.isView(v) ? flat(v) : v)))
  if (a !== b) throw new Mismatch(`${what}: got ${a}, want ${b}`)
}

/** Options under our names: success_rate is successRate. */
export const camelCase = (record: Json): Record<string, Json> =>
  Object.fromEntries(Object.entries(record).map(([name, v]) => [name.replace(/_(\w)/g, (_, c) => c.toUpperCase()), v]))
