// The public API of @x/autograd.
export { type CustomGradient, customGrad, stopGradient } from './custom.ts'
export { type GradientOf, grad, type Tree, valueAndGrad, vjp } from './grad.ts'
export { type GradcheckOptions, gradcheck, type NumericOptions, numericGradient } from './numeric.ts'
