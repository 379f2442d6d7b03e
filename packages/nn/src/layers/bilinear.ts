// The layer with two inputs and a weight for every pair of their features.
import type { Tensor } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { bilinear } from '../bilinear.ts'
import { fanInUniform, type InitOptions } from '../init.ts'
import { Module, parameter } from '../module.ts'
import { checkSizes } from '../options.ts'

/** Options of `Bilinear`. */
export interface BilinearOptions extends InitOptions {
  /** Whether to add a bias. Default true. */
  bias?: boolean
}

/**
 * y[.., o] = Σᵢⱼ a[.., i]·weight[o, i, j]·b[.., j] + bias[o]: a [.., in1Features], b [.., in2Features] → [.., outFeatures].
 * weight [out, in1, in2], bias [out].
 * @example
 * import { ones } from '@x/tensor'
 * import { Bilinear } from '@x/nn'
 * new Bilinear(2, 3, 4).forward(ones([5, 2]), ones([5, 3])).shape // [5, 4]
 */
export class Bilinear extends Module {
  readonly weight: Tensor
  readonly bias: Tensor | null

  /** @throws RangeError for sizes that are not whole numbers ≥ 1, or an unknown option */
  constructor(in1Features: number, in2Features: number, outFeatures: number, options: BilinearOptions = {}) {
    super()
    checkOptions('Bilinear', options, ['bias', 'generator'])
    checkSizes('Bilinear', { in1Features, in2Features, outFeatures })
    const { bias = true, generator } = options
    this.weight = parameter(fanInUniform([outFeatures, in1Features, in2Features], in1Features, { generator }))
    this.bias = bias ? parameter(fanInUniform([outFeatures], in1Features, { generator })) : null
  }

  override forward(a: Tensor, b: Tensor): Tensor {
    return bilinear(a, b, this.weight, this.bias)
  }
}
