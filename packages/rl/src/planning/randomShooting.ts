// Random shooting: try many random plans, keep the best.

import { knownOptions } from '../env/errors.ts'
import { wholes } from '../env/numbers.ts'
import { NumpyGenerator } from '../random/generator.ts'
import { argmax } from '../tabular/values.ts'
import type { Model } from './model.ts'

/** A sequence of actions as a flat array of numbers, and what the model says it is worth. */
export interface Plan {
  readonly plan: Float64Array
  readonly value: number
}

export interface ShootingOptions {
  /** Steps that are looked ahead, ≥ 1. Default 20 */
  horizon?: number
  /** Plans that are tried, ≥ 1. Default 500 */
  samples?: number
  /** Default: one with seed 0 */
  generator?: NumpyGenerator
}

/**
 * The best of random plans: a^(i) ~ U(low, high)^H for i = 1 … N, then argmaxᵢ Σₜ r(sₜ, aₜ^(i)) with s₀ = s and
 * sₜ₊₁ = f(sₜ, aₜ^(i)).
 * Source: Richards 2005, "Robust Constrained Model Predictive Control", section 3; as planner with a learned model Nagabandi
 * et al. 2018, arXiv:1708.02596, equation 4.
 * @throws RangeError for a horizon or a number of samples that is not a whole number ≥ 1, or a model that says NaN
 * @example
 * import { CartPole } from '@x/rl'
 * import { randomShooting, TrueModel } from '@x/rl/planning'
 * const [observation] = new CartPole().reset({ seed: 0 })
 * randomShooting(new TrueModel(new CartPole()), observation, { horizon: 10, samples: 20 }).value // up to 10
 */
export function randomShooting<O, A>(model: Model<O, A>, observation: O, options: ShootingOptions = {}): Plan {
  knownOptions('randomShooting', options, ['horizon', 'samples', 'generator'])
  const { horizon = 20, samples = 500, generator = new NumpyGenerator(0) } = options
  wholes('randomShooting', { horizon, samples })
  const { low, high, size } = model.controls
  const plans = Array.from({ length: samples }, () =>
    Float64Array.from({ length: horizon * size }, (_, i) => generator.uniform(low[i % size], high[i % size])),
  )
  const values = valuesOf('randomShooting', model, observation, plans)
  const best = argmax(values)
  return { plan: plans[best], value: values[best] }
}

/** What plans are worth. @throws RangeError where the model says NaN */
export function valuesOf<O, A>(
  what: string,
  model: Model<O, A>,
  observation: O,
  plans: readonly Float64Array[],
): Float64Array {
  const values = model.returns(observation, plans)
  const lost = values.findIndex(Number.isNaN)
  if (lost >= 0) throw new RangeError(`${what}: the model says that plan ${lost} from [${observation}] is worth NaN`)
  return values
}
