// Wrappers that bring observations and rewards to unit scale as they come.
import type { Env, Info, ResetOptions, StepResult } from '../env/env.ts'
import { Box } from '../spaces/box.ts'
import type { Space } from '../spaces/space.ts'
import { RunningMeanStd } from './runningMeanStd.ts'
import { boxOf } from './transform.ts'
import { Wrapper } from './wrapper.ts'

/**
 * Observations less their running mean, over their running standard deviation: first the statistics take the
 * observation in, then it is normalised. Gymnasium's `NormalizeObservation`, with statistics in float64.
 */
export class NormalizeObservation<A> extends Wrapper<Float32Array, A, ArrayLike<number>, A> {
  readonly statistics: RunningMeanStd
  /** Whether the statistics go on; switch it off to evaluate. */
  updating = true
  private readonly epsilon: number

  /** @throws TypeError unless the observations come from a Box */
  constructor(env: Env<ArrayLike<number>, A>, { epsilon = 1e-8 }: { epsilon?: number } = {}) {
    const { shape, size } = boxOf('NormalizeObservation', env.observationSpace as Space)
    const open = new Box<Float32Array>(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { shape })
    super(env, { observationSpace: open })
    this.statistics = new RunningMeanStd(size)
    this.epsilon = epsilon
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
 */
export class NormalizeReward<O, A> extends Wrapper<O, A> {
  readonly statistics: RunningMeanStd = new RunningMeanStd(1)
  /** Whether the statistics go on; switch it off to evaluate. */
  updating = true
  private discounted = 0
  private readonly gamma: number
  private readonly epsilon: number

  constructor(env: Env<O, A>, { gamma = 0.99, epsilon = 1e-8 }: { gamma?: number; epsilon?: number } = {}) {
    super(env)
    if (!(gamma >= 0 && gamma <= 1)) throw new RangeError(`NormalizeReward: gamma ${gamma} is not in [0, 1]`)
    this.gamma = gamma
    this.epsilon = epsilon
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
