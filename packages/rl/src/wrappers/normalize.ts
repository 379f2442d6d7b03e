// Wrappers that bring observations and rewards to unit scale as they come.

import type { Env, Info, ResetOptions, StepResult } from '../env/env.ts'
import { knownOptions } from '../env/errors.ts'
import { atLeast0, share } from '../env/numbers.ts'
import { Box } from '../spaces/box.ts'
import type { Space } from '../spaces/space.ts'
import { RunningMeanStd } from './runningMeanStd.ts'
import { boxOf } from './transform.ts'
import { Wrapper } from './wrapper.ts'

/**
 * Observations less their running mean, over their running standard deviation: first the statistics take the
 * observation in, then it is normalised. Gymnasium's `NormalizeObservation`, with statistics in float64.
 * @example
 * import { make, NormalizeObservation } from '@x/rl'
 * const env = new NormalizeObservation(make('Pendulum-v1'))
 * env.reset({ seed: 0 })
 * for (let t = 0; t < 100; t++) env.step([0])
 * env.updating = false // as for an evaluation
 */
export class NormalizeObservation<A> extends Wrapper<Float32Array, A, ArrayLike<number>, A> {
  readonly statistics: RunningMeanStd
  /** Whether the statistics go on; switch it off to evaluate. */
  updating = true
  private readonly epsilon: number

  /**
   * @param options.epsilon added to the variance. Default 1e-8
   * @throws TypeError unless the observations come from a Box, RangeError for options that there are not or out of range
   */
  constructor(env: Env<ArrayLike<number>, A>, options: { epsilon?: number } = {}) {
    knownOptions('NormalizeObservation', options, ['epsilon'])
    const { shape, size } = boxOf('NormalizeObservation', env.observationSpace as Space)
    const open = new Box(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { shape })
    super(env, { observationSpace: open })
    this.statistics = new RunningMeanStd(size)
    this.epsilon = atLeast0('NormalizeObservation: epsilon', options.epsilon ?? 1e-8)
  }

  private normalized(x: ArrayLike<number>): Float32Array {
    if (this.updating) this.statistics.update(x)
    return Float32Array.from(this.statistics.normalize(x, this.epsilon))
  }

  override reset(options?: ResetOptions): [observation: Float32Array, info: Info] {
    const [observation, info] = this.env.reset(options)
    return [this.normalized(observation), info]
  }

  override step(action: A): StepResult<Float32Array> {
    const [observation, ...rest] = this.env.step(action)
    return [this.normalized(observation), ...rest]
  }
}

/**
 * Rewards over the running standard deviation of the discounted return, whose mean is left alone.
 * Gymnasium's `NormalizeReward`: G ← γ G (1 − terminated) + r, then r / √(Var[G] + ε).
 * @example
 * import { make, NormalizeReward } from '@x/rl'
 * const env = new NormalizeReward(make('Pendulum-v1'), { gamma: 0.9 })
 * env.reset({ seed: 0 })
 * env.step([0])[1] // of unit scale after some steps
 */
export class NormalizeReward<O, A> extends Wrapper<O, A> {
  readonly statistics: RunningMeanStd = new RunningMeanStd(1)
  /** Whether the statistics go on; switch it off to evaluate. */
  updating = true
  private discounted = 0
  private readonly gamma: number
  private readonly epsilon: number

  /**
   * @param options.gamma discount of the return, in [0, 1]. Default 0.99
   * @param options.epsilon added to the variance. Default 1e-8
   * @throws RangeError for options that there are not or out of range
   */
  constructor(env: Env<O, A>, options: { gamma?: number; epsilon?: number } = {}) {
    super(env)
    knownOptions('NormalizeReward', options, ['gamma', 'epsilon'])
    const { gamma = 0.99 } = options
    this.gamma = share('NormalizeReward: gamma', gamma)
    this.epsilon = atLeast0('NormalizeReward: epsilon', options.epsilon ?? 1e-8)
  }

  override step(action: A): StepResult<O> {
    const result = this.env.step(action)
    const [, reward, terminated] = result
    this.discounted = this.discounted * this.gamma * (terminated ? 0 : 1) + reward
    if (this.updating) this.statistics.update([this.discounted])
    result[1] = reward / Math.sqrt(this.statistics.variance[0] + this.epsilon)
    return result
  }
}
