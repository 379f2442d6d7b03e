// @x/tensor/conv: convolution and pooling, an entry of their own because their kernels are as large as all others.
export {
  type Conv2dOptions,
  type ConvGeometry,
  conv2d,
  convGeometry,
  convInput,
  convInto,
  convWeight,
  maxPool2d,
  type Pair,
  type Pool2dOptions,
} from './ops/conv.ts'
