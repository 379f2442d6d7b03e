// Bandit algorithms: which arm to pull, learned from what arms paid.

import type { Env } from '../env/env.ts'
import { knownOptions } from '../env/errors.ts'
import { above0, atLeast0, share } from '../env/numbers.ts'
import { NumpyGenerator } from '../random/generator.ts'
import type { Seed } from '../random/seedSequence.ts'
import { Discrete } from '../spaces/discrete.ts'
import type { Space } from '../spaces/space.ts'
import { type TableOwner, type Tables, Tabular } from '../tabular/tabular.ts'
import { argmax, epsilonGreedy } from '../tabular/values.ts'
import type { ActOptions, Agent, LearnOptions, Progress } from '../training/agent.ts'
import { isDeterministic } from '../training/agent.ts'
import { episodes } from '../training/episodes.ts'

/** Number of arms, or an environment whose actions they are. */
export type ArmSource = number | { readonly actionSpace: Space<never> | Space }

/** What all of them keep: how often each arm was pulled, and the mean of what it paid. */
abstract class BanditAgent extends Tabular<TableOwner> implements Agent<unknown, number> {
  /** Pulls of every arm. */
  readonly counts: Float64Array
  /** Mean reward of every arm, or what a constant step size makes of it. */
  readonly values: Float64Array

  constructor(name: string, arms: ArmSource, seed: Seed) {
    const space = typeof arms === 'number' ? new Discrete(arms) : arms.actionSpace
    if (!(space instanceof Discrete))
      throw new TypeError(`${name}: a bandit algorithm needs arms: ${space} is not Discrete`)
    super({ name, states: { size: 1 }, actions: space.n, generator: new NumpyGenerator(seed) })
    this.counts = new Float64Array(space.n)
    this.values = new Float64Array(space.n)
  }

  protected get generator(): NumpyGenerator {
    return this.settings.generator
  }

  protected override tables(): Tables {
    return { counts: this.counts, values: this.values }
  }

  /** Pulls so far. */
  get pulls(): number {
    return this.counts.reduce((sum, n) => sum + n, 0)
  }

  /** The arm to pull next. */
  protected abstract choose(): number

  /** The arm to pull; deterministically, the one of the highest value. */
  act(_observation?: unknown, options: ActOptions = {}): number {
    return isDeterministic(this.settings.name, options) ? argmax(this.values) : this.choose()
  }

  /** Takes in what an arm paid. */
  update(arm: number, reward: number): void {
    this.counts[arm]++
    this.values[arm] += (reward - this.values[arm]) / this.counts[arm]
  }

  *learn(env: Env<unknown, number>, options: LearnOptions): Generator<Progress, void> {
    for (const episode of episodes(env, options, this.clock)) {
      while (!episode.done) {
        const arm = this.act()
        this.update(arm, episode.step(arm))
      }
      yield episode.report()
    }
  }

  /** The first arm that was never pulled; −1 when all were. */
  protected untried(): number {
    return this.counts.indexOf(0)
  }
}

export interface EpsilonGreedyOptions {
  /** Probability of any arm instead of the best. Default 0.1 */
  epsilon?: number
  /** Constant step size, for rewards that change. Default: the mean, 1 / pulls */
  alpha?: number
  /** Value that every arm starts with; high ones make it explore. Default 0 */
  initialValue?: number
  /** Default 0 */
  seed?: Seed
}

/**
 * The best arm, but any with probability ε; ties at random.
 * Source: Sutton and Barto 2018, sections 2.4 to 2.6 (equations 2.3 and 2.5, optimistic values).
 * @throws RangeError for an epsilon outside [0, 1]
 * @example
 * import { EpsilonGreedyBandit, make, train } from '@x/rl'
 * const env = make('Bandit-v0', { means: [0.2, 0.8], rewards: 'bernoulli' })
 * const agent = new EpsilonGreedyBandit(env, { epsilon: 0.1 })
 * train(agent, env, { steps: 1000, seed: 0 })
 * agent.counts // pulls of both arms, most of them of the second
 */
export class EpsilonGreedyBandit extends BanditAgent {
  private readonly epsilon: number
  private readonly alpha: number | undefined

  constructor(arms: ArmSource, options: EpsilonGreedyOptions = {}) {
    knownOptions('EpsilonGreedyBandit', options, ['epsilon', 'alpha', 'initialValue', 'seed'])
    const { epsilon = 0.1, alpha, initialValue = 0, seed = 0 } = options
    super('EpsilonGreedyBandit', arms, seed)
    if (alpha !== undefined && !(alpha > 0 && alpha <= 1)) {
      throw new RangeError(`EpsilonGreedyBandit: alpha ${alpha} is not in (0, 1]`)
    }
    this.epsilon = share('EpsilonGreedyBandit: epsilon', epsilon)
    this.alpha = alpha
    this.values.fill(initialValue)
  }

