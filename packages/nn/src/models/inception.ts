// Inception blocks. Source: Szegedy et al. 2014, arXiv:1409.4842, figure 2b.
import { concat, type Generator, type Tensor } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { Conv2d } from '../layers/conv.ts'
import { Linear } from '../layers/linear.ts'
import { MaxPool2d } from '../layers/pool.ts'
import { Module } from '../module.ts'

/** Channels that each path gives; those of the bottlenecks come before. */
export interface InceptionWidths {
  /** The path of 1 × 1. */
  readonly one: number
  /** The path of 3 × 3. */
  readonly three: readonly [bottleneck: number, output: number]
  /** The path of 5 × 5. */
  readonly five: readonly [bottleneck: number, output: number]
  /** The path behind the pool. */
  readonly pool: number
}

/**
 * Windows of 1 × 1, 3 × 3 and 5 × 5 and a pool side by side; 1 × 1 bottlenecks keep it cheap.
 * @example
 * import { ones } from '@x/tensor'
 * import { InceptionBlock } from '@x/nn/models'
 * const block = new InceptionBlock(3, { one: 2, three: [2, 4], five: [1, 2], pool: 2 })
 * block.forward(ones([1, 3, 8, 8])).shape // [1, 10, 8, 8]
 */
export class InceptionBlock extends Module {
  readonly one: Conv2d
  readonly three: Conv2d[]
  readonly five: Conv2d[]
  readonly pool: MaxPool2d
  readonly projection: Conv2d
  readonly outputs: number

  constructor(from: number, { one, three, five, pool }: InceptionWidths, options: { generator?: Generator } = {}) {
    super()
    checkOptions('InceptionBlock', options, ['generator'])
    const { generator } = options
    const conv = (a: number, b: number, side: number): Conv2d =>
      new Conv2d(a, b, side, { padding: (side - 1) / 2, generator })
    this.one = conv(from, one, 1)
    this.three = [conv(from, three[0], 1), conv(three[0], three[1], 3)]
    this.five = [conv(from, five[0], 1), conv(five[0], five[1], 5)]
    this.pool = new MaxPool2d(3, { stride: 1, padding: 1 })
    this.projection = conv(from, pool, 1)
    this.outputs = one + three[1] + five[1] + pool
  }

  /** x [B, from, H, W] → [B, outputs, H, W]. */
  override forward(x: Tensor): Tensor {
    const path = (layers: readonly Conv2d[], input: Tensor): Tensor =>
      layers.reduce((h, layer) => layer.forward(h).relu(), input)
    const pooled = path([this.projection], this.pool.forward(x))
    return concat([path([this.one], x), path(this.three, x), path(this.five, x), pooled], 1)
  }
}

/**
 * Two blocks with a pool between; images [B, channels, H, W] of any size → logits [B, classes].
 * @example
 * import { rand } from '@x/tensor'
 * import { InceptionNet } from '@x/nn/models'
 * new InceptionNet(10).forward(rand([2, 1, 8, 8])).shape // [2, 10]
 */
export class InceptionNet extends Module {
  readonly stem: Conv2d
  readonly first: InceptionBlock
  readonly pool: MaxPool2d
  readonly second: InceptionBlock
  readonly head: Linear

  constructor(classes: number, options: { channels?: number; generator?: Generator } = {}) {
    super()
    checkOptions('InceptionNet', options, ['channels', 'generator'])
    const { channels = 1, generator } = options
    this.stem = new Conv2d(channels, 16, 3, { padding: 1, generator })
    this.first = new InceptionBlock(16, { one: 8, three: [8, 16], five: [4, 8], pool: 8 }, { generator })
    this.pool = new MaxPool2d(2)
    this.second = new InceptionBlock(
      this.first.outputs,
      { one: 16, three: [16, 32], five: [4, 8], pool: 8 },
      { generator },
    )
    this.head = new Linear(this.second.outputs, classes, { generator })
  }

  override forward(x: Tensor): Tensor {
    const h = this.pool.forward(this.first.forward(this.stem.forward(x).relu()))
    return this.head.forward(this.second.forward(h).mean([2, 3]))
  }
}
