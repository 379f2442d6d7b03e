// Bandits that take the arm of the highest upper confidence bound: UCB1 and KL-UCB.
import { knownOptions } from '../env/errors.ts'
import { atLeast0 } from '../env/numbers.ts'
import type { Seed } from '../random/seedSequence.ts'
import { argmax } from '../tabular/values.ts'
import { type ArmSource, BanditAgent } from './agent.ts'

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

  /**
   * @param options.c weight of what is uncertain, ≥ 0. Default √2
   * @param options.seed Default 0
   * @throws TypeError for arms that are not Discrete, RangeError for options that there are not or out of range
   */
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
  /**
   * @param options.seed Default 0
   * @throws TypeError for arms that are not Discrete, RangeError for an option that there is not
   */
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
