// Residual networks. Source: He, Zhang, Ren and Sun 2015, arXiv:1512.03385, with its blocks of two convolutions.
import type { Generator, Tensor } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { Conv2d } from '../layers/conv.ts'
import { Linear } from '../layers/linear.ts'
import { Module } from '../module.ts'
import { BatchNorm2d } from '../norms/layers.ts'
import { checkSizes } from '../options.ts'

/**
 * y = relu(F(x) + x); where size or channels change, x goes through a 1 × 1 convolution.
 * @example
 * import { ones } from '@x/tensor'
 * import { ResidualBlock } from '@x/nn/models'
 * new ResidualBlock(4, 8, { stride: 2 }).forward(ones([1, 4, 8, 8])).shape // [1, 8, 4, 4]
 */
export class ResidualBlock extends Module {
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d
  readonly conv2: Conv2d
  readonly bn2: BatchNorm2d
  readonly shortcut: Conv2d | null

  constructor(from: number, to: number, options: { stride?: number; generator?: Generator } = {}) {
    super()
    checkOptions('ResidualBlock', options, ['stride', 'generator'])
    const { stride = 1, generator } = options
    this.conv1 = new Conv2d(from, to, 3, { stride, padding: 1, bias: false, generator })
    this.bn1 = new BatchNorm2d(to)
    this.conv2 = new Conv2d(to, to, 3, { padding: 1, bias: false, generator })
    this.bn2 = new BatchNorm2d(to)
    this.shortcut = from === to && stride === 1 ? null : new Conv2d(from, to, 1, { stride, generator })
  }

  /** x [B, from, H, W] → [B, to, H/stride, W/stride]. */
  override forward(x: Tensor): Tensor {
    const h = this.bn1.forward(this.conv1.forward(x)).relu()
    const y = this.bn2.forward(this.conv2.forward(h))
    return y.add(this.shortcut ? this.shortcut.forward(x) : x).relu()
  }
}

/** Options of `ResNet`. */
export interface ResNetOptions {
  /** Channels of the images. Default 1. */
  channels?: number
  /** Channels of each stage; from the second on, stages halve the image. Default [16, 32]. */
  widths?: readonly number[]
  /** Blocks per stage. Default 1. */
  blocks?: number
  /** Of the first weights. Default: the default generator. */
  generator?: Generator
}

/**
 * Images [B, channels, H, W] of any size → logits [B, classes].
 * @example
 * import { rand } from '@x/tensor'
 * import { ResNet } from '@x/nn/models'
 * new ResNet(10).forward(rand([2, 1, 8, 8])).shape // [2, 10]
 */
export class ResNet extends Module {
  readonly stem: Conv2d
  readonly blocks: ResidualBlock[]
  readonly head: Linear

  constructor(classes: number, options: ResNetOptions = {}) {
    super()
    checkOptions('ResNet', options, ['channels', 'widths', 'blocks', 'generator'])
    const { channels = 1, widths = [16, 32], blocks = 1, generator } = options
    checkSizes('ResNet', { 'number of widths': widths.length, blocks })
    this.stem = new Conv2d(channels, widths[0], 3, { padding: 1, generator })
    this.blocks = widths.flatMap((width, stage) =>
      Array.from({ length: blocks }, (_, i) => {
        const isFirst = i === 0 && stage > 0
        return new ResidualBlock(isFirst ? widths[stage - 1] : width, width, { stride: isFirst ? 2 : 1, generator })
      }),
    )
    this.head = new Linear(widths[widths.length - 1], classes, { generator })
  }

  override forward(x: Tensor): Tensor {
    let h = this.stem.forward(x).relu()
    for (const block of this.blocks) h = block.forward(h)
    return this.head.forward(h.mean([2, 3])) // the mean over the image [B, width]
  }
}
