// Initial values of parameters.
import { type Generator, type Shape, type Tensor, uniform } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'

/** What all functions that draw first values take. */
export interface InitOptions {
  /** Where initial values come from. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/**
 * Uniform in ±1/√fanIn: what PyTorch's Linear and Conv layers start from, for weights and biases.
 * @param fanIn number of inputs that each output sums
 * @throws RangeError for an option that there is not
 * @example
 * import { fanInUniform } from '@x/nn'
 * fanInUniform([8, 4], 4).abs().max().item() <= 0.5 // true
 */
export function fanInUniform(shape: Shape, fanIn: number, options: InitOptions = {}): Tensor {
  checkOptions('fanInUniform', options, ['generator'])
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0
  return uniform(shape, { low: -bound, high: bound, generator: options.generator })
}
