// The layer with two inputs and a weight for every pair of their features.
import type { Tensor } from '@x/tensor'
import { bilinear } from '../bilinear.ts'
import { fanInUniform, type InitOptions } from '../init.ts'
import { Module, parameter } from '../module.ts'

export interface BilinearOptions extends InitOptions {
  /** Whether to add a bias. Default true. */
  bias?: boolean
}

/**
 * y[.., o] = Σᵢⱼ a[.., i]·weight[o, i, j]·b[.., j] + bias[o]: a [.., in1Features], b [.., in2Features] → [.., outFeatures].
 * weight [out, in1, in2], bias [out].
 */
export class Bilinear extends Module {
  readonly weight: Tensor
  readonly bias: Tensor | null

  constructor(
    in1Features: number,
    in2Features: number,
    outFeatures: number,
    { bias = true, generator }: BilinearOptions = {},
  ) {
    super()
    this.weight = parameter(fanInUniform([outFeatures, in1Features, in2Features], in1Features, { generator }))
    this.bias = bias ? parameter(fanInUniform([outFeatures], in1Features, { generator })) : null
  }

  override forward(a: Tensor, b: Tensor): Tensor {
    return bilinear(a, b, this.weight, this.bias)
  }
}
