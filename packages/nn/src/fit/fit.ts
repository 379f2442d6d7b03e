// The training loop, for models that map one tensor to another.
import { dispose, type Tensor } from '@x/tensor'
import { checkOptions, requireFunction } from '@x/tensor/op'
import { DataLoader } from '../data/loader.ts'
import type { Module } from '../module.ts'
import type { Optimizer } from '../optim/optimizer.ts'
import { checkSizes, oneOf } from '../options.ts'
import { ReduceLROnPlateau } from '../schedule/plateau.ts'
import type { Callback } from './callbacks.ts'
import {
  requireBatch,
  requireBatches,
  requireCallbacks,
  requireMetrics,
  requireModule,
  requireOptimizer,
} from './checks.ts'
import { type Batches, type BatchLoss, evaluate, type Metric } from './evaluate.ts'
import type { History } from './history.ts'
import { type Learner, learnerOf } from './learner.ts'
import { pace } from './pace.ts'
import { FitRun, type Schedule } from './run.ts'

/** Options of `fit`. */
export interface FitOptions {
  /** The loss of a batch, a scalar, from the model's output and the target. */
  loss: BatchLoss
  /** Changes the parameters it was made with, but for those that are frozen at the moment; others stay as they are. */
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
  /**
   * Whether steps are compiled: recorded with the first batch of each shape, and replayed from then on. What JavaScript
   * decides in `forward`, `loss` and `penalty` (plain numbers, fields of the model, `if`s) stays as it was recorded until
   * `onStep` or `onEpoch` of a callback has run that is not `readOnly`; then steps are recorded anew. What other code
   * changes meanwhile, a data iterator or a `transform` say, is not seen; tensors, learning rates, modes and what is
   * frozen are. Steps that draw from Math.random, change fields of the model, or are seen to differ from each other when
   * they are recorded again for comparison, are not compiled, and a warning says so. Switch it off for such steps, and
   * for a model that reads values while it computes. Default true.
   */
  compile?: boolean
  /** Hear of every update and epoch. Default: none. */
  callbacks?: readonly Callback[]
  /** A training that `checkpoint` saved, to go on with. */
  resume?: Uint8Array
  /** Ends the training between two batches with the signal's reason when aborted. */
  signal?: AbortSignal
}

/**
 * Trains a model: epochs of forward pass, loss, gradients and update, in compiled steps; validation, metrics, schedule,
 * callbacks. Gives way to other work every 20 ms. A training that is saved and resumed ends with the very numbers of an
 * uninterrupted one when its data come from a DataLoader and its randomness from the default generator.
 *
 * @param data batches; those of a DataLoader are freed when they are done with, others belong to the caller
 * @returns the history, whose records have `epoch`, `seconds`, `lr`, `loss`, `validation loss` and the metrics
 * @throws RangeError for options out of range, a loss that is NaN, or data without a batch; TypeError for what is no
 *   model, no batches, no optimiser; StateDictError and FormatError from `resume`
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
  check(model, data, options)
  const { optimizer, epochs = 1, validation, metrics = {}, schedule, callbacks = [], signal } = options
  const loader = data instanceof DataLoader ? (data as DataLoader) : undefined
  const run = new FitRun({ model, optimizer, schedule, loader, callbacks }, epochs)
  if (options.resume) run.resume(options.resume)
  const learner = learnerOf(model, options)
  const breathe = pace(signal)
  model.train()
  try {
    while (run.nextEpoch()) {
      const began = performance.now()
      await pass(run, data, learner, options, breathe)
      if (run.isStopped) break
      const record: Record<string, number> = { epoch: run.epoch, seconds: 0, lr: optimizer.lr }
      record.loss = run.sum / run.examples
      if (validation) {
        const how = { loss: options.loss, metrics, compile: !learner.isEager(), signal }
        const { loss, ...others } = await evaluate(model, validation, how)
        Object.assign(record, { 'validation loss': loss }, others)
      }
      record.seconds = (performance.now() - began) / 1000
      run.history.epochs.push(record)
      if (schedule && options.scheduleEvery !== 'step') advance(schedule, record['validation loss'] ?? record.loss)
      run.endEpoch()
      await tell(callbacks, 'onEpoch', run, learner)
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
  options: FitOptions,
  breathe: () => Promise<void>,
): Promise<void> {
  run.begin()
  const { accumulate = 1 } = options
  const owned = data instanceof DataLoader
  const done = run.batch
  let at = 0
  for await (const batch of data) {
    requireBatch('fit', batch)
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
    if (at % accumulate === 0) await updated(run, learner, options)
    if (run.isStopped) return
    await breathe()
  }
  if (at === 0) throw new RangeError('fit: the data has no batch, or is an iterator that is used up')
  // Unless the training was saved after this very update.
  if (at > done && at % accumulate !== 0) await updated(run, learner, options)
}

async function updated(run: FitRun, learner: Learner, options: FitOptions): Promise<void> {
  const { schedule, scheduleEvery } = options
  learner.update()
  run.step++
  run.history.losses.push(run.loss)
  if (schedule && scheduleEvery === 'step') advance(schedule, run.loss)
  // Most steps have nobody to tell.
  if (options.callbacks) await tell(options.callbacks, 'onStep', run, learner)
}

/** Tells callbacks; what they may have changed is to count from now on. */
async function tell(
  callbacks: readonly Callback[],
  what: 'onStep' | 'onEpoch',
  run: FitRun,
  learner: Learner,
): Promise<void> {
  for (const callback of callbacks) await callback[what]?.(run)
  if (callbacks.some((callback) => callback[what] && !callback.readOnly)) learner.touched()
}

function advance(schedule: Schedule, loss: number): void {
  if (schedule instanceof ReduceLROnPlateau) schedule.step(loss)
  else schedule.step()
}

const OPTIONS = [
  ...['loss', 'optimizer', 'epochs', 'validation', 'metrics', 'schedule', 'scheduleEvery', 'accumulate', 'clipNorm'],
  ...['clipValue', 'penalty', 'compile', 'callbacks', 'resume', 'signal'],
]

function check(model: Module, data: Batches, options: FitOptions): void {
  requireModule('fit', model)
  requireBatches('fit', 'data', data)
  checkOptions('fit', options, OPTIONS)
  const { epochs = 1, accumulate = 1, metrics = {}, validation, scheduleEvery = 'epoch' } = options
  const { optimizer, schedule, penalty, callbacks = [] } = options
  checkSizes('fit', { epochs, accumulate })
  requireFunction('fit', 'loss', options.loss)
  requireOptimizer('fit', optimizer)
  if (penalty !== undefined) requireFunction('fit', 'penalty', penalty)
  requireMetrics('fit', metrics)
  requireCallbacks('fit', callbacks)
  if (validation !== undefined) requireBatches('fit', 'validation', validation)
  else if (Object.keys(metrics).length > 0) throw new RangeError('fit: metrics need a validation')
  if (schedule !== undefined && schedule.optimizer !== optimizer)
    throw new RangeError('fit: schedule belongs to another optimiser')
  oneOf('fit: scheduleEvery', scheduleEvery, ['epoch', 'step'])
}
