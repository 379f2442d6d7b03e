// @x/nn/training: the loop over epochs with what belongs to it, and what a model is made of.
export {
  type Callback,
  type CheckpointOptions,
  checkpoint,
  type EarlyStoppingOptions,
  earlyStopping,
  type Monitor,
} from './fit/callbacks.ts'
export { type Batches, type BatchLoss, type EvaluateOptions, evaluate, type Metric } from './fit/evaluate.ts'
export { type FitOptions, fit } from './fit/fit.ts'
export { type EpochRecord, History, type Series } from './fit/history.ts'
export { pace } from './fit/pace.ts'
export type { FitRun, Schedule } from './fit/run.ts'
export { l1Penalty, l2Penalty } from './losses/penalty.ts'
export { type LayerSummary, type Summary, type SummaryOptions, summary } from './summary.ts'
