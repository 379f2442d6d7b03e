// The public API of @x/nn.

export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  avgPool1d,
  avgPool2d,
  fold,
  interpolate,
  lpPool1d,
  lpPool2d,
  maxPool1d,
  maxPool2d,
  maxUnpool1d,
  maxUnpool2d,
  pixelShuffle,
  pixelUnshuffle,
  unfold,
} from '@x/tensor/conv'
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
export {
  type AttentionOptions,
  type AttentionWeightsOptions,
  attentionWeights,
  scaledDotProductAttention,
} from './attention/attention.ts'
export { type AttendOptions, MultiheadAttention, type MultiheadOptions } from './attention/multihead.ts'
export { selfAttention } from './attention/selfAttention.ts'
export { bilinear } from './bilinear.ts'
export { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d } from './conv.ts'
export { type AsyncDataset, type Batch, type Dataset, TensorDataset } from './data/datasets.ts'
export { DataLoader, type DataLoaderOptions } from './data/loader.ts'
export {
  alphaDropout,
  type DropoutOptions,
  type Dropping,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  featureAlphaDropout,
} from './dropout.ts'
export {
  type EmbeddingBagOptions,
  type EmbeddingOptions,
  embedding,
  embeddingBag,
} from './embedding/embedding.ts'
export {
  Embedding,
  EmbeddingBag,
  type EmbeddingBagLayerOptions,
  type EmbeddingLayerOptions,
} from './embedding/layers.ts'
export {
  type RotaryOptions,
  rotaryEmbedding,
  type SinusoidalOptions,
  sinusoidalPositions,
} from './embedding/positions.ts'
export { type LinearOptions, linear } from './functional.ts'
export { fanInUniform, type InitOptions } from './init.ts'
export * as init from './initialize.ts'
export { Bilinear, type BilinearOptions } from './layers/bilinear.ts'
export { ModuleDict, ModuleList, ParameterList } from './layers/containers.ts'
export {
  Conv1d,
  type Conv1dLayerOptions,
  Conv2d,
  type Conv2dLayerOptions,
  Conv3d,
  type Conv3dLayerOptions,
  ConvTranspose1d,
  type ConvTranspose1dLayerOptions,
  ConvTranspose2d,
  type ConvTranspose2dLayerOptions,
} from './layers/conv.ts'
export {
  CircularPad1d,
  CircularPad2d,
  ConstantPad1d,
  ConstantPad2d,
  Fold,
  type PaddingWidths,
  PixelShuffle,
  PixelUnshuffle,
  ReflectionPad1d,
  ReflectionPad2d,
  ReplicationPad1d,
  ReplicationPad2d,
  Unfold,
  Upsample,
  ZeroPad1d,
  ZeroPad2d,
} from './layers/image.ts'
export { Linear, type LinearLayerOptions } from './layers/linear.ts'
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AvgPool1d,
  AvgPool2d,
  LPPool1d,
  LPPool2d,
  MaxPool1d,
  MaxPool2d,
  MaxUnpool1d,
  MaxUnpool2d,
} from './layers/pool.ts'
export { Sequential } from './layers/sequential.ts'
export {
  AlphaDropout,
  Dropout,
  Dropout1d,
  Dropout2d,
  Dropout3d,
  FeatureAlphaDropout,
  Flatten,
  GELU,
  Identity,
  ReLU,
  Sigmoid,
  Tanh,
  Unflatten,
} from './layers/simple.ts'
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
  BCELoss,
  BCEWithLogitsLoss,
  CosineEmbeddingLoss,
  CrossEntropyLoss,
  CTCLoss,
  GaussianNLLLoss,
  HingeEmbeddingLoss,
  HuberLoss,
  KLDivLoss,
  L1Loss,
  MarginRankingLoss,
  MSELoss,
  MultiMarginLoss,
  NLLLoss,
  PoissonNLLLoss,
  SmoothL1Loss,
  SoftMarginLoss,
  TripletMarginLoss,
} from './losses/layers.ts'
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
export { accuracy } from './metrics/accuracy.ts'
export { buffer, Module, parameter, type StateDict, StateDictError, snakeCase } from './module.ts'
export {
  type BatchNormOptions,
  batchNorm,
  type InstanceNormOptions,
  instanceNorm,
} from './norms/batchNorm.ts'
export {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  GroupNorm,
  type GroupNormLayerOptions,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  LayerNorm,
  type LayerNormOptions,
  LocalResponseNorm,
  type LocalResponseOptions,
  localResponseNorm,
  RMSNorm,
  type RMSNormLayerOptions,
  type StatisticsOptions,
} from './norms/layers.ts'
export {
  type GroupNormOptions,
  groupNorm,
  layerNorm,
  type NormOptions,
  type RMSNormOptions,
  rmsNorm,
} from './norms/rows.ts'
export { Adadelta, type AdadeltaOptions } from './optim/adadelta.ts'
export { Adagrad, type AdagradOptions } from './optim/adagrad.ts'
export { Adam, type AdamOptions, AdamW } from './optim/adam.ts'
export { Adamax, type AdamaxOptions } from './optim/adamax.ts'
export { ASGD, type ASGDOptions } from './optim/asgd.ts'
export { type ClipGradNormOptions, clipGradNorm, clipGradValue, type Gradients } from './optim/clip.ts'
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
export { type CellOptions, GRUCell, LSTMCell, RNNCell, type RNNCellOptions } from './recurrent/cells.ts'
export {
  GRU,
  LSTM,
  type LSTMOptions,
  type LSTMState,
  type RecurrentOptions,
  RNN,
  type RNNOptions,
} from './recurrent/layers.ts'
export {
  PackedSequence,
  type PaddedOptions,
  type PadOptions,
  packPaddedSequence,
  padPackedSequence,
} from './recurrent/packed.ts'
export {
  type DecoderMasks,
  type EncoderMasks,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from './transformer/layers.ts'
export {
  type StackOptions,
  Transformer,
  TransformerDecoder,
  TransformerEncoder,
  type TransformerMasks,
  type TransformerOptions,
} from './transformer/transformer.ts'
