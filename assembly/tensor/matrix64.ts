// The matrix kernels of float64.

export { conv2d_f64, conv2dInput_f64, conv2dWeight_f64 } from './conv'
export { matmul_f64 } from './matmul'
