// Thompson sampling: every arm is as good as a draw from what is believed of it.
import { knownOptions } from '../env/errors.ts'
import { oneOf } from '../env/numbers.ts'
import type { NumpyGenerator } from '../random/generator.ts'
import type { Seed } from '../random/seedSequence.ts'
import type { Tables } from '../tabular/tabular.ts'
import { argmax } from '../tabular/values.ts'
import { type ArmSource, BanditAgent } from './agent.ts'

/**
 * The arm that is best in a world drawn from what is believed: a Beta distribution per arm for rewards in {0, 1} (or in
 * [0, 1], which count as the probability of a 1), a normal one for rewards of variance 1.
 * Source: Thompson 1933; Chapelle and Li 2011; Agrawal and Goyal 2012 for rewards in [0, 1].
 * @example
 * import { ThompsonSampling, make, train } from '@x/rl'
 * const env = make('Bandit-v0', { means: [0.2, 0.8], rewards: 'bernoulli' })
 * const agent = new ThompsonSampling(env)
 * train(agent, env, { steps: 1000, seed: 0 })
 * agent.counts // pulls of both arms, most of them of the second
 */
export class ThompsonSampling extends BanditAgent {
  private readonly isNormal: boolean
  /** Successes and failures, one more than seen: uniform at first. */
  private readonly a: Float64Array
  private readonly b: Float64Array

  /**
   * @param options.rewards 'bernoulli' or 'normal'. Default 'bernoulli'
   * @param options.seed Default 0
   * @throws TypeError for arms that are not Discrete, RangeError for options that there are not or out of range
   */
  constructor(arms: ArmSource, options: { rewards?: 'bernoulli' | 'normal'; seed?: Seed } = {}) {
    knownOptions('ThompsonSampling', options, ['rewards', 'seed'])
    super('ThompsonSampling', arms, options.seed ?? 0)
    const { rewards = 'bernoulli' } = options
    this.isNormal = oneOf('ThompsonSampling: rewards', rewards, ['bernoulli', 'normal']) === 'normal'
    this.a = new Float64Array(this.values.length).fill(1)
    this.b = new Float64Array(this.values.length).fill(1)
  }

  protected choose(): number {
    const { a, b, generator } = this
    // With a prior of mean 0 and variance 1: the posterior after n rewards has mean n·mean / (n+1) and variance 1 / (n+1).
    const draw = (mean: number, arm: number): number =>
      this.isNormal
        ? generator.normal((mean * this.counts[arm]) / (this.counts[arm] + 1), 1 / Math.sqrt(this.counts[arm] + 1))
        : beta(a[arm], b[arm], generator)
    return argmax(this.values.map(draw))
  }

  /** @throws RangeError for a reward outside [0, 1] unless rewards are normal */
  override update(arm: number, reward: number): void {
    super.update(arm, reward)
    if (this.isNormal) return
    if (!(reward >= 0 && reward <= 1)) throw new RangeError(`ThompsonSampling: reward ${reward} is not in [0, 1]`)
    const success = reward === 0 || reward === 1 ? reward : Number(this.generator.random() < reward)
    this.a[arm] += success
    this.b[arm] += 1 - success
  }

  protected override tables(): Tables {
    return { ...super.tables(), a: this.a, b: this.b }
  }
}

/** A draw from Beta(a, b) with a, b ≥ 1, as a ratio of gamma draws. */
function beta(a: number, b: number, generator: NumpyGenerator): number {
  const x = gamma(a, generator)
  return x / (x + gamma(b, generator))
}

/** A draw from Gamma(shape, 1) with shape ≥ 1. Source: Marsaglia and Tsang 2000, "A Simple Method for Generating Gamma Variables". */
function gamma(shape: number, generator: NumpyGenerator): number {
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = generator.normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - generator.random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}
