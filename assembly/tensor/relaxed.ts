// The matrix kernels of float32 once more, for engines with relaxed SIMD: the same sources, with fused multiply-adds.

export { conv2d_f32, conv2dInput_f32, conv2dWeight_f32 } from './conv'
export { matmul_f32 } from './matmul'
