// The matrix product of float32. Built twice, strict and with the fused multiply-adds of relaxed SIMD.

export { matmul_f32 } from './matmul'
