// Returns and advantages of recorded steps. Arrays of steps may hold several environments side by side: element
// t · environments + i is step t of environment i.
import { knownOptions } from '../env/errors.ts'

/** One number per step and environment. */
export type Steps = ArrayLike<number>

/**
 * Σₖ γᵏ x[t+k] for every t.
 * @example
 * import { discountedSum } from '@x/rl'
 * discountedSum([1, 1, 1], 0.5) // [1.75, 1.5, 1]
 */
export function discountedSum(x: Steps, gamma: number): Float64Array {
  const y = new Float64Array(x.length)
  for (let t = x.length - 1, sum = 0; t >= 0; t--) y[t] = sum = x[t] + gamma * sum
  return y
}

export interface ReturnsOptions {
  /** Discount in [0, 1]. */
  gamma: number
  /** Environments side by side. Default 1 */
  environments?: number
}

/**
 * Rewards to go: Gₜ = rₜ + γ Gₜ₊₁, which starts over after a step that ended an episode (`done`), and goes on with
 * `bootstrap` (one value per environment, default 0) behind the last one.
 * @throws RangeError for lists of different lengths, or an option that there is not
 * @example
 * import { discountedReturns } from '@x/rl'
 * discountedReturns([1, 1, 1], [0, 1, 0], [8], { gamma: 0.5 }) // [1.5, 1, 5]
 */
export function discountedReturns(
  rewards: Steps,
  done: Steps,
  bootstrap: Steps | null,
  options: ReturnsOptions,
): Float64Array {
  knownOptions('discountedReturns', options, ['gamma', 'environments'])
  const { gamma, environments: n = 1 } = options
  checkLengths('discountedReturns', rewards, { done })
  const G = new Float64Array(rewards.length)
  for (let t = G.length - 1; t >= 0; t--) {
    const following = t + n < G.length ? G[t + n] : (bootstrap?.[t % n] ?? 0)
    G[t] = rewards[t] + (done[t] ? 0 : gamma * following)
  }
  return G
}

export interface GaeInputs {
  readonly rewards: Steps
  /** Value of the observation before every step. */
  readonly values: Steps
  /** Value of the observation behind the last step, one per environment. */
  readonly bootstrapValue: Steps
  /** Steps that ended their task: nothing follows. */
  readonly terminated: Steps
  /** Steps after which the episode was cut. Default none */
  readonly truncated?: Steps
  /** Value of the last observation of an episode that was cut, before the reset. Needed where `truncated` is 1 */
  readonly finalValues?: Steps
}

export interface GaeOptions extends ReturnsOptions {
  /** Weight of long sums in [0, 1]. */
  lambda: number
}

/**
 * Generalised advantage estimation: δₜ = rₜ + γ V(sₜ₊₁) − V(sₜ), Aₜ = δₜ + γ λ Aₜ₊₁. After termination nothing follows; after
 * a cut the value of the last observation does, and the sum ends.
 * Source: Schulman et al. 2016, arXiv:1506.02438, equations 11 to 16; Pardo et al. 2018, arXiv:1712.00378, for cut episodes.
 * @returns advantages, and returns = advantages + values
 * @throws RangeError for lists of different lengths, episodes that were cut without `finalValues`, or an option that there is
 * not
 * @example
 * import { gae } from '@x/rl'
 * const none = [0, 0]
 * const steps = { rewards: [1, 1], values: [0.5, 0.5], bootstrapValue: [0], terminated: [0, 1], truncated: none, finalValues: none }
 * gae(steps, { gamma: 1, lambda: 1 }).returns // [2, 1]
 */
export function gae(
  { rewards, values, bootstrapValue, terminated, truncated, finalValues }: GaeInputs,
  options: GaeOptions,
): { advantages: Float64Array; returns: Float64Array } {
  knownOptions('gae', options, ['gamma', 'lambda', 'environments'])
  const { gamma, lambda, environments: n = 1 } = options
  checkLengths('gae', rewards, { values, terminated, truncated, finalValues })
  const advantages = new Float64Array(rewards.length)
  const returns = new Float64Array(rewards.length)
  for (let t = rewards.length - 1; t >= 0; t--) {
    const isLast = t + n >= rewards.length
    const isCut = Boolean(truncated?.[t]) && !terminated[t]
    if (isCut && !finalValues) throw new RangeError('gae: episodes were cut, but there are no finalValues')
    let next = 0
    if (isCut) next = (finalValues as Steps)[t]
    else if (!terminated[t]) next = isLast ? bootstrapValue[t % n] : values[t + n]
    const delta = rewards[t] + gamma * next - values[t]
    advantages[t] = delta + (isLast || isCut || terminated[t] ? 0 : gamma * lambda * advantages[t + n])
    returns[t] = advantages[t] + values[t]
  }
  return { advantages, returns }
}

