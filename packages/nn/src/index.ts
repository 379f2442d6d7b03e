// The public API of @x/nn.
export type { FusedActivation } from './activation.ts'
export {
  type CosineSimilarityOptions,
  cosineSimilarity,
  type NormalizeOptions,
  normalize,
  type PairwiseDistanceOptions,
  pairwiseDistance,
} from './activations/distance.ts'
export {
  CELU,
  ELU,
  GLU,
  Hardshrink,
  Hardsigmoid,
  Hardswish,
  Hardtanh,
  LeakyReLU,
  LogSigmoid,
  LogSoftmax,
  Mish,
  PReLU,
  type PReLUOptions,
  ReLU6,
  SELU,
  SiLU,
  Softmax,
  Softmin,
  Softplus,
  Softshrink,
  Softsign,
  Tanhshrink,
  Threshold,
} from './activations/layers.ts'
export {
  type HardtanhOptions,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  type LeakyReluOptions,
  leakyRelu,
  prelu,
  relu6,
  type ShrinkOptions,
  softshrink,
  threshold,
} from './activations/rectifiers.ts'
export {
  celu,
  type EluOptions,
  elu,
  glu,
  logSigmoid,
  mish,
  type SoftplusOptions,
  selu,
  silu,
  softmin,
  softplus,
  softsign,
  tanhshrink,
} from './activations/smooth.ts'
export { type Batch, DataLoader, type DataLoaderOptions, type Dataset, TensorDataset } from './data/loader.ts'
export { type DropoutOptions, dropout } from './dropout.ts'
export { conv2d, type LinearOptions, linear } from './functional.ts'
export { fanInUniform, type InitOptions } from './init.ts'
export { Conv2d, type Conv2dLayerOptions, MaxPool2d } from './layers/conv.ts'
export { Linear, type LinearLayerOptions } from './layers/linear.ts'
export { Sequential } from './layers/sequential.ts'
export { Dropout, Flatten, GELU, LayerNorm, ReLU, Sigmoid, Tanh } from './layers/simple.ts'
export {
  type BinaryCrossEntropyOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  softMarginLoss,
  type WithLogitsOptions,
} from './losses/binary.ts'
export type { ClassLossOptions, NllOptions } from './losses/classes.ts'
export { type CrossEntropyOptions, crossEntropy, nllLoss } from './losses/crossEntropy.ts'
export { type CtcOptions, ctcLoss } from './losses/ctc.ts'
export {
  type GaussianNllOptions,
  gaussianNllLoss,
  type KlDivOptions,
  klDiv,
  type PoissonNllOptions,
  poissonNllLoss,
} from './losses/likelihood.ts'
export {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  type MarginOptions,
  type MultiMarginOptions,
  marginRankingLoss,
  multiMarginLoss,
  type TripletMarginOptions,
  tripletMarginLoss,
} from './losses/margin.ts'
export type { LossOptions, LossReduction } from './losses/reduce.ts'
export {
  type HuberOptions,
  huberLoss,
  l1Loss,
  mseLoss,
  type SmoothL1Options,
  smoothL1Loss,
} from './losses/regression.ts'
export { buffer, Module, parameter, type StateDict, StateDictError } from './module.ts'
export { layerNorm } from './norm.ts'
export { Adadelta, type AdadeltaOptions } from './optim/adadelta.ts'
export { Adagrad, type AdagradOptions } from './optim/adagrad.ts'
export { Adam, type AdamOptions, AdamW } from './optim/adam.ts'
export { Adamax, type AdamaxOptions } from './optim/adamax.ts'
export { ASGD, type ASGDOptions } from './optim/asgd.ts'
export { type ClipGradNormOptions, clipGradNorm, clipGradValue } from './optim/clip.ts'
export { LBFGS, type LBFGSOptions, type LossClosure } from './optim/lbfgs.ts'
export { NAdam, type NAdamOptions } from './optim/nadam.ts'
export {
  type LearningRate,
  Optimizer,
  type ParameterGroup,
  ParameterOptimizer,
  type ParametersToTrain,
} from './optim/optimizer.ts'
export { RAdam, type RAdamOptions } from './optim/radam.ts'
export { RMSprop, type RMSpropOptions } from './optim/rmsprop.ts'
export { Rprop, type RpropOptions } from './optim/rprop.ts'
export { SGD, type SGDOptions } from './optim/sgd.ts'
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
