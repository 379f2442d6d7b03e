// The kernels of core that gain most from fused multiplications and additions, for engines with relaxed SIMD.

export * from './smooth'
export { softmax_f32 } from './softmax'
