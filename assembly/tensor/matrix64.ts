// The matrix product of float64.

export { matmul_f64 } from './matmul'
