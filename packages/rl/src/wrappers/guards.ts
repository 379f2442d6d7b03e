// Wrappers that guard the contract: what `make` puts around every environment.

import { sizeOf } from '@x/tensor/op'
import type { Env, Info, Rendered, ResetOptions, StepResult } from '../env/env.ts'
import { badReward, EnvContractError, invalidAction, knownResetOptions, resetNeeded } from '../env/errors.ts'
import { whole } from '../env/numbers.ts'
import type { Space } from '../spaces/space.ts'
import { nameOf, Wrapper } from './wrapper.ts'

/**
 * Truncates episodes after a number of steps. Gymnasium's `TimeLimit`.
 * @example
 * import { CliffWalking, TimeLimit } from '@x/rl'
 * const env = new TimeLimit(new CliffWalking(), 2)
 * env.reset()
 * env.step(0)
 * env.step(0)[3] // true: truncated
 */
export class TimeLimit<O, A> extends Wrapper<O, A> {
  readonly maxEpisodeSteps: number
  private elapsed = 0

  /** @throws RangeError unless the limit is a whole number ≥ 1 */
  constructor(env: Env<O, A>, maxEpisodeSteps: number) {
    super(env)
    this.maxEpisodeSteps = whole('TimeLimit:', maxEpisodeSteps)
  }

  override reset(options?: ResetOptions): [observation: O, info: Info] {
    this.elapsed = 0
    return this.env.reset(options)
  }

  override step(action: A): StepResult<O> {
    const result = this.env.step(action)
    if (++this.elapsed >= this.maxEpisodeSteps) result[3] = true
    return result
  }
}

/** Refuses `step` and `render` before the first `reset`. Gymnasium's `OrderEnforcing`. */
export class OrderEnforcing<O, A> extends Wrapper<O, A> {
  /** Whether there was a reset. */
  hasReset = false

  /** @throws TypeError for a seed in place of options, RangeError for an unknown one */
  override reset(options?: ResetOptions): [observation: O, info: Info] {
    knownResetOptions(`${nameOf(this.unwrapped)}.reset`, options)
    this.hasReset = true
    return this.env.reset(options)
  }

  /** @throws ResetNeededError */
  override step(action: A): StepResult<O> {
    if (!this.hasReset) throw resetNeeded(nameOf(this.unwrapped))
    return this.env.step(action)
  }

  /** @throws ResetNeededError */
  override render(): Rendered {
    if (!this.hasReset) throw resetNeeded(nameOf(this.unwrapped), 'render')
    return this.env.render?.() ?? null
  }
}

/**
 * Watches what goes in and out: every action, reward and flag, and the observations of the first reset and step.
 * Gymnasium's `PassiveEnvChecker`, which warns where this one throws.
 */
export class PassiveEnvChecker<O, A> extends Wrapper<O, A> {
  private hasReset = false
  private hasStepped = false

  /** @throws EnvContractError for a result that is not [observation, info], or an observation outside its space */
  override reset(options?: ResetOptions): [observation: O, info: Info] {
    const result = this.env.reset(options)
    if (!this.hasReset) {
      const name = nameOf(this.unwrapped)
      if (!Array.isArray(result) || result.length !== 2) {
        throw new EnvContractError(`${name}: reset() must return [observation, info], not ${describe(result)}`)
      }
      checkObservation(name, 'reset()', this.env as Env, result[0])
      checkInfo(name, 'reset()', result[1])
      this.hasReset = true
    }
    return result
  }

  /**
   * @throws InvalidActionError for an action outside the space
   * @throws EnvContractError for anything but [observation, reward, terminated, truncated, info], or a reward that is not finite
   */
  override step(action: A): StepResult<O> {
    if (!this.actionSpace.contains(action) && !(this.clipsActions && hasFiniteNumbers(action, this.actionSpace))) {
      throw invalidAction(nameOf(this.unwrapped), action, this.actionSpace)
    }
    const result = this.env.step(action)
    if (!this.hasStepped) {
      checkStep(nameOf(this.unwrapped), this.env as Env, result)
      this.hasStepped = true
    } else if (!Number.isFinite(result[1])) throw badReward(nameOf(this.unwrapped), result[1])
    return result
  }
}

/** Whether the action has as many finite numbers as the space. */
function hasFiniteNumbers(action: unknown, { shape }: Space<never> | Space): boolean {
  const list = action as ArrayLike<number>
  return shape !== null && list?.length === sizeOf(shape) && Array.from(list).every(Number.isFinite)
}

/** @throws EnvContractError unless `result` is what a step of `env` may give */
export function checkStep(name: string, env: Env, result: unknown): void {
  if (!Array.isArray(result) || result.length !== 5) {
    throw new EnvContractError(
      `${name}: step() must return [observation, reward, terminated, truncated, info], not ${describe(result)}`,
    )
  }
  const [observation, reward, terminated, truncated, info] = result
  checkObservation(name, 'step()', env, observation)
  if (typeof reward !== 'number' || !Number.isFinite(reward)) throw badReward(name, reward)
  for (const [flag, value] of Object.entries({ terminated, truncated })) {
    if (typeof value !== 'boolean') throw new EnvContractError(`${name}: ${flag} is ${describe(value)}, not a boolean`)
  }
  checkInfo(name, 'step()', info)
}

/** @throws EnvContractError unless the observation is in its space */
export function checkObservation(name: string, where: string, env: Env, observation: unknown): void {
  if (env.observationSpace.contains(observation)) return
  throw new EnvContractError(
    `${name}: the observation of ${where} is ${describe(observation)}, which is not in ${env.observationSpace}`,
  )
}

/** @throws EnvContractError unless the info is an object */
export function checkInfo(name: string, where: string, info: unknown): void {
  if (typeof info !== 'object' || info === null || Array.isArray(info)) {
    throw new EnvContractError(`${name}: the info of ${where} is ${describe(info)}, not an object`)
  }
}

function describe(x: unknown): string {
  if (ArrayBuffer.isView(x)) return `${x.constructor.name} [${x}]`
  if (typeof x !== 'object' || x === null) return String(x)
  return JSON.stringify(x)
}
