// The cross-entropy method as a planner: draw plans, keep the best few, draw closer to them.
import { cemUpdate } from '../arithmetic/control.ts'
import { knownOptions } from '../env/errors.ts'
import { wholes } from '../env/numbers.ts'
import { NumpyGenerator } from '../random/generator.ts'
import type { Model } from './model.ts'
import { type Plan, valuesOf } from './randomShooting.ts'

export interface CrossEntropyOptions {
  /** Steps that are looked ahead, ≥ 1. Default 20 */
  horizon?: number
  /** Plans that are tried in every iteration, ≥ 1. Default 100 */
  samples?: number
  /** How many of the best count, from 1 to `samples`. Default: a tenth of the samples */
  elites?: number
  /** Times that plans are drawn, ≥ 1. Default 4 */
  iterations?: number
  /** Share of the old mean and deviation that is kept, in [0, 1). Default 0.1 */
  smoothing?: number
  /** The plan to start around. Default: the middle of the bounds */
  mean?: ArrayLike<number>
  /** Default: one with seed 0 */
  generator?: NumpyGenerator
}

export const CEM_OPTIONS: readonly string[] = ['horizon', 'samples', 'elites', 'iterations', 'smoothing', 'generator']

/**
 * The best plan that was found while a normal distribution over plans closed in on the good ones. Every iteration draws
 * a^(i) ~ N(μ, σ²), cut to the bounds, and takes μ ← α μ + (1 − α) mean of the elites, σ ← α σ + (1 − α) their deviation. At
 * first σ is half of the range.
 * Source: Rubinstein 1999; De Boer et al. 2005, "A Tutorial on the Cross-Entropy Method", algorithm 2.2 and remark 2.3; as
 * planner Chua et al. 2018, arXiv:1805.12114, section 5.
 * @throws RangeError for counts that are not whole numbers ≥ 1, more elites than samples, or a mean of another length
 * @example
 * import { CartPole } from '@x/rl'
 * import { crossEntropyMethod, TrueModel } from '@x/rl/planning'
 * const [observation] = new CartPole().reset({ seed: 0 })
 * crossEntropyMethod(new TrueModel(new CartPole()), observation, { horizon: 10, samples: 20 }).value // up to 10
 */
export function crossEntropyMethod<O, A>(model: Model<O, A>, observation: O, options: CrossEntropyOptions = {}): Plan {
  knownOptions('crossEntropyMethod', options, [...CEM_OPTIONS, 'mean'])
  const { horizon = 20, samples = 100, iterations = 4, smoothing = 0.1, generator = new NumpyGenerator(0) } = options
  const { elites = Math.max(1, Math.round(samples / 10)) } = options
  wholes('crossEntropyMethod', { horizon, samples, iterations, elites })
  if (elites > samples) throw new RangeError(`crossEntropyMethod: ${elites} elites of ${samples} samples`)
  if (!(smoothing >= 0 && smoothing < 1))
    throw new RangeError(`crossEntropyMethod: smoothing ${smoothing} is not in [0, 1)`)
  const { low, high, size } = model.controls
  const length = horizon * size
  if (options.mean && options.mean.length !== length)
    throw new RangeError(`crossEntropyMethod: a mean of ${options.mean.length} numbers for a plan of ${length}`)
  let mean = Float64Array.from({ length }, (_, i) => options.mean?.[i] ?? (low[i % size] + high[i % size]) / 2)
  let std = Float64Array.from({ length }, (_, i) => (high[i % size] - low[i % size]) / 2)
  let best: Plan = { plan: mean, value: Number.NEGATIVE_INFINITY }
  const draw = (_: unknown, i: number): number =>
    Math.min(Math.max(generator.normal(mean[i], std[i]), low[i % size]), high[i % size])
  for (let iteration = 0; iteration < iterations; iteration++) {
    // The middle of them all is tried as well: near the end it is better than what is drawn around it.
    const plans = Array.from({ length: samples }, (_, i) => (i === 0 ? mean : Float64Array.from({ length }, draw)))
    const values = valuesOf('crossEntropyMethod', model, observation, plans)
    const update = cemUpdate(plans, values, { elites, mean, std, smoothing })
    const [first] = update.elites
    if (values[first] > best.value) best = { plan: plans[first], value: values[first] }
    mean = update.mean as Float64Array<ArrayBuffer>
    std = update.std as Float64Array<ArrayBuffer>
  }
  return best
}
