// @x/nn/schedules: schedules of the learning rate, as in torch.optim.lr_scheduler.
export { ChainedScheduler, SequentialLR } from './schedule/combine.ts'
export {
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  type CosineAnnealingWarmRestartsOptions,
} from './schedule/cosine.ts'
export { CyclicLR, type CyclicLROptions, OneCycleLR, type OneCycleLROptions, type PerGroup } from './schedule/cycle.ts'
export {
  ConstantLR,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  MultiStepLR,
  noam,
  PolynomialLR,
  type RateFactor,
  StepLR,
} from './schedule/decay.ts'
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './schedule/plateau.ts'
export { LRScheduler, RateScheduler, type SchedulerState } from './schedule/scheduler.ts'
