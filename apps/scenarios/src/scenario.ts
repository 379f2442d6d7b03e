// What a demonstration is: told once what it may be told, and then a stream of things to be shown.
// The terminal and the page draw the same stream, each in its way.
import type { Graph } from '@x/autograd'
import type { Drawing } from '@x/rl'

/** Something to choose before a scenario runs. */
export type ScenarioOption =
  | {
      readonly kind: 'number'
      readonly about: string
      readonly default: number
      readonly least: number
      readonly most: number
      /** What it is a multiple of; null: any number. Default 1. */
      readonly multipleOf?: number | null
    }
  | { readonly kind: 'choice'; readonly about: string; readonly default: string; readonly among: readonly string[] }
  /** Text of a file that may be given instead of what is bundled. */
  | { readonly kind: 'file'; readonly about: string }

export type ScenarioOptions = Readonly<Record<string, ScenarioOption>>

/** What was chosen; a file is its text, absent unless one was given. */
export type Chosen<O extends ScenarioOptions> = {
  readonly [N in keyof O]: O[N]['kind'] extends 'number'
    ? number
    : O[N]['kind'] extends 'choice'
      ? string
      : string | undefined
}

/** Where scenarios stand in lists, in the order in which one learns them. */
export const TOPICS = [
  'Foundations',
  'Images',
  'Sequences and language',
  'Generating',
  'Reinforcement learning',
  'From preferences',
] as const

export interface Context<O extends ScenarioOptions = ScenarioOptions> {
  readonly options: Chosen<O>
  /** Of all randomness: the same seed shows the same things. */
  readonly seed: number
  /** Whether to do less, so that tests run it in a few seconds; what is claimed must hold all the same. */
  readonly quick: boolean
  /** To be awaited often: gives way to the page or the terminal, and throws when the run is to end. */
  readonly breathe: () => Promise<void>
}

export interface Scenario<O extends ScenarioOptions = ScenarioOptions> {
  /** By which it is called: `npm run demo -- NAME`. */
  readonly name: string
  readonly topic: (typeof TOPICS)[number]
  /** A few words. */
  readonly title: string
  /** What can be seen, in two or three sentences. */
  readonly about: string
  readonly options: O
  run(context: Context<O>): AsyncGenerator<Shown, void>
}

/** A line or a cloud of points. */
export interface Curve {
  readonly name: string
  readonly x: readonly number[]
  readonly y: readonly number[]
  /** Among clouds of points: joined by a line, which is drawn below the points. */
  readonly line?: boolean
}

/** Things to be shown. Those with an `id` replace what was shown under it: a plot that grows, a field that changes. */
export type Shown =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  /** How far a long part is. */
  | { readonly kind: 'progress'; readonly done: number; readonly of: number; readonly note: string }
  /** Lines over x. */
  | {
      readonly kind: 'plot'
      readonly id: string
      readonly title: string
      readonly x: string
      readonly y: string
      readonly curves: readonly Curve[]
    }
  /** Clouds of points in the plane, and lines between them; a group of one point is named beside it, an empty one left out. */
  | { readonly kind: 'points'; readonly id: string; readonly title: string; readonly groups: readonly Curve[] }
  | {
      readonly kind: 'table'
      readonly title: string
      readonly columns: readonly string[]
      readonly rows: readonly (readonly (string | number)[])[]
    }
  /** Numbers as shades, with names of rows and columns. */
  | {
      readonly kind: 'heatmap'
      readonly id: string
      readonly title: string
      readonly rows: readonly string[]
      readonly columns: readonly string[]
      readonly values: readonly (readonly number[])[]
    }
  /** Grey images of one size, side by side; 0 is paper, 1 is ink. */
  | {
      readonly kind: 'images'
      readonly id: string
      readonly title: string
      readonly height: number
      readonly width: number
      readonly pixels: readonly ArrayLike<number>[]
      readonly captions?: readonly string[]
    }
  /** A board: a text in each cell, shaded by value from 0 to 1 where there are values. */
  | {
      readonly kind: 'board'
      readonly id: string
      readonly title: string
      readonly cells: readonly (readonly string[])[]
      readonly values?: readonly (readonly number[])[]
    }
  /** A picture to be painted on a canvas; a terminal shows `text`. */
  | {
      readonly kind: 'drawing'
      readonly id: string
      readonly title: string
      readonly drawing: Drawing
      readonly text: string
    }
  /** A computation as a graph, with values and gradients on its edges. */
  | { readonly kind: 'graph'; readonly id: string; readonly title: string; readonly graph: Graph }
  /** A claim and what came of it; a scenario whose claim fails is a failed run. */
  | { readonly kind: 'claim'; readonly text: string; readonly holds: boolean }

/** A scenario with the types of its options kept. */
export function defineScenario<const O extends ScenarioOptions>(scenario: Scenario<O>): Scenario<O> {
  return scenario
}

/**
 * The options with their defaults, checked.
 * @throws RangeError for one that the scenario does not have or that is out of range
 */
export function chosen<O extends ScenarioOptions>(
  { name, options }: Scenario<O>,
  given: Readonly<Record<string, unknown>>,
): Chosen<O> {
  const stray = Object.keys(given).find((key) => !Object.hasOwn(options, key))
  if (stray !== undefined) {
    const known = Object.keys(options).join(', ') || 'none'
    throw new RangeError(`${name}: there is no option '${stray}'; there are: ${known}`)
  }
  return Object.fromEntries(
    Object.entries(options).map(([key, option]) => [key, checkedValue(`${name}: ${key}`, option, given[key])]),
  ) as Chosen<O>
}

function checkedValue(what: string, option: ScenarioOption, given: unknown): unknown {
  if (option.kind === 'file') return given
  if (given === undefined) return option.default
  if (option.kind === 'choice') {
    if (option.among.includes(given as string)) return given
    throw new RangeError(`${what} '${given}' is none of ${option.among.join(', ')}`)
  }
  const value = Number(given)
  const { least, most, multipleOf = 1 } = option
  if (given !== '' && value >= least && value <= most && (multipleOf === null || value % multipleOf === 0)) return value
  throw new RangeError(`${what} '${given}' is not ${rangeOf(option)}`)
}

/** What may be chosen, in words. */
export function rangeOf({ least, most, multipleOf = 1 }: Extract<ScenarioOption, { kind: 'number' }>): string {
  const kind = multipleOf === null ? 'a number' : multipleOf === 1 ? 'a whole number' : `a multiple of ${multipleOf}`
  return `${kind} from ${least} to ${most}`
}
