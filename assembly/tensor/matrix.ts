// The matrix kernels of float32. Built twice, strict and with the fused multiply-adds of relaxed SIMD.

export { conv2d_f32, conv2dInput_f32, conv2dWeight_f32 } from './conv'
export { matmul_f32 } from './matmul'
