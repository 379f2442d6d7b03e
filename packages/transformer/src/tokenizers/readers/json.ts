// Reading JSON that others wrote: every value says where it stands when it is not what it should be.
import { FormatError } from '@x/tensor/bytes'
import { fromUtf8 } from '../bytes.ts'

/** A value in a JSON file, and the path to it. */
export class Json {
  readonly value: unknown
  readonly path: string

  constructor(value: unknown, path: string) {
    this.value = value
    this.path = path
  }

  /** @throws FormatError for what is no JSON */
  static parse(given: string | Uint8Array | object, path: string): Json {
    if (typeof given === 'object' && !(given instanceof Uint8Array)) return new Json(given, path)
    try {
      return new Json(JSON.parse(typeof given === 'string' ? given : fromUtf8(given).replace(/^\ufeff/, '')), path)
    } catch (error) {
      throw new FormatError(`${path}: no JSON: ${(error as Error).message}`)
    }
  }

  fail(reason: string): never {
    throw new FormatError(`${this.path}: ${reason}`)
  }

  /** Whether there is a value that is not null. */
  get given(): boolean {
    return this.value !== undefined && this.value !== null
  }

  at(key: string | number): Json {
    const path = typeof key === 'number' ? `${this.path}[${key}]` : `${this.path}.${key}`
    const isThere = typeof this.value === 'object' && this.value !== null && Object.hasOwn(this.value, key)
    return new Json(isThere ? (this.value as Record<string | number, unknown>)[key] : undefined, path)
  }

  #expected(what: string): never {
    const { value } = this
    const shown = value === undefined ? 'missing' : `not ${JSON.stringify(value)?.slice(0, 60)}`
    this.fail(`${what} is wanted, ${value === undefined ? 'and it is missing' : shown}`)
  }

  /** An object that is no list. */
  object(): Record<string, unknown> {
    const { value } = this
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.#expected('an object')
    return value as Record<string, unknown>
  }

  list(): Json[] {
    if (!Array.isArray(this.value)) this.#expected('a list')
    return this.value.map((value, i) => new Json(value, `${this.path}[${i}]`))
  }

  string(fallback?: string): string {
    if (fallback !== undefined && !this.given) return fallback
    if (typeof this.value !== 'string') this.#expected('a text')
    return this.value
  }

  number(fallback?: number): number {
    if (fallback !== undefined && !this.given) return fallback
    if (typeof this.value !== 'number') this.#expected('a number')
    return this.value
  }

  /** A whole number that may be an id. */
  id(): number {
    if (!isId(this.value)) this.#expected('an id')
    return this.value
  }

  boolean(fallback?: boolean): boolean {
    if (fallback !== undefined && !this.given) return fallback
    if (typeof this.value !== 'boolean') this.#expected('true or false')
    return this.value
  }

  /** One of several texts. */
  oneOf<T extends string>(names: readonly T[], fallback?: T): T {
    if (fallback !== undefined && !this.given) return fallback
    if (!names.includes(this.value as T)) this.#expected(`one of ${names.join(', ')}`)
    return this.value as T
  }

  /** Names and ids. */
  vocabulary(): Map<string, number> {
    const vocabulary = new Map<string, number>()
    for (const [token, id] of Object.entries(this.object())) {
      if (!isId(id)) new Json(id, `${this.path}[${JSON.stringify(token)}]`).id()
      vocabulary.set(token, id as number)
    }
    return vocabulary
  }
}

const isId = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 24
