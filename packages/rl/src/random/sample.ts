// Drawing an index by probabilities, as Gymnasium's toy-text environments do.
import type { NumpyGenerator } from './generator.ts'

/** The first i at which the running sum of the probabilities exceeds a uniform draw; 0 if rounding leaves none. */
export function categoricalSample(probabilities: ArrayLike<number>, generator: NumpyGenerator): number {
  return firstAbove(probabilities, generator.random())
}

/** The first i with p₀ + … + pᵢ > u; 0 if there is none. */
export function firstAbove(probabilities: ArrayLike<number>, u: number): number {
  let sum = 0
  for (let i = 0; i < probabilities.length; i++) {
    sum += probabilities[i]
    if (sum > u) return i
  }
  return 0
}
