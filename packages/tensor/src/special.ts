// @x/tensor/special: special functions, an entry of its own with its kernels, as torch.special and scipy.special are.
export { digamma, erfc, erfinv, lgamma, logit, polygamma, sinc } from './ops/elementwise/special.ts'