/**
 * n-step returns for replay: the discounted sum of up to n rewards from every step on, and how the episode stood after
 * them. `next` is the step whose following observation the sum ends with, `discount` what its value is to be multiplied
 * with: γⁿ, or 0 after termination.
 * @throws RangeError for lists of different lengths, or an option that there is not
 * @example
 * import { nStepReturns } from '@x/rl'
 * nStepReturns([1, 1, 1], [0, 0, 1], [0, 0, 0], { gamma: 0.5, n: 2 }).returns // [1.5, 1.5, 1]
 */
export function nStepReturns(
  rewards: Steps,
  terminated: Steps,
  truncated: Steps,
  options: { gamma: number; n: number },
): { returns: Float64Array; discount: Float64Array; next: Int32Array } {
  knownOptions('nStepReturns', options, ['gamma', 'n'])
  const { gamma, n } = options
  checkLengths('nStepReturns', rewards, { terminated, truncated })
  const count = rewards.length
  const returns = new Float64Array(count)
  const discount = new Float64Array(count)
  const next = new Int32Array(count)
  for (let t = 0; t < count; t++) {
    let factor = 1
    let k = t
    for (; ; k++) {
      returns[t] += factor * rewards[k]
      factor *= gamma
      if (terminated[k] || truncated[k] || k === t + n - 1 || k === count - 1) break
    }
    discount[t] = terminated[k] ? 0 : factor
    next[t] = k
  }
  return { returns, discount, next }
}

export interface VTraceInputs {
  /** π(a|s) / μ(a|s) of every step. */
  readonly ratios: Steps
  readonly rewards: Steps
  readonly values: Steps
  readonly bootstrapValue: number
  readonly terminated: Steps
}

/**
 * V-trace targets: vₜ = V(sₜ) + δₜ + γ cₜ (vₜ₊₁ − V(sₜ₊₁)) with δₜ = ρₜ (rₜ + γ V(sₜ₊₁) − V(sₜ)), ρₜ = min(ρ̄, ratio),
 * cₜ = min(c̄, ratio); advantages of the policy gradient ρₜ (rₜ + γ vₜ₊₁ − V(sₜ)).
 * Source: Espeholt et al. 2018, arXiv:1802.01561, equation 1 and section 4.2.
 * @param options.rhoBar ρ̄, which decides what is learned. Default 1
 * @param options.cBar c̄, which decides how fast. Default 1
 * @throws RangeError for lists of different lengths, or an option that there is not
 * @example
 * import { vtrace } from '@x/rl'
 * const steps = { ratios: [1, 1], rewards: [1, 1], values: [0, 0], bootstrapValue: 0, terminated: [0, 1] }
 * vtrace(steps, { gamma: 0.5 }).targets // [1.5, 1]: on-policy, the returns
 */
export function vtrace(
  { ratios, rewards, values, bootstrapValue, terminated }: VTraceInputs,
  options: { gamma: number; rhoBar?: number; cBar?: number },
): { targets: Float64Array; advantages: Float64Array } {
  knownOptions('vtrace', options, ['gamma', 'rhoBar', 'cBar'])
  const { gamma, rhoBar = 1, cBar = 1 } = options
  checkLengths('vtrace', rewards, { ratios, values, terminated })
  const n = rewards.length
  const targets = new Float64Array(n)
  const advantages = new Float64Array(n)
  for (let t = n - 1; t >= 0; t--) {
    const rho = Math.min(rhoBar, ratios[t])
    const c = Math.min(cBar, ratios[t])
    const keep = terminated[t] ? 0 : gamma
    const nextValue = t + 1 < n ? values[t + 1] : bootstrapValue
    const nextTarget = t + 1 < n ? targets[t + 1] : bootstrapValue
    const delta = rho * (rewards[t] + keep * nextValue - values[t])
    targets[t] = values[t] + delta + keep * c * (nextTarget - nextValue)
    advantages[t] = rho * (rewards[t] + keep * nextTarget - values[t])
  }
  return { targets, advantages }
}

/**
 * 1 − Var[returns − values] / Var[returns]: 1 for perfect values, 0 for constant ones; NaN where all returns are alike.
 * @example
 * import { explainedVariance } from '@x/rl'
 * explainedVariance([1, 2, 3], [1, 2, 3]) // 1
 */
export function explainedVariance(values: ArrayLike<number>, returns: ArrayLike<number>): number {
  const variance = (f: (i: number) => number): number => {
    let [mean, spread] = [0, 0]
    for (let i = 0; i < returns.length; i++) mean += f(i) / returns.length
    for (let i = 0; i < returns.length; i++) spread += (f(i) - mean) ** 2 / returns.length
    return spread
  }
  const all = variance((i) => returns[i])
  return all === 0 ? Number.NaN : 1 - variance((i) => returns[i] - values[i]) / all
}

/** @throws RangeError unless each of them, where there is one, has a number for every reward */
function checkLengths(owner: string, rewards: Steps, others: Readonly<Record<string, Steps | undefined>>): void {
  for (const [name, { length } = rewards] of Object.entries(others)) {
    if (length !== rewards.length) throw new RangeError(`${owner}: ${length} ${name} for ${rewards.length} rewards`)
  }
}
