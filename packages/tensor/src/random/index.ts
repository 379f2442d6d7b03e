// @x/tensor/random: distributions, picks and shuffles, beside the uniform and normal numbers of @x/tensor.
export {
  defaultGenerator,
  Generator,
  manualSeed,
  normal,
  type RandomOptions,
  rand,
  randn,
  uniform,
} from '../random.ts'
export {
  type CategoricalOptions,
  type ChoiceOptions,
  categorical,
  choice,
  type MultinomialOptions,
  multinomial,
  permutation,
} from './choosing.ts'
export {
  beta,
  cauchy,
  dirichlet,
  exponential,
  gamma,
  gumbel,
  type LocationOptions,
  laplace,
  logNormal,
  type TruncatedNormalOptions,
  truncatedNormal,
} from './continuous.ts'
export { bernoulli, binomial, geometric, integers, poisson, randint } from './discrete.ts'
export type { CountOptions, DrawOptions } from './draw.ts'
