// Convolution and pooling in float32. Built twice, strict and with the fused multiply-adds of relaxed SIMD.

export { col2im_f32, im2col_f32 } from './columns'
export { conv2d_f32, conv2dInput_f32, conv2dWeight_f32 } from './conv'
export { avgPool2d_f32, avgPool2dGrad_f32, maxPool2d_f32, maxPool2dGrad_f32, maxPool2dPick_f32 } from './pooling'
export { resample_f32, resampleGrad_f32 } from './resample'
export { winograd_f32, winogradWeights_f32 } from './winograd'
