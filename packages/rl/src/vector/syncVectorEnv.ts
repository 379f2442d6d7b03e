// SyncVectorEnv: any environments, stepped one after the other.
import type { Env, Info, StepResult } from '../env/env.ts'
import {
  EnvContractError,
  episodeEnded,
  InvalidActionError,
  knownOptions,
  knownResetOptions,
  needEnv,
  needFunction,
  needList,
  resetNeeded,
} from '../env/errors.ts'
import { batchSpace } from '../spaces/flatten.ts'
import type { Space } from '../spaces/space.ts'
import { stackElements, unstackElements } from './batch.ts'
import {
  type AutoresetMode,
  type Batch,
  type BatchOf,
  checkAutoresetMode,
  resetMaskOf,
  seedsOf,
  type VectorEnv,
  type VectorInfo,
  type VectorResetOptions,
  type VectorStepResult,
} from './vectorEnv.ts'

/**
 * Environments stepped one after the other, with their observations in one tensor. Gymnasium's `SyncVectorEnv`.
 * @example
 * import { make, SyncVectorEnv } from '@x/rl'
 * const envs = new SyncVectorEnv([0, 1, 2].map(() => () => make('CartPole-v1')))
 * const [observations] = envs.reset({ seed: 0 }) // float32 [3, 4]
 * const [next, rewards, terminations, truncations] = envs.step([0, 1, 0])
 */
export class SyncVectorEnv<O = unknown, A = unknown, B extends Batch = BatchOf<O>> implements VectorEnv<O, A, B> {
  readonly envs: readonly Env<O, A>[]
  readonly numEnvs: number
  readonly autoresetMode: AutoresetMode
  readonly singleObservationSpace: Space<O>
  readonly singleActionSpace: Space<A>
  readonly observationSpace: Space
  readonly actionSpace: Space
  private observations: unknown[] = []
  /** Environments that are due for a reset. */
  private readonly ended: boolean[]

  /**
   * @param makers one function per environment
   * @param options.autoresetMode Default 'next-step'
   * @throws RangeError for no environments, or environments of different spaces
   */
  constructor(makers: readonly (() => Env<O, A>)[], options: { autoresetMode?: AutoresetMode } = {}) {
    knownOptions('SyncVectorEnv', options, ['autoresetMode'])
    needList('SyncVectorEnv: functions that make environments', makers)
    if (makers.length === 0) throw new RangeError('SyncVectorEnv: no environments')
    this.envs = makers.map((made, i) => {
      needFunction(`SyncVectorEnv: maker ${i}`, made)
      const env = made()
      needEnv(`SyncVectorEnv: maker ${i}`, env)
      return env
    })
    this.numEnvs = makers.length
    this.autoresetMode = checkAutoresetMode(options.autoresetMode ?? 'next-step')
    const [{ observationSpace, actionSpace }] = this.envs
    for (const env of this.envs) {
      if (!env.observationSpace.equals(observationSpace) || !env.actionSpace.equals(actionSpace)) {
        throw new RangeError(`SyncVectorEnv: spaces differ: ${env.observationSpace} and ${observationSpace}`)
      }
    }
    this.singleObservationSpace = observationSpace
    this.singleActionSpace = actionSpace
    this.observationSpace = batchSpace(observationSpace, this.numEnvs)
    this.actionSpace = batchSpace(actionSpace, this.numEnvs)
    this.ended = this.envs.map(() => false)
  }

  /** @throws RangeError for seeds or a mask of another length, or an unknown option; TypeError for a seed in place of options */
  reset(given: VectorResetOptions = {}): [observations: B, infos: VectorInfo] {
    knownResetOptions('SyncVectorEnv.reset', given)
    const { seed, options } = given
    const seeds = seedsOf(seed, this.numEnvs)
    const mask = resetMaskOf(options, this.numEnvs)
    const { resetMask, ...rest } = options ?? {}
    const infos: VectorInfo = {}
    this.envs.forEach((env, i) => {
      if (mask && !mask[i]) return
      const [observation, info] = env.reset({ seed: seeds[i], options: options ? rest : undefined })
      this.observations[i] = observation
      this.ended[i] = false
      this.tell(infos, info, i)
    })
    return [this.stacked(), infos]
  }

  /**
   * @throws ResetNeededError, InvalidActionError, RangeError for another number of actions
   * @throws EnvContractError for an observation of another size than its space
   * @throws ResetNeededError with `disabled` resets, when an environment whose episode has ended is stepped
   */
  step(actions: ArrayLike<A> | Batch): VectorStepResult<B> {
    if (this.observations.length === 0) throw resetNeeded('SyncVectorEnv')
    const each = unstackElements(this.singleActionSpace, actions, this.numEnvs)
    const rewards = new Float64Array(this.numEnvs)
    const terminations = new Uint8Array(this.numEnvs)
    const truncations = new Uint8Array(this.numEnvs)
    const infos: VectorInfo = {}
    this.envs.forEach((env, i) => {
      if (this.ended[i] && this.autoresetMode === 'disabled') {
        throw episodeEnded('SyncVectorEnv', i)
      }
      if (this.ended[i] && this.autoresetMode === 'next-step') {
        const [observation, info] = env.reset()
        this.observations[i] = observation
        this.ended[i] = false
        this.tell(infos, info, i)
        return
      }
      const [observation, reward, terminated, truncated, info] = this.stepOne(env, i, each[i] as A)
      rewards[i] = reward
      terminations[i] = Number(terminated)
      truncations[i] = Number(truncated)
      this.observations[i] = observation
      this.ended[i] = terminated || truncated
      let told = info
      if (this.ended[i] && this.autoresetMode === 'same-step') {
        this.tell(infos, { finalObs: observation, finalInfo: info }, i)
        const [first, fresh] = env.reset()
        this.observations[i] = first
        this.ended[i] = false
        told = fresh
      }
      this.tell(infos, told, i)
    })
    return [this.stacked(), rewards, terminations, truncations, infos]
  }

  private stacked(): B {
    return stackElements(this.singleObservationSpace, this.observations) as B
  }

  /** A step of environment i, whose mistakes are told with its number. */
  private stepOne(env: Env<O, A>, i: number, action: A): StepResult<O> {
    try {
      return env.step(action)
    } catch (error) {
      const Named = [InvalidActionError, EnvContractError].find((known) => error instanceof known)
      throw Named ? new Named(`environment ${i}: ${(error as Error).message}`) : error
    }
  }

  /** Enters what environment i told into the infos of all. */
  private tell(infos: VectorInfo, info: Info, i: number): void {
    for (const [name, value] of Object.entries(info)) {
      if (isPlain(value) && name !== 'finalObs') {
        infos[name] ??= {}
        this.tell(infos[name] as VectorInfo, value, i)
      } else {
        infos[name] ??= emptyFor(name === 'finalObs' ? null : value, this.numEnvs)
        ;(infos[name] as unknown[])[i] = value
      }
      infos[`_${name}`] ??= new Uint8Array(this.numEnvs)
      ;(infos[`_${name}`] as Uint8Array)[i] = 1
    }
  }

  close(): void {
    for (const env of this.envs) env.close?.()
  }
}

const isPlain = (value: unknown): value is Info =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

const emptyFor = (value: unknown, n: number): Float64Array | unknown[] =>
  typeof value === 'number' ? new Float64Array(n) : Array<unknown>(n).fill(typeof value === 'boolean' ? false : null)
