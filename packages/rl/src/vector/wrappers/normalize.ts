// Wrappers that bring observations and rewards of several environments to unit scale, with statistics that all share.
import { type Tensor, tensor } from '@x/tensor'
import { knownOptions } from '../../env/errors.ts'
import { atLeast0, share } from '../../env/numbers.ts'
import { Box } from '../../spaces/box.ts'
import { batchSpace } from '../../spaces/flatten.ts'
import { RunningMeanStd } from '../../wrappers/runningMeanStd.ts'
import { boxOf } from '../../wrappers/transform.ts'
import {
  type Batch,
  resetMaskOf,
  type VectorEnv,
  type VectorInfo,
  type VectorResetOptions,
  type VectorStepResult,
} from '../vectorEnv.ts'
import { finalObservations } from './transform.ts'
import { VectorWrapper } from './vectorWrapper.ts'

/**
 * Observations less their running mean, over their running standard deviation, with one statistic for all environments:
 * first it takes the observations in, then they are normalised. Last observations of episodes (`infos.finalObs`) are
 * normalised as well, and not counted. Gymnasium's `NormalizeObservation` for vectors, Stable-Baselines3's `VecNormalize`.
 * @example
 * import { makeVec, train } from '@x/rl'
 * import { PPO } from '@x/rl/agents'
 * import { NormalizeObservation, NormalizeReward } from '@x/rl/vector'
 * const envs = new NormalizeReward(new NormalizeObservation(makeVec('Pendulum-v1', { numEnvs: 4 })), { gamma: 0.9 })
 * train(new PPO(envs, { nSteps: 64 }), envs, { steps: 512, seed: 0 })
 */
export class NormalizeObservation<O, A> extends VectorWrapper<O, A, Tensor> {
  readonly statistics: RunningMeanStd
  /** Whether the statistics go on; switch it off to evaluate. */
  updating = true
  private readonly epsilon: number
  private readonly shape: readonly number[]

  /**
   * @param options.epsilon added to the variance. Default 1e-8
   * @throws TypeError unless the observations come from a Box, RangeError for options that there are not or out of range
   */
  constructor(envs: VectorEnv<O, A, Tensor>, options: { epsilon?: number } = {}) {
    knownOptions('NormalizeObservation', options, ['epsilon'])
    const { shape, size } = boxOf('NormalizeObservation', envs.singleObservationSpace)
    const single = new Box(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { shape })
    super(envs, { single, all: batchSpace(single, envs.numEnvs) })
    this.shape = shape
    this.statistics = new RunningMeanStd(size)
    this.epsilon = atLeast0('NormalizeObservation: epsilon', options.epsilon ?? 1e-8)
  }

  /** Takes the marked rows in, and gives all of them normalised. */
  private normalized(observations: Tensor, mask: ArrayLike<number> | null): Tensor {
    const { statistics, numEnvs } = this
    const rows = observations.data() as Float32Array
    observations.dispose()
    const size = statistics.mean.length
    if (this.updating) statistics.update(mask ? rows.filter((_, k) => mask[Math.floor(k / size)]) : rows)
    return tensor(this.scaled(rows), { shape: [numEnvs, ...this.shape] })
  }

  private scaled(rows: ArrayLike<number>): Float32Array {
    const { mean, variance } = this.statistics
    const size = mean.length
    return Float32Array.from(rows, (x, k) => (x - mean[k % size]) / Math.sqrt(variance[k % size] + this.epsilon))
  }

  override reset(options?: VectorResetOptions): [observations: Tensor, infos: VectorInfo] {
    const [observations, infos] = this.envs.reset(options)
    return [this.normalized(observations, resetMaskOf(options?.options, this.numEnvs)), infos]
  }

  override step(actions: ArrayLike<A> | Batch): VectorStepResult<Tensor> {
    const [observations, rewards, terminations, truncations, infos] = this.envs.step(actions)
    const now = this.normalized(observations, null)
    return [now, rewards, terminations, truncations, finalObservations(infos, (x) => this.scaled(x))]
  }
}

/**
 * Rewards over the running standard deviation of the discounted returns of all environments, whose mean is left alone.
 * Gymnasium's `NormalizeReward` for vectors: G ← γ G (1 − terminated) + r, then r / √(Var[G] + ε).
 */
export class NormalizeReward<O, A, B extends Batch> extends VectorWrapper<O, A, B> {
  readonly statistics: RunningMeanStd = new RunningMeanStd(1)
  /** Whether the statistics go on; switch it off to evaluate. */
  updating = true
  private readonly returns: Float64Array
  private readonly gamma: number
  private readonly epsilon: number

  /**
   * @param options.gamma discount of the return, in [0, 1]. Default 0.99
   * @param options.epsilon added to the variance. Default 1e-8
   * @throws RangeError for options that there are not or out of range
   */
  constructor(envs: VectorEnv<O, A, B>, options: { gamma?: number; epsilon?: number } = {}) {
    super(envs)
    knownOptions('NormalizeReward', options, ['gamma', 'epsilon'])
    this.gamma = share('NormalizeReward: gamma', options.gamma ?? 0.99)
    this.epsilon = atLeast0('NormalizeReward: epsilon', options.epsilon ?? 1e-8)
    this.returns = new Float64Array(envs.numEnvs)
  }

  override step(actions: ArrayLike<A> | Batch): VectorStepResult<B> {
    const { returns, gamma, statistics } = this
    const result = this.envs.step(actions)
    const [, rewards, terminations] = result
    for (let i = 0; i < returns.length; i++) returns[i] = returns[i] * gamma * (1 - terminations[i]) + rewards[i]
    if (this.updating) statistics.update(returns)
    const scale = Math.sqrt(statistics.variance[0] + this.epsilon)
    result[1] = rewards.map((r) => r / scale)
    return result
  }
}
