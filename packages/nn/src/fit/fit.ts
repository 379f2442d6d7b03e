// The training loop, for models that map one tensor to another.
import { valueAndGrad } from '@x/autograd'
import { type Compiled, compile, dispose, keep, type Tensor, tidy, zeros } from '@x/tensor'
import { assign, checkOptions, lasting } from '@x/tensor/op'
import type { Batch } from '../data/datasets.ts'
import { DataLoader } from '../data/loader.ts'
import type { Module } from '../module.ts'
import { clipGradNorm, clipGradValue } from '../optim/clip.ts'
import type { Optimizer } from '../optim/optimizer.ts'
import { checkSizes, oneOf } from '../options.ts'
import { ReduceLROnPlateau } from '../schedule/plateau.ts'
import type { Callback } from './callbacks.ts'
import { type Batches, type BatchLoss, evaluate, type Metric } from './evaluate.ts'
import type { History } from './history.ts'
import { pace } from './pace.ts'
import { FitRun, type Schedule } from './run.ts'

/** Options of `fit`. */
export interface FitOptions {
  /** The loss of a batch, a scalar, from the model's output and the target. */
  loss: BatchLoss
  /** Changes the parameters it was made with; others stay as they are. */
  optimizer: Optimizer
  /** Passes over the data, ≥ 1. Default 1. */
  epochs?: number
  /** Data for `validation loss` and the metrics after every epoch. Default: none. */
  validation?: Batches
  /** Metrics of the validation, by name. Default: none. */
  metrics?: Readonly<Record<string, Metric>>
  /** Learning rates. Default: that of the optimiser. */
  schedule?: Schedule
  /** When `schedule` steps. Default 'epoch'. */
  scheduleEvery?: 'epoch' | 'step'
  /** Batches whose gradients are averaged into one update, ≥ 1. Default 1. */
  accumulate?: number
  /** Largest norm of all gradients together. Default: no limit. */
  clipNorm?: number
  /** Largest absolute value of a gradient's element. Default: no limit. */
  clipValue?: number
  /** Added to the loss: `() => l1Penalty(model.parameters(), 1e-4)`, say. Default: nothing. */
  penalty?: () => Tensor
  /** Whether the steps are compiled; switch it off for a model that looks at values while it computes. Default true. */
  compile?: boolean
  /** Hear of every update and epoch. Default: none. */
  callbacks?: readonly Callback[]
  /** A training that `checkpoint` saved, to go on with. */
  resume?: Uint8Array
  /** Ends the training between two batches with the signal's reason when aborted. */
  signal?: AbortSignal
}

/** Shapes of batches that a compiled step is recorded for; a model that meets more is not compiled any further. */
const MOST_SHAPES = 8

/**
 * Trains a model: epochs of forward pass, loss, gradients and update, in compiled steps; validation, metrics, schedule,
 * callbacks. Gives way to other work every 20 ms. A training that is saved and resumed ends with the very numbers of an
 * uninterrupted one when its data come from a DataLoader and its randomness from the default generator.
 *
 * @param data batches; those of a DataLoader are freed when they are done with, others belong to the caller
 * @returns the history, whose records have `epoch`, `seconds`, `lr`, `loss`, `validation loss` and the metrics
 * @throws RangeError for options out of range, a loss that is NaN, or data without a batch; StateDictError and
 *   FormatError from `resume`
 * @example
 * import { randn } from '@x/tensor'
 * import { Adam, DataLoader, Linear, mseLoss, TensorDataset } from '@x/nn'
 * import { fit } from '@x/nn/training'
 * const x = randn([256, 3])
 * const data = new DataLoader(new TensorDataset(x, x.sum(1, { keepdims: true })), { batchSize: 32, shuffle: true })
 * const model = new Linear(3, 1)
 * const optimizer = new Adam(model.parameters(), { lr: 0.05 })
 * const history = await fit(model, data, { loss: mseLoss, optimizer, epochs: 20 })
 * history.last.loss < 1e-3 // true
 */
export async function fit(model: Module, data: Batches, options: FitOptions): Promise<History> {
  const { optimizer, epochs = 1, validation, metrics = {}, schedule, callbacks = [], signal } = options
  check(options)
  if (!(Symbol.iterator in data) && !(Symbol.asyncIterator in data))
    throw new TypeError('fit: data are no batches; put a data set into a DataLoader')
  const loader = data instanceof DataLoader ? (data as DataLoader) : undefined
  const run = new FitRun({ model, optimizer, schedule, loader, callbacks }, epochs)
  if (options.resume) run.resume(options.resume)
  const learner = new Learner(model, options)
  const breathe = pace(signal)
  model.train()
  try {
    while (run.epoch <= epochs && !run.isStopped) {
      const began = performance.now()
      await pass(run, data, learner, options, breathe)
      if (run.isStopped) break
      const record: Record<string, number> = { epoch: run.epoch, seconds: 0, lr: optimizer.lr }
      record.loss = run.sum / run.examples
      if (validation) {
        const { loss: lossOf, compile } = options
        const { loss, ...others } = await evaluate(model, validation, { loss: lossOf, metrics, compile, signal })
        Object.assign(record, { 'validation loss': loss }, others)
      }
      record.seconds = (performance.now() - began) / 1000
      run.history.epochs.push(record)
      if (schedule && options.scheduleEvery !== 'step') advance(schedule, record['validation loss'] ?? record.loss)
      // A file saved now goes on with the next epoch.
      run.nextEpoch()
      for (const callback of callbacks) await callback.onEpoch?.(run)
    }
    return run.history
  } finally {
    learner.dispose()
    for (const callback of callbacks) await callback.onEnd?.(run)
  }
}

