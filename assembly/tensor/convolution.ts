// Convolution and pooling in float32. Built twice, strict and with the fused multiply-adds of relaxed SIMD.

export { conv2d_f32, conv2dInput_f32, conv2dWeight_f32 } from './conv'
export { maxPool2d_f32, maxPool2dGrad_f32, maxPool2dPick_f32 } from './pooling'
