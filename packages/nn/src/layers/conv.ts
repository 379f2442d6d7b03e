// Convolution and pooling layers.
import type { Tensor } from '@x/tensor'
import { type Conv2dOptions, maxPool2d, type Pair, type Pool2dOptions } from '@x/tensor/conv'
import { conv2d } from '../functional.ts'
import { fanInUniform, type InitOptions } from '../init.ts'
import { Module, parameter } from '../module.ts'

export interface Conv2dLayerOptions extends Conv2dOptions, InitOptions {
  /** Whether to add a bias per output channel. Default true. */
  bias?: boolean
}

/**
 * Convolution of images, [N, inChannels, H, W] → [N, outChannels, OH, OW].
 * weight [out, in/groups, KH, KW], bias [out].
 * @param kernelSize one number, or [height, width]
 */
export class Conv2d extends Module {
  readonly weight: Tensor
  readonly bias: Tensor | null
  readonly options: Conv2dOptions

  constructor(inChannels: number, outChannels: number, kernelSize: Pair, options: Conv2dLayerOptions = {}) {
    super()
    const { bias = true, generator, ...rest } = options
    const [height, width] = typeof kernelSize === 'number' ? [kernelSize, kernelSize] : kernelSize
    const perGroup = inChannels / (rest.groups ?? 1)
    const fanIn = perGroup * height * width
    this.weight = parameter(fanInUniform([outChannels, perGroup, height, width], fanIn, { generator }))
    this.bias = bias ? parameter(fanInUniform([outChannels], fanIn, { generator })) : null
    this.options = rest
  }

  override forward(x: Tensor): Tensor {
    return conv2d(x, this.weight, this.bias, this.options)
  }
}

/** The largest value of each window, [N, C, H, W] → [N, C, OH, OW]. */
export class MaxPool2d extends Module {
  readonly size: Pair
  readonly options: Pool2dOptions

  constructor(size: Pair, options: Pool2dOptions = {}) {
    super()
    this.size = size
    this.options = options
  }

  override forward(x: Tensor): Tensor {
    return maxPool2d(x, this.size, this.options)
  }
}
