// What the tabular methods share: the sizes of their tables, and their options.

import { knownOptions } from '../env/errors.ts'
import { finite, share, shareAbove0, wholes } from '../env/numbers.ts'
import { NumpyGenerator } from '../random/generator.ts'
import type { Seed } from '../random/seedSequence.ts'
import { Tuple } from '../spaces/composite.ts'
import { Discrete } from '../spaces/discrete.ts'
import { MultiDiscrete } from '../spaces/multi.ts'
import type { Space } from '../spaces/space.ts'
import type { Schedule } from '../training/agent.ts'

/** An environment of finite spaces, or the sizes of the tables. */
export type TableSource =
  | { readonly observationSpace: Space<never> | Space; readonly actionSpace: Space<never> | Space }
  | { readonly states: number; readonly actions: number }

/** How many elements a finite space has, and the number of each. */
export interface Indexing {
  readonly size: number
  index(x: unknown): number
}

/** Numbers the elements of a space from 0. @throws TypeError for a space that is not finite */
export function indexing(space: Space<never> | Space): Indexing {
  if (space instanceof Discrete) return { size: space.n, index: (x) => (x as number) - space.start }
  const parts =
    space instanceof Tuple
      ? (space as Tuple).spaces.map(indexing)
      : space instanceof MultiDiscrete
        ? Array.from(space.nvec, (n, i) => indexing(new Discrete(n, { start: space.start[i] })))
        : null
  if (!parts) throw new TypeError(`a table needs a finite space: ${space} is not`)
  return {
    size: parts.reduce((n, part) => n * part.size, 1),
    index: (x) => parts.reduce((at, part, i) => at * part.size + part.index((x as ArrayLike<unknown>)[i]), 0),
  }
}

/** The same, for what is among the elements. */
const within = (name: string, { size, index }: Indexing): Indexing => ({
  size,
  index(x) {
    const at = index(x)
    if (Number.isInteger(at) && at >= 0 && at < size) return at
    throw new RangeError(`${name}: the observation ${x} is none of the ${size} states`)
  },
})

export interface TabularOptions {
  /** Step size in (0, 1], or a function of the steps taken. Default 0.1 */
  alpha?: Schedule
  /** Discount in [0, 1]. Default 0.99 */
  gamma?: number
  /** Probability of any action instead of the best, or a function of the steps taken. Default 0.1 */
  epsilon?: Schedule
  /** Value that every entry starts with; high ones make the agent explore. Default 0 */
  initialValue?: number
  /** Seeds the choice of actions. Default 0 */
  seed?: Seed
}

const TABULAR_OPTIONS: readonly string[] = ['alpha', 'gamma', 'epsilon', 'initialValue', 'seed']

/** The settings of a tabular method, checked. */
export class TabularSettings {
  /** Of the method, for messages. */
  readonly name: string
  readonly states: Indexing
  readonly actions: number
  readonly alpha: Schedule
  readonly gamma: number
  readonly epsilon: Schedule
  readonly initialValue: number
  readonly generator: NumpyGenerator

  /** @throws TypeError for spaces that are not finite, RangeError for options out of range or unknown */
  constructor(
    name: string,
    source: TableSource,
    options: TabularOptions,
    further: readonly string[] = [],
    without: readonly string[] = [],
  ) {
    const known = [...TABULAR_OPTIONS, ...further].filter((option) => !without.includes(option))
    knownOptions(name, options, known)
    this.name = name
    const { alpha = 0.1, gamma = 0.99, epsilon = 0.1, initialValue = 0, seed = 0 } = options
    if (typeof source !== 'object' || source === null) {
      throw new TypeError(`${name}: give an environment, such as make('FrozenLake-v1'), or { states, actions }`)
    }
    if ('states' in source) {
      wholes(name, { states: source.states, actions: source.actions })
      this.states = within(name, { size: source.states, index: (x) => x as number })
      this.actions = source.actions
    } else {
      this.states = within(name, indexing(source.observationSpace))
      if (!(source.actionSpace instanceof Discrete))
        throw new TypeError(`${name}: ${source.actionSpace} is not Discrete`)
      this.actions = source.actionSpace.n
    }
    this.alpha = typeof alpha === 'function' ? alpha : shareAbove0(`${name}: alpha`, alpha)
    this.gamma = share(`${name}: gamma`, gamma)
    this.epsilon = typeof epsilon === 'function' ? epsilon : share(`${name}: epsilon`, epsilon)
    this.initialValue = finite(`${name}: initialValue`, initialValue)
    this.generator = new NumpyGenerator(seed)
  }

  /** A table of action values. */
  table(): Float64Array[] {
    return Array.from({ length: this.states.size }, () => new Float64Array(this.actions).fill(this.initialValue))
  }

  /** A table of state values. */
  values(): Float64Array {
    return new Float64Array(this.states.size).fill(this.initialValue)
  }
}
