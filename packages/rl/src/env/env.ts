// The contract between agents and environments: Gymnasium's, with its names in camel case.
import type { Seed } from '../random/seedSequence.ts'
import type { Drawing } from '../render/drawing.ts'
import type { Frame } from '../render/raster.ts'
import type { Space } from '../spaces/space.ts'

/** What an environment tells beside observation and reward. */
export type Info = Record<string, unknown>

export interface ResetOptions {
  /** Seeds the environment's generator; without it, the stream goes on (the first time from a fresh seed). */
  seed?: Seed
  /** What the environment offers, such as the bounds of its start; null and {} for nothing. */
  options?: Readonly<Record<string, unknown>> | null
}

/** [observation, reward, terminated, truncated, info] */
export type StepResult<O> = [observation: O, reward: number, terminated: boolean, truncated: boolean, info: Info]

/** How an environment shows itself: text, commands for a canvas, or pixels. */
export type RenderMode = 'ansi' | 'commands' | 'rgb'

/** What `render` gives in the mode the environment was made with; null without a mode. */
export type Rendered = string | Drawing | Frame | null

/**
 * An environment. Any object of this form is one: no base class is needed, `checkEnv` (@x/rl/testing) tells whether it
 * keeps to the contract, and `register` gives it an id.
 *
 * `terminated` says that the task ended (no reward comes after it: do not bootstrap); `truncated` that something outside
 * the task cut the episode, such as a time limit (bootstrap from the observation).
 * @example
 * import { Discrete } from '@x/rl'
 * let position = 0
 * const corridor = {
 *   observationSpace: new Discrete(5),
 *   actionSpace: new Discrete(2),
 *   reset: () => [(position = 0), {}],
 *   step(action) {
 *     position = Math.max(0, position + (action === 1 ? 1 : -1))
 *     return [position, position === 4 ? 1 : 0, position === 4, false, {}]
 *   },
 * }
 * corridor.reset()
 * corridor.step(1) // [1, 0, false, false, {}]
 */
export interface Env<O = unknown, A = unknown> {
  readonly observationSpace: Space<O>
  readonly actionSpace: Space<A>
  /** How it was made by `make`; null for an object made by hand. */
  spec?: EnvSpec | null
  readonly renderMode?: RenderMode | null
  /** Whether it cuts actions to the bounds of its Box by itself, so that larger ones are no mistake. Default false */
  readonly clipsActions?: boolean
  /** The innermost environment; absent where there is no wrapper. */
  readonly unwrapped?: Env<unknown, unknown>
  /** Starts an episode. The observation is the caller's: the environment does not change it later. */
  reset(options?: ResetOptions): [observation: O, info: Info]
  /** One time step. After `terminated` or `truncated`, `reset` is due. The observation is the caller's. */
  step(action: A): StepResult<O>
  render?(): Rendered
  /** Gives back what the environment holds. Harmless when done twice. */
  close?(): void
}

/** How an environment is made: what `register` knows under an id. */
export interface EnvSpec {
  /** `[namespace/]Name-v0` */
  readonly id: string
  /** Makes the bare environment from its options. */
  readonly entryPoint: (options: Readonly<Record<string, unknown>>) => Env
  /** Options that `make` passes unless it is given others. */
  readonly kwargs?: Readonly<Record<string, unknown>>
  /** Mean return at which the task counts as solved. */
  readonly rewardThreshold?: number
  /** The best mean return that is known; `evaluate` tells what is missing to it. */
  readonly bestReturn?: number
  /** Environment steps after which an episode is truncated. */
  readonly maxEpisodeSteps?: number
  /** Whether `make` guards against `step` before `reset`. Default true */
  readonly orderEnforce?: boolean
  /** Whether `make` leaves out the check of the first reset and step. Default false */
  readonly disableEnvChecker?: boolean
}
