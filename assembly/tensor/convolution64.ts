// Convolution and pooling in float64.

export { conv2d_f64, conv2dInput_f64, conv2dWeight_f64 } from './conv'
export { maxPool2d_f64, maxPool2dGrad_f64, maxPool2dPick_f64 } from './pooling'
