// The gradient bandit: arms drawn by softmax of learned preferences.
import { knownOptions } from '../env/errors.ts'
import { above0 } from '../env/numbers.ts'
import type { Seed } from '../random/seedSequence.ts'
import type { Tables } from '../tabular/tabular.ts'
import { argmax } from '../tabular/values.ts'
import { type ActOptions, isDeterministic } from '../training/agent.ts'
import { type ArmSource, BanditAgent } from './agent.ts'

/** Probabilities in proportion to e^(preference / temperature). */
export function softmaxProbabilities(preferences: ArrayLike<number>, temperature = 1): Float64Array {
  const top = Math.max(...Array.from(preferences))
  const weights = Float64Array.from(preferences, (h) => Math.exp((h - top) / temperature))
  const sum = weights.reduce((a, b) => a + b, 0)
  return weights.map((w) => w / sum)
}

/**
 * One step of stochastic gradient ascent on preferences, in place: H(A) += α (R − baseline)(1 − π(A)), and for the others
 * H(a) −= α (R − baseline) π(a). Source: Sutton and Barto 2018, equation 2.12.
 */
export function gradientBanditStep(
  H: Float64Array,
  arm: number,
  reward: number,
  { alpha, baseline }: { alpha: number; baseline: number },
): void {
  const pi = softmaxProbabilities(H)
  for (let a = 0; a < H.length; a++) H[a] += alpha * (reward - baseline) * (Number(a === arm) - pi[a])
}

/**
 * Arms drawn by softmax of learned preferences; the baseline is the mean of all rewards, the present one included.
 * Source: Sutton and Barto 2018, section 2.8.
 * @example
 * import { GradientBandit, make, train } from '@x/rl'
 * const env = make('Bandit-v0', { means: [0.2, 0.8], rewards: 'bernoulli' })
 * const agent = new GradientBandit(env, { alpha: 0.2 })
 * train(agent, env, { steps: 1000, seed: 0 })
 * agent.counts // pulls of both arms, most of them of the second
 */
export class GradientBandit extends BanditAgent {
  /** Preferences. */
  readonly H: Float64Array
  /** Mean reward so far; 0 for ever without a baseline. */
  baseline = 0
  private readonly alpha: number
  private readonly hasBaseline: boolean

  /**
   * @param options.alpha step size, > 0. Default 0.1
   * @param options.baseline whether to subtract the mean reward. Default true
   * @param options.seed Default 0
   * @throws TypeError for arms that are not Discrete, RangeError for options that there are not or out of range
   */
  constructor(arms: ArmSource, options: { alpha?: number; baseline?: boolean; seed?: Seed } = {}) {
    knownOptions('GradientBandit', options, ['alpha', 'baseline', 'seed'])
    super('GradientBandit', arms, options.seed ?? 0)
    this.H = new Float64Array(this.values.length)
    this.alpha = above0('GradientBandit: alpha', options.alpha ?? 0.1)
    this.hasBaseline = options.baseline ?? true
  }

  protected choose(): number {
    const pi = softmaxProbabilities(this.H)
    let u = this.generator.random()
    for (let a = 0; a < pi.length - 1; a++) {
      u -= pi[a]
      if (u < 0) return a
    }
    return pi.length - 1
  }

  override act(_observation?: unknown, options: ActOptions = {}): number {
    return isDeterministic(this.settings.name, options) ? argmax(this.H) : this.choose()
  }

  override update(arm: number, reward: number): void {
    super.update(arm, reward)
    if (this.hasBaseline) this.baseline += (reward - this.baseline) / this.pulls
    gradientBanditStep(this.H, arm, reward, { alpha: this.alpha, baseline: this.baseline })
  }

  protected override tables(): Tables {
    return { ...super.tables(), H: this.H }
  }

  protected override memory(): number {
    return this.baseline
  }

  protected override restoreMemory(memory: unknown): void {
    this.baseline = memory as number
  }
}