/** One epoch, or what a resumed one has left of it. */
async function pass(
  run: FitRun,
  data: Batches,
  learner: Learner,
  { schedule, scheduleEvery, callbacks = [], accumulate = 1 }: FitOptions,
  breathe: () => Promise<void>,
): Promise<void> {
  run.begin()
  const owned = data instanceof DataLoader
  const done = run.batch
  let at = 0
  for await (const batch of data) {
    if (at++ >= done) {
      run.resumeRandom()
      run.loss = learner.learn(batch)
      if (Number.isNaN(run.loss))
        throw new RangeError(
          `fit: the loss is NaN in epoch ${run.epoch}, batch ${at}; a smaller learning rate may help`,
        )
      run.sum += run.loss * batch.x.shape[0]
      run.examples += batch.x.shape[0]
      run.batch = at
    }
    if (owned) dispose(batch)
    if (at <= done) continue
    if (at % accumulate === 0) await updated(run, learner, schedule, scheduleEvery, callbacks)
    if (run.isStopped) return
    await breathe()
  }
  if (at === 0)
    throw new RangeError('fit: the data has no batch; an iterator that is used up cannot be gone through again')
  if (at % accumulate !== 0) await updated(run, learner, schedule, scheduleEvery, callbacks)
}

async function updated(
  run: FitRun,
  learner: Learner,
  schedule: Schedule | undefined,
  scheduleEvery: FitOptions['scheduleEvery'],
  callbacks: readonly Callback[],
): Promise<void> {
  learner.update()
  run.step++
  run.history.losses.push(run.loss)
  if (schedule && scheduleEvery === 'step') advance(schedule, run.loss)
  for (const callback of callbacks) await callback.onStep?.(run)
}

function advance(schedule: Schedule, loss: number): void {
  if (schedule instanceof ReduceLROnPlateau) schedule.step(loss)
  else schedule.step()
}

/** Gradients and updates, compiled for the shapes that occur. */
class Learner {
  private readonly model: Module
  private readonly options: FitOptions
  private readonly params: Tensor[]
  /** Sums of gradients over batches; only where several make one update. */
  private readonly sums: Tensor[]
  private summed = 0
  private readonly shapes = new Set<string>()
  private readonly compiled: Compiled<[Tensor, Tensor], Tensor>
  private readonly compiledUpdate: Compiled<[number], Tensor[]>

  constructor(model: Module, options: FitOptions) {
    this.model = model
    this.options = options
    this.params = [...options.optimizer.parameters]
    const accumulates = (options.accumulate ?? 1) > 1
    this.sums = accumulates ? this.params.map((p) => keep(lasting(() => zeros(p.shape, { dtype: p.dtype })))) : []
    this.compiled = compile((x, y) => this.step(x, y))
    this.compiledUpdate = compile((count) => this.apply(count))
  }

  /** The loss of a batch; its gradients are applied, or added up. */
  learn({ x, y }: Batch): number {
    this.summed++
    return tidy(() => (this.isCompiled(x, y) ? this.compiled(x, y) : this.step(x, y)).item())
  }

  /** Applies the gradients that were added up. */
  update(): void {
    if (this.sums.length > 0) {
      tidy(() => (this.options.compile === false ? this.apply(this.summed) : this.compiledUpdate(this.summed)))
    }
    this.summed = 0
  }

  dispose(): void {
    this.compiled.dispose()
    this.compiledUpdate.dispose()
    dispose(this.sums)
  }

  private isCompiled(x: Tensor, y: Tensor): boolean {
    if (this.options.compile === false) return false
    const shape = `${x.shape}/${y.shape}`
    if (this.shapes.size < MOST_SHAPES) this.shapes.add(shape)
    return this.shapes.has(shape)
  }

  private step(x: Tensor, y: Tensor): Tensor {
    const { loss, penalty } = this.options
    const lossOf = (): Tensor => {
      const value = loss(this.model.forward(x), y)
      return penalty ? value.add(penalty()) : value
    }
    const { value, grads } = valueAndGrad(lossOf, this.params)
    if (this.sums.length === 0) this.options.optimizer.step(this.clipped(grads))
    else {
      grads.forEach((g, i) => {
        assign(this.sums[i], this.sums[i].add(g))
      })
    }
    return value
  }

  private apply(count: number): Tensor[] {
    const { sums } = this
    this.options.optimizer.step(this.clipped(sums.map((g) => g.div(count))))
    for (const g of sums) assign(g, g.mul(0))
    return []
  }

  private clipped(grads: Tensor[]): Tensor[] {
    const { clipNorm, clipValue } = this.options
    const short = clipNorm === undefined ? grads : clipGradNorm(grads, clipNorm).grads
    return clipValue === undefined ? short : clipGradValue(short, clipValue)
  }
}

const OPTIONS = [
  ...['loss', 'optimizer', 'epochs', 'validation', 'metrics', 'schedule', 'scheduleEvery', 'accumulate', 'clipNorm'],
  ...['clipValue', 'penalty', 'compile', 'callbacks', 'resume', 'signal'],
]

function check(options: FitOptions): void {
  checkOptions('fit', options, OPTIONS)
  const { epochs = 1, accumulate = 1, metrics = {}, validation, scheduleEvery = 'epoch' } = options
  checkSizes('fit', { epochs, accumulate })
  if (typeof options.loss !== 'function') throw new TypeError('fit: loss is not a function of output and target')
  if (!options.optimizer?.parameters) throw new TypeError('fit: optimizer is not an optimiser')
  if (Object.keys(metrics).length > 0 && !validation)
    throw new RangeError('fit: metrics are those of the validation, and there is none')
  oneOf('fit: scheduleEvery', scheduleEvery, ['epoch', 'step'])
}
