// Mean and variance of a stream, batch by batch.

/**
 * Mean and population variance of everything seen: Chan, Golub and LeVeque 1979, "Updating Formulae and a Pairwise
 * Algorithm for Computing Sample Variances". Starts as if 10⁻⁴ of an observation with mean 0 and variance 1 had been seen,
 * as Gymnasium's `RunningMeanStd` does.
 */
export class RunningMeanStd {
  readonly mean: Float64Array
  readonly variance: Float64Array
  count: number

  /** @param size numbers per observation */
  constructor(size: number, epsilon = 1e-4) {
    this.mean = new Float64Array(size)
    this.variance = new Float64Array(size).fill(1)
    this.count = epsilon
  }

  /** Takes in a batch of observations, one behind the other. @throws RangeError unless it holds whole observations */
  update(batch: ArrayLike<number>): void {
    const size = this.mean.length
    const n = batch.length / size
    if (!Number.isInteger(n))
      throw new RangeError(`RunningMeanStd: ${batch.length} numbers are no observations of ${size}`)
    if (n === 0) return
    const total = this.count + n
    for (let i = 0; i < size; i++) {
      let mean = 0
      for (let k = i; k < batch.length; k += size) mean += batch[k]
      mean /= n
      let spread = 0
      for (let k = i; k < batch.length; k += size) spread += (batch[k] - mean) ** 2
      const delta = mean - this.mean[i]
      this.mean[i] += (delta * n) / total
      this.variance[i] = (this.variance[i] * this.count + spread + (delta * delta * this.count * n) / total) / total
    }
    this.count = total
  }

  /** (x − mean) / √(variance + epsilon) for one observation. */
  normalize(x: ArrayLike<number>, epsilon = 1e-8): Float64Array {
    return this.mean.map((mean, i) => (x[i] - mean) / Math.sqrt(this.variance[i] + epsilon))
  }
}
