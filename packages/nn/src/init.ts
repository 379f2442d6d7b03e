// Initial values of parameters.
import { type Generator, type Shape, type Tensor, uniform } from '@x/tensor'

export interface InitOptions {
  /** Where initial values come from. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/**
 * Uniform in ±1/√fanIn: what PyTorch's Linear and Conv layers start from, for weights and biases.
 * @param fanIn number of inputs that each output sums
 */
export function fanInUniform(shape: Shape, fanIn: number, { generator }: InitOptions = {}): Tensor {
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0
  return uniform(shape, { low: -bound, high: bound, generator })
}
