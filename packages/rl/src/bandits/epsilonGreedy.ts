// The ε-greedy bandit.
import { knownOptions } from '../env/errors.ts'
import { finite, share, shareAbove0 } from '../env/numbers.ts'
import type { Seed } from '../random/seedSequence.ts'
import { epsilonGreedy } from '../tabular/values.ts'
import { type ArmSource, BanditAgent } from './agent.ts'

export interface EpsilonGreedyOptions {
  /** Probability of any arm instead of the best, in [0, 1]. Default 0.1 */
  epsilon?: number
  /** Constant step size in (0, 1], for rewards that change. Default: the mean, 1 / pulls */
  alpha?: number
  /** Value that every arm starts with; high ones make it explore. Default 0 */
  initialValue?: number
  /** Seeds the choice of arms. Default 0 */
  seed?: Seed
}

/**
 * The best arm, but any with probability ε; ties at random.
 * Source: Sutton and Barto 2018, sections 2.4 to 2.6 (equations 2.3 and 2.5, optimistic values).
 * @example
 * import { EpsilonGreedyBandit, make, train } from '@x/rl'
 * const env = make('Bandit-v0', { means: [0.2, 0.8], rewards: 'bernoulli' })
 * const agent = new EpsilonGreedyBandit(env, { epsilon: 0.1 })
 * train(agent, env, { steps: 1000, seed: 0 })
 * agent.counts // pulls of both arms, most of them of the second
 */
export class EpsilonGreedyBandit extends BanditAgent {
  private readonly epsilon: number
  /** The constant step size; null for the mean. */
  private readonly alpha: number | null

  /** @throws TypeError for arms that are not Discrete, RangeError for options that there are not or out of range */
  constructor(arms: ArmSource, options: EpsilonGreedyOptions = {}) {
    knownOptions('EpsilonGreedyBandit', options, ['epsilon', 'alpha', 'initialValue', 'seed'])
    const { epsilon = 0.1, alpha, initialValue = 0, seed = 0 } = options
    super('EpsilonGreedyBandit', arms, seed)
    this.epsilon = share('EpsilonGreedyBandit: epsilon', epsilon)
    this.alpha = alpha === undefined ? null : shareAbove0('EpsilonGreedyBandit: alpha', alpha)
    this.values.fill(finite('EpsilonGreedyBandit: initialValue', initialValue))
  }

  protected choose(): number {
    return epsilonGreedy(this.values, this.epsilon, this.generator)
  }

  override update(arm: number, reward: number): void {
    if (this.alpha === null) super.update(arm, reward)
    else {
      this.counts[arm]++
      this.values[arm] += this.alpha * (reward - this.values[arm])
    }
  }
}
