// What an agent is: something that acts, and a loop of learning that reports as it goes.
import type { Env } from '../env/env.ts'
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
}

export interface ActOptions {
  /** The best action instead of one drawn as in learning. Default false */
  deterministic?: boolean
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

export const at = (schedule: Schedule, steps: number): number =>
  typeof schedule === 'number' ? schedule : schedule(steps)

/** From `from` to `to` in a straight line over `steps` steps, then constant. */
export const linearSchedule =
  (from: number, to: number, steps: number): ((step: number) => number) =>
  (step) =>
    from + (to - from) * Math.min(1, step / steps)
