// A model's loss and metrics on data it does not learn from.
import { type Compiled, compile, concat, dispose, type Tensor, tidy } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import type { Batch } from '../data/datasets.ts'
import type { Module } from '../module.ts'
import { pace } from './pace.ts'

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
  /** Whether the forward pass is compiled. Default true. */
  compile?: boolean
  /** Stops between batches when aborted. */
  signal?: AbortSignal
}

/**
 * Loss (as `loss`) and metrics of a model in evaluation mode; its mode is put back afterwards.
 * @throws RangeError when there is no batch, and for an option that there is not
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
  checkOptions('evaluate', options, EVALUATE)
  const { forward, free } = forwardOf(model, options.compile ?? true)
  const wasTraining = Object.values(model.modules()).filter((m) => m.training)
  model.eval()
  try {
    return await measure(forward, data, options)
  } finally {
    for (const m of wasTraining) m.training = true
    free()
  }
}

const EVALUATE = ['loss', 'metrics', 'compile', 'signal']

type Forward = (x: Tensor) => Tensor

function forwardOf(model: Module, isCompiled: boolean): { forward: Forward; free: () => void } {
  const forward = (x: Tensor): Tensor => model.forward(x)
  if (!isCompiled) return { forward, free: () => {} }
  const compiled: Compiled<[Tensor], Tensor> = compile(forward)
  return { forward: compiled, free: () => compiled.dispose() }
}

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
    for await (const { x, y } of data) {
      const output = forward(x)
      if (loss) sum += tidy(() => loss(output, y).item()) * x.shape[0]
      examples += x.shape[0]
      if (gathers) {
        outputs.push(output)
        targets.push(y.copy())
      } else output.dispose()
      await breathe()
    }
    if (examples === 0) throw new RangeError('evaluate: the data has no batch')
    const all = gathers ? [concat(outputs, 0), concat(targets, 0)] : []
    const values = Object.entries(metrics).map(([name, metric]) => [name, tidy(() => metric(all[0], all[1]))])
    dispose(all)
    return { ...(loss && { loss: sum / examples }), ...Object.fromEntries(values) }
  } finally {
    dispose(outputs)
    dispose(targets)
  }
}
