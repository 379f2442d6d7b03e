// The fully connected layer.
import type { Tensor } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import type { FusedActivation } from '../activation.ts'
import { linear } from '../functional.ts'
import { fanInUniform, type InitOptions } from '../init.ts'
import { Module, parameter } from '../module.ts'
import { checkSizes } from '../options.ts'

/** Options of `Linear`. */
export interface LinearLayerOptions extends InitOptions {
  /** Whether to add a bias. Default true. */
  bias?: boolean
}

/**
 * y = x·weightᵀ + bias: x [..., inFeatures] → [..., outFeatures]. weight [out, in], bias [out].
 * @example
 * import { ones } from '@x/tensor'
 * import { Linear } from '@x/nn'
 * new Linear(3, 2).forward(ones([5, 3])).shape // [5, 2]
 */
export class Linear extends Module {
  readonly weight: Tensor
  readonly bias: Tensor | null

  /** @throws RangeError for sizes that are not whole numbers ≥ 1, or an unknown option */
  constructor(inFeatures: number, outFeatures: number, options: LinearLayerOptions = {}) {
    super()
    checkOptions('Linear', options, ['bias', 'generator'])
    checkSizes('Linear', { inFeatures, outFeatures })
    const { bias = true, generator } = options
    this.weight = parameter(fanInUniform([outFeatures, inFeatures], inFeatures, { generator }))
    this.bias = bias ? parameter(fanInUniform([outFeatures], inFeatures, { generator })) : null
  }

  override forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias)
  }

  /** The layer and an activation behind it in one pass; `Sequential` uses it. */
  forwardWith(x: Tensor, activation: FusedActivation): Tensor {
    return linear(x, this.weight, this.bias, { activation })
  }
}
