// A model's loss and metrics on data it does not learn from.
import { concat, dispose, type Tensor, tidy } from '@x/tensor'
import { checkOptions, requireFunction } from '@x/tensor/op'
import type { Batch } from '../data/datasets.ts'
import type { Module } from '../module.ts'
import { refuse } from '../refuse.ts'
import { requireBatch, requireBatches, requireMetrics, requireModule } from './checks.ts'
import { pace } from './pace.ts'
import { compiledSteps } from './steps.ts'

/** The mean loss of a batch as a scalar. */
export type BatchLoss = (output: Tensor, target: Tensor) => Tensor

/** A number from all outputs and all targets of a data set. */
export type Metric = (outputs: Tensor, targets: Tensor) => number

/** Batches that can be gone through again and again. */
export type Batches = Iterable<Batch> | AsyncIterable<Batch>

/** Options of `evaluate`. */
export interface EvaluateOptions {
  /** The loss, averaged over the examples. Default: none. */
  loss?: BatchLoss
  /** Metrics by name, computed from all outputs together, which have to fit in memory. Default: none. */
  metrics?: Readonly<Record<string, Metric>>
  /** Whether the forward pass is compiled: recorded with the first batch. Default true. */
  compile?: boolean
  /** Stops between batches when aborted. */
  signal?: AbortSignal
}

/**
 * Loss (as `loss`) and metrics of a model in evaluation mode; its mode is put back afterwards.
 * @throws RangeError when there is no batch, and for an option that there is not; TypeError for what is no model, no
 *   batches, no metrics
 * @example
 * import { tensor } from '@x/tensor'
 * import { accuracy, crossEntropy, Linear } from '@x/nn'
 * import { evaluate } from '@x/nn/training'
 * const data = [{ x: tensor([[1, 2]]), y: tensor([0], { dtype: 'int32' }) }]
 * const { loss } = await evaluate(new Linear(2, 2), data, { loss: crossEntropy, metrics: { accuracy } })
 */
export async function evaluate(
  model: Module,
  data: Batches,
  options: EvaluateOptions = {},
): Promise<Record<string, number>> {
  requireModule('evaluate', model)
  requireBatches('evaluate', 'data', data)
  checkOptions('evaluate', options, ['loss', 'metrics', 'compile', 'signal'])
  const { loss, metrics = {}, compile = true } = options
  if (loss !== undefined) requireFunction('evaluate', 'loss', loss)
  requireMetrics('evaluate', metrics)
  const forward = compiledSteps('evaluate', model, (x: Tensor) => model.forward(x), compile)
  const wasTraining = Object.values(model.modules()).filter((m) => m.training)
  model.eval()
  try {
    return await measure(forward.run, data, options)
  } finally {
    for (const m of wasTraining) m.training = true
    forward.dispose()
  }
}

type Forward = (x: Tensor) => Tensor

async function measure(
  forward: Forward,
  data: Batches,
  { loss, metrics = {}, signal }: EvaluateOptions,
): Promise<Record<string, number>> {
  const breathe = pace(signal)
  const gathers = Object.keys(metrics).length > 0
  const outputs: Tensor[] = []
  const targets: Tensor[] = []
  let sum = 0
  let examples = 0
  try {
    for await (const batch of data) {
      requireBatch('evaluate', batch)
      const { x, y } = batch
      // Copies, because the output may be the input, a view of it or a parameter, which are not ours to free.
      const [output, target] = tidy((): Tensor[] => {
        const made = forward(x)
        if (loss) sum += loss(made, y).item() * x.shape[0]
        return gathers ? [made.copy(), y.copy()] : []
      })
      examples += x.shape[0]
      if (gathers) {
        outputs.push(output)
        targets.push(target)
      }
      await breathe()
    }
    if (examples === 0) throw new RangeError('evaluate: the data has no batch')
    const all = gathers ? [concat(outputs, 0), concat(targets, 0)] : []
    const values = Object.entries(metrics).map(([name, metric]) => {
      const value: unknown = tidy(() => metric(all[0], all[1]))
      if (typeof value !== 'number') throw refuse(`evaluate: the result of metric '${name}'`, value, 'a number')
      return [name, value]
    })
    dispose(all)
    return { ...(loss && { loss: sum / examples }), ...Object.fromEntries(values) }
  } finally {
    dispose(outputs)
    dispose(targets)
  }
}