  protected choose(): number {
    return epsilonGreedy(this.values, this.epsilon, this.generator)
  }

  override update(arm: number, reward: number): void {
    if (this.alpha === undefined) super.update(arm, reward)
    else {
      this.counts[arm]++
      this.values[arm] += this.alpha * (reward - this.values[arm])
    }
  }
}

/** The upper confidence bounds Q + c √(ln t / N); infinite for arms never pulled. Source: Sutton and Barto 2018, equation 2.10. */
export function upperConfidenceBounds(
  values: ArrayLike<number>,
  counts: ArrayLike<number>,
  t: number,
  c: number,
): Float64Array {
  return Float64Array.from(values, (q, a) =>
    counts[a] === 0 ? Number.POSITIVE_INFINITY : q + c * Math.sqrt(Math.log(t) / counts[a]),
  )
}

/**
 * The arm of the highest upper confidence bound Q + c √(ln t / N), t the pulls so far; arms never pulled come first.
 * Source: Auer, Cesa-Bianchi and Fischer 2002, UCB1 with c = √2; Sutton and Barto 2018, section 2.7.
 * @example
 * import { UCB, make, train } from '@x/rl'
 * const env = make('Bandit-v0', { means: [0.2, 0.8], rewards: 'bernoulli' })
 * const agent = new UCB(env, { c: 1 })
 * train(agent, env, { steps: 1000, seed: 0 })
 * agent.counts // pulls of both arms, most of them of the second
 */
export class UCB extends BanditAgent {
  private readonly c: number

  /** @param options.c Default √2 */
  constructor(arms: ArmSource, options: { c?: number; seed?: Seed } = {}) {
    knownOptions('UCB', options, ['c', 'seed'])
    super('UCB', arms, options.seed ?? 0)
    const { c = Math.SQRT2 } = options
    this.c = atLeast0('UCB: c', c)
  }

  protected choose(): number {
    const untried = this.untried()
    return untried >= 0 ? untried : argmax(upperConfidenceBounds(this.values, this.counts, this.pulls, this.c))
  }
}

/** The divergence of Bernoulli distributions, p from q: p ln (p/q) + (1−p) ln ((1−p)/(1−q)). */
function bernoulliDivergence(p: number, q: number): number {
  const term = (a: number, b: number): number => (a === 0 ? 0 : a * Math.log(a / b))
  return term(p, q) + term(1 - p, 1 - q)
}

/** The largest q in [mean, 1] with n kl(mean, q) ≤ ln t, by bisection. Source: Garivier and Cappé 2011, equation 1 with c = 0. */
export function klUpperBound(mean: number, n: number, t: number): number {
  const limit = Math.log(t) / n
  let low = mean
  let high = 1
  for (let i = 0; i < 100 && high - low > 0; i++) {
    const q = (low + high) / 2
    if (q === low || q === high) break
    if (bernoulliDivergence(mean, q) <= limit) low = q
    else high = q
  }
  return low
}

/**
 * UCB for rewards in [0, 1] with bounds from the divergence of Bernoulli distributions. Source: Garivier and Cappé 2011, KL-UCB.
 * @example
 * import { KLUCB, make, train } from '@x/rl'
 * const env = make('Bandit-v0', { means: [0.2, 0.8], rewards: 'bernoulli' })
 * const agent = new KLUCB(env)
 * train(agent, env, { steps: 1000, seed: 0 })
 * agent.counts // pulls of both arms, most of them of the second
 */
export class KLUCB extends BanditAgent {
  constructor(arms: ArmSource, options: { seed?: Seed } = {}) {
    knownOptions('KLUCB', options, ['seed'])
    super('KLUCB', arms, options.seed ?? 0)
  }

  protected choose(): number {
    const untried = this.untried()
    const t = this.pulls
    return untried >= 0 ? untried : argmax(this.values.map((mean, a) => klUpperBound(mean, this.counts[a], t)))
  }
}

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
   * @param options.alpha step size. Default 0.1
   * @param options.baseline whether to subtract the mean reward. Default true
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

  /** @param options.rewards 'bernoulli' (default) or 'normal' */
  constructor(arms: ArmSource, options: { rewards?: 'bernoulli' | 'normal'; seed?: Seed } = {}) {
    knownOptions('ThompsonSampling', options, ['rewards', 'seed'])
    super('ThompsonSampling', arms, options.seed ?? 0)
    const { rewards = 'bernoulli' } = options
    if (rewards !== 'bernoulli' && rewards !== 'normal') throw new RangeError(`ThompsonSampling: rewards '${rewards}'`)
    this.isNormal = rewards === 'normal'
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
