// Convolution and pooling in float64.

export { col2im_f64, im2col_f64 } from './columns'
export { conv2d_f64, conv2dInput_f64, conv2dWeight_f64 } from './conv'
export { avgPool2d_f64, avgPool2dGrad_f64, maxPool2d_f64, maxPool2dGrad_f64, maxPool2dPick_f64 } from './pooling'
export { resample_f64, resampleGrad_f64 } from './resample'
