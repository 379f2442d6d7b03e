// Sampling in proportion to priorities: a tree of sums.
import { knownOptions } from '../env/errors.ts'
import { atLeast0, whole } from '../env/numbers.ts'

/**
 * Non-negative weights with their running sums: setting one, and finding the place of a mass, take log₂(capacity) steps.
 * Source: Schaul et al. 2016, arXiv:1511.05952, appendix B.2.1.
 * @example
 * import { SumTree } from '@x/rl'
 * const tree = new SumTree(4)
 * tree.set(0, 1)
 * tree.set(2, 3)
 * tree.total // 4
 */
export class SumTree {
  readonly capacity: number
  private readonly leaves: number
  private readonly sums: Float64Array
  private readonly least: Float64Array

  /** @throws RangeError unless capacity is a whole number ≥ 1 */
  constructor(capacity: number) {
    this.capacity = whole('SumTree: capacity', capacity)
    this.leaves = 2 ** Math.ceil(Math.log2(capacity))
    this.sums = new Float64Array(2 * this.leaves)
    this.least = new Float64Array(2 * this.leaves).fill(Number.POSITIVE_INFINITY)
  }

  /** Sum of all weights. */
  get total(): number {
    return this.sums[1]
  }

  /** The smallest weight that was set. */
  get minimum(): number {
    return this.least[1]
  }

  get(i: number): number {
    return this.sums[this.leaves + i]
  }

  /** @throws RangeError for a place that there is not, or a weight that is not finite and ≥ 0 */
  set(i: number, weight: number): void {
    if (!(i >= 0 && i < this.capacity)) throw new RangeError(`SumTree: there is no place ${i} of ${this.capacity}`)
    atLeast0('SumTree: weight', weight)
    const { sums, least } = this
    let at = this.leaves + i
    sums[at] = least[at] = weight
    for (at >>= 1; at >= 1; at >>= 1) {
      sums[at] = sums[2 * at] + sums[2 * at + 1]
      least[at] = Math.min(least[2 * at], least[2 * at + 1])
    }
  }

  /** The first place whose running sum exceeds the mass. */
  find(mass: number): number {
    let at = 1
    while (at < this.leaves) {
      at *= 2
      if (mass >= this.sums[at] && this.sums[at + 1] > 0) {
        mass -= this.sums[at]
        at++
      }
    }
    return at - this.leaves
  }

  /**
   * One place out of each of `u.length` equal shares of the sum; u holds where in its share each draw lies, in [0, 1).
   */
  stratified(u: ArrayLike<number>): Int32Array {
    const share = this.total / u.length
    return Int32Array.from(u, (v, k) => this.find((k + v) * share))
  }
}

/**
 * Weights that undo the bias of sampling by priority: (N P(i))^−β, over the largest among `probabilities`, or over that of
 * the smallest probability in the whole buffer where it is given.
 * Source: Schaul et al. 2016, section 3.4.
 */
export function importanceWeights(
  probabilities: ArrayLike<number>,
  options: { count: number; beta: number; least?: number },
): Float64Array {
  knownOptions('importanceWeights', options, ['count', 'beta', 'least'])
  const { count, beta, least } = options
  const weights = Float64Array.from(probabilities, (p) => (count * p) ** -beta)
  const largest = least === undefined ? Math.max(...weights) : (count * least) ** -beta
  return weights.map((w) => w / largest)
}
