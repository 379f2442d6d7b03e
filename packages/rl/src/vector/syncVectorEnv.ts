// SyncVectorEnv: any environments, stepped one after the other.
import type { Env, Info } from '../env/env.ts'
import { knownOptions } from '../env/errors.ts'
import { batchSpace } from '../spaces/flatten.ts'
import type { Space } from '../spaces/space.ts'
import { stackElements, unstackElements } from './batch.ts'
import {
  type AutoresetMode,
  type Batch,
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
export class SyncVectorEnv implements VectorEnv {
  readonly envs: readonly Env[]
  readonly numEnvs: number
  readonly autoresetMode: AutoresetMode
  readonly singleObservationSpace: Space
  readonly singleActionSpace: Space
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
  constructor(makers: readonly (() => Env<never, never> | Env)[], options: { autoresetMode?: AutoresetMode } = {}) {
    knownOptions('SyncVectorEnv', options, ['autoresetMode'])
    if (makers.length === 0) throw new RangeError('SyncVectorEnv: no environments')
    this.envs = makers.map((made) => made() as Env)
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

  /** @throws RangeError for seeds or a mask of another length */
  reset({ seed, options }: VectorResetOptions = {}): [observations: Batch, infos: VectorInfo] {
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
    return [stackElements(this.singleObservationSpace, this.observations), infos]
  }

  /**
   * @throws RangeError for another number of actions
   * @throws Error with `disabled` resets, when an environment whose episode has ended is stepped
   */
  step(actions: ArrayLike<unknown> | Batch): VectorStepResult {
    const each = unstackElements(this.singleActionSpace, actions, this.numEnvs)
    const rewards = new Float64Array(this.numEnvs)
    const terminations = new Uint8Array(this.numEnvs)
    const truncations = new Uint8Array(this.numEnvs)
    const infos: VectorInfo = {}
    this.envs.forEach((env, i) => {
      if (this.ended[i] && this.autoresetMode === 'disabled') {
        throw new Error(`SyncVectorEnv: episode ${i} has ended; reset({ options: { resetMask } }) is due`)
      }
      if (this.ended[i] && this.autoresetMode === 'next-step') {
        const [observation, info] = env.reset()
        this.observations[i] = observation
        this.ended[i] = false
        this.tell(infos, info, i)
        return
      }
      const [observation, reward, terminated, truncated, info] = env.step(each[i])
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
    const observations = stackElements(this.singleObservationSpace, this.observations)
    return [observations, rewards, terminations, truncations, infos]
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
