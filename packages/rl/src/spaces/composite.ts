// Tuple and Dict: elements made of elements of other spaces.
import type { Seed } from '../random/seedSequence.ts'
import { onlyOne, type SampleMask, type SampleOptions, SeededSpace, type Space } from './space.ts'

/** Seeds the spaces inside from one seed, as Gymnasium does. */
function seedAll(spaces: readonly Space[], draw: (low: number) => number): void {
  const seeds = spaces.map(() => draw(2 ** 31 - 1))
  spaces.forEach((space, i) => {
    space.seed(seeds[i])
  })
}

/** What the mask or the probabilities say about one of the spaces inside. */
function part(
  key: string | number,
  mask: SampleMask | null | undefined,
  { probability, ...rest }: SampleOptions = {},
): [SampleMask | null, SampleOptions] {
  const of = (whole: SampleMask | null | undefined): SampleMask | null =>
    (whole as Readonly<Record<string | number, SampleMask>> | null | undefined)?.[key] ?? null
  const p = of(probability)
  return [of(mask), p ? { ...rest, probability: p } : rest]
}

/** The types of a tuple's elements. */
export type Elements<S extends readonly Space[]> = { [K in keyof S]: S[K] extends Space<infer T> ? T : never }

/**
 * A list of spaces; elements are arrays with one element of each. Gymnasium's `Tuple`.
 * @example
 * import { Box, Discrete, Tuple } from '@x/rl'
 * const space = new Tuple([new Discrete(2), new Box(0, 1)])
 * space.seed(0)
 * space.contains(space.sample()) // true
 */
export class Tuple<S extends readonly Space[] = readonly Space[]> extends SeededSpace<Elements<S>> {
  readonly spaces: S
  readonly shape = null
  readonly dtype = null

  constructor(spaces: S) {
    super()
    this.spaces = spaces
  }

  override seed(seed?: Seed): Seed {
    const used = super.seed(seed)
    const generator = this.generator()
    seedAll(this.spaces, (most) => generator.integers(most))
    return used
  }

  /** @param mask a mask per space, null for none */
  sample(mask?: SampleMask | null, options?: SampleOptions): Elements<S> {
    onlyOne(mask, options)
    return this.spaces.map((space, i) => space.sample(...part(i, mask, options))) as Elements<S>
  }

  contains(x: unknown): x is Elements<S> {
    return Array.isArray(x) && x.length === this.spaces.length && this.spaces.every((space, i) => space.contains(x[i]))
  }

  equals(other: unknown): boolean {
    return (
      other instanceof Tuple &&
      other.spaces.length === this.spaces.length &&
      this.spaces.every((space, i) => space.equals(other.spaces[i]))
    )
  }

  override toString(): string {
    return `Tuple(${this.spaces.join(', ')})`
  }
}

/** The types of a dictionary's elements. */
export type Entries<S extends Readonly<Record<string, Space>>> = {
  [K in keyof S]: S[K] extends Space<infer T> ? T : never
}

/**
 * Spaces by name; elements are objects with one element of each. Names are kept sorted. Gymnasium's `Dict`.
 * @example
 * import { Box, Dict, Discrete } from '@x/rl'
 * const space = new Dict({ gear: new Discrete(3), speed: new Box(0, 1) })
 * space.seed(0)
 * space.sample().gear // one of 0, 1 and 2
 */
export class Dict<S extends Readonly<Record<string, Space>> = Readonly<Record<string, Space>>> extends SeededSpace<
  Entries<S>
> {
  readonly spaces: S
  readonly shape = null
  readonly dtype = null

  constructor(spaces: S) {
    super()
    const names = Object.keys(spaces).sort((a, b) => (a < b ? -1 : 1))
    this.spaces = Object.fromEntries(names.map((name) => [name, spaces[name]])) as unknown as S
  }

  override seed(seed?: Seed): Seed {
    const used = super.seed(seed)
    const generator = this.generator()
    seedAll(Object.values(this.spaces), (most) => generator.integers(most))
    return used
  }

  /** @param mask a mask per name; names that are missing have none */
  sample(mask?: SampleMask | null, options?: SampleOptions): Entries<S> {
    onlyOne(mask, options)
    const drawn = Object.entries(this.spaces).map(([name, space]) => [name, space.sample(...part(name, mask, options))])
    return Object.fromEntries(drawn) as Entries<S>
  }

  contains(x: unknown): x is Entries<S> {
    if (typeof x !== 'object' || x === null) return false
    const names = Object.keys(this.spaces)
    return (
      Object.keys(x).length === names.length &&
      names.every((name) => this.spaces[name].contains((x as Record<string, unknown>)[name]))
    )
  }

  equals(other: unknown): boolean {
    if (!(other instanceof Dict)) return false
    const names = Object.keys(this.spaces)
    return (
      names.join() === Object.keys(other.spaces).join() &&
      names.every((name) => this.spaces[name].equals((other as Dict).spaces[name]))
    )
  }

  override toString(): string {
    const list = Object.entries(this.spaces).map(([name, space]) => `'${name}': ${space}`)
    return `Dict(${list.join(', ')})`
  }
}
