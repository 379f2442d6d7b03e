// What an agent is: something that acts, and a loop of learning that reports as it goes.
import type { Env } from '../env/env.ts'
import { knownOptions, optionsObject } from '../env/errors.ts'
import type { Seed } from '../random/seedSequence.ts'

/** An episode that has ended. */
export interface EpisodeResult {
  /** Undiscounted return. */
  readonly reward: number
  /** Environment steps. */
  readonly length: number
}

/** What a learning loop tells from time to time. */
export interface Progress {
  /** Environment steps so far, over all of the loop's environments. */
  readonly steps: number
  /** Episodes that ended since the last report. */
  readonly episodes: readonly EpisodeResult[]
  /** Numbers under their standard names, such as train/loss. */
  readonly metrics: Readonly<Record<string, number>>
}

export interface LearnOptions {
  /** Environment steps to learn for; schedules count down to them. */
  steps: number
  /** Seeds the environment. Default: none, the environment goes on */
  seed?: Seed
  /** Where these steps are part of a longer training: how many came before them. Default 0 */
  before?: number
  /** And how many there are in all, which schedules count down to then. Default: before + steps */
  total?: number
  /** Whether the loop also yields `PAUSE` between its reports, about once per update, as `trainAsync` wants. Default false */
  pauses?: boolean
}

/** What a loop yields between its reports when it is asked for pauses: nothing to report. */
export const PAUSE: Progress = { steps: Number.NaN, episodes: [], metrics: {} }

/** The options of a learning loop, checked. @throws RangeError for steps below 1 or an unknown option, TypeError */
export function learnOptions(
  agent: string,
  options: LearnOptions,
): Required<Omit<LearnOptions, 'seed'>> & LearnOptions {
  const owner = `${agent}.learn`
  optionsObject(owner, options, 'steps: 10000', true)
  knownOptions(owner, options, ['steps', 'seed', 'before', 'total', 'pauses'])
  const { steps, seed, before = 0, total = before + steps, pauses = false } = options
  if (!(steps >= 1)) throw new RangeError(`${owner}: steps ${steps} is not a number ≥ 1`)
  if (!(before >= 0 && total >= before + steps)) {
    throw new RangeError(`${owner}: ${steps} steps after ${before} are not part of ${total}`)
  }
  return { steps, seed, before, total, pauses }
}

export interface ActOptions {
  /** The best action instead of one drawn as in learning. Default false */
  deterministic?: boolean
}

/** Whether the best action is asked for. @throws RangeError for an unknown option, TypeError for what is no options object */
export function isDeterministic(agent: string, options: ActOptions): boolean {
  // Every step asks: no text and no list is made where nothing is wrong.
  let isKnown = typeof options === 'object'
  for (const name in options) isKnown &&= name === 'deterministic'
  if (!isKnown) knownOptions(`${agent}.act`, options, ['deterministic'])
  return options.deterministic ?? false
}

/** An agent that `train` trains and `evaluate` evaluates. */
export interface Agent<O = never, A = unknown> {
  /** An action for an observation. */
  act(observation: O, options?: ActOptions): A
  /** Learns from an environment; goes on for about `steps` steps, reporting at every natural pause. */
  learn(env: Env<O, A>, options: LearnOptions): Iterator<Progress, void>
}

/** Counts the environment steps of an agent's life. */
export interface Clock {
  steps: number
}

/** A number, or a function of the environment steps taken so far. */
export type Schedule = number | ((steps: number) => number)

/** What a schedule says after so many steps. */
export const at = (schedule: Schedule, steps: number): number =>
  typeof schedule === 'number' ? schedule : schedule(steps)

/**
 * From `from` to `to` in a straight line over `steps` steps, then constant: for the ε and α of tabular methods.
 * @example
 * import { linearSchedule, make, QLearning } from '@x/rl'
 * new QLearning(make('FrozenLake-v1'), { epsilon: linearSchedule(1, 0.1, 10_000) })
 */
export const linearSchedule =
  (from: number, to: number, steps: number): ((step: number) => number) =>
  (step) =>
    from + (to - from) * Math.min(1, step / steps)
