// How far predictions of numbers are off, and what a loss in nats means.
import { ShapeError, type Tensor } from '@x/tensor'
import { requireTensor, show } from '@x/tensor/op'

type Numbers = ArrayLike<number>

function pairs(metric: string, predicted: Tensor, target: Tensor): { p: Numbers; t: Numbers; n: number } {
  requireTensor(metric, 'predicted', predicted)
  requireTensor(metric, 'target', target)
  if (show(predicted.shape) !== show(target.shape) || target.size === 0) {
    throw new ShapeError(
      `${metric}: predicted ${show(predicted.shape)} and target ${show(target.shape)} are not of one shape with examples`,
    )
  }
  return { p: predicted.data() as Numbers, t: target.data() as Numbers, n: target.size }
}

/**
 * The mean of |predicted − target| over all elements.
 * @throws ShapeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { meanAbsoluteError } from '@x/nn/metrics'
 * meanAbsoluteError(tensor([1, 2]), tensor([1, 4])) // 1
 */
export function meanAbsoluteError(predicted: Tensor, target: Tensor): number {
  const { p, t, n } = pairs('meanAbsoluteError', predicted, target)
  let sum = 0
  for (let i = 0; i < n; i++) sum += Math.abs(p[i] - t[i])
  return sum / n
}

/**
 * The mean of (predicted − target)² over all elements.
 * @throws ShapeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { meanSquaredError } from '@x/nn/metrics'
 * meanSquaredError(tensor([1, 2]), tensor([1, 4])) // 2
 */
export function meanSquaredError(predicted: Tensor, target: Tensor): number {
  const { p, t, n } = pairs('meanSquaredError', predicted, target)
  let sum = 0
  for (let i = 0; i < n; i++) sum += (p[i] - t[i]) ** 2
  return sum / n
}

/**
 * The coefficient of determination R² = 1 − Σ(t − p)² / Σ(t − t̄)²: 1 is perfect, 0 as good as the mean, less is worse.
 * Of targets [n, k] it is the mean over the k columns. A constant target gives 1 if met exactly, else 0.
 * @throws ShapeError for fewer than two examples or differing shapes
 * @example
 * import { tensor } from '@x/tensor'
 * import { r2Score } from '@x/nn/metrics'
 * r2Score(tensor([2.5, 0, 2, 8]), tensor([3, -0.5, 2, 7])) // 0.9486…
 */
export function r2Score(predicted: Tensor, target: Tensor): number {
  const { p, t } = pairs('r2Score', predicted, target)
  const rows = target.shape[0] ?? 1
  if (rows < 2) throw new ShapeError(`r2Score: target ${show(target.shape)} has fewer than two examples`)
  const columns = target.size / rows
  let sum = 0
  for (let c = 0; c < columns; c++) {
    let mean = 0
    for (let r = 0; r < rows; r++) mean += t[r * columns + c] / rows
    let residual = 0
    let total = 0
    for (let r = 0; r < rows; r++) {
      residual += (t[r * columns + c] - p[r * columns + c]) ** 2
      total += (t[r * columns + c] - mean) ** 2
    }
    sum += total > 0 ? 1 - residual / total : residual === 0 ? 1 : 0
  }
  return sum / columns
}

/**
 * e^loss for a mean cross-entropy in nats per token: among how many equally likely tokens the model is undecided.
 * @example
 * import { perplexity } from '@x/nn/metrics'
 * perplexity(Math.log(8)).toFixed(4) // '8.0000'
 */
export const perplexity = (loss: number): number => Math.exp(loss)
