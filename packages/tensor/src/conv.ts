// @x/tensor/conv: convolution, pooling and images, an entry of their own because their kernels are as large as all others.
export {
  type AdaptiveMaxPoolOptions,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  type OutputSize,
} from './ops/spatial/adaptivePool.ts'
export {
  type AvgPool1dOptions,
  type AvgPool2dOptions,
  avgPool1d,
  avgPool2d,
  type LpPoolOptions,
  lpPool1d,
  lpPool2d,
} from './ops/spatial/avgPool.ts'
export {
  type Conv1dOptions,
  type Conv2dOptions,
  type ConvGeometry,
  type ConvTranspose1dOptions,
  type ConvTranspose2dOptions,
  conv1d,
  conv2d,
  convGeometry,
  convInput,
  convInto,
  convMultiplies,
  convTranspose1d,
  convTranspose2d,
  convWeight,
} from './ops/spatial/conv.ts'
export { type Conv3dOptions, conv3d, type Triple } from './ops/spatial/conv3d.ts'
export {
  type InterpolateMode,
  type InterpolateOptions,
  interpolate,
  pixelShuffle,
  pixelUnshuffle,
} from './ops/spatial/image.ts'
export { type MaxPool1dOptions, type MaxPool2dOptions, maxPool1d, maxPool2d } from './ops/spatial/maxPool.ts'
export { type MaxUnpool1dOptions, type MaxUnpool2dOptions, maxUnpool1d, maxUnpool2d } from './ops/spatial/maxUnpool.ts'
export type { Pooled } from './ops/spatial/pooling.ts'
export type { Pair } from './ops/spatial/sliding.ts'
export { fold, type UnfoldOptions, unfold } from './ops/spatial/unfold.ts'
