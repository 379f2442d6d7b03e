// LeNet-5. Source: LeCun, Bottou, Bengio and Haffner 1998, "Gradient-based learning applied to document recognition";
// with full connections between the feature maps and a plain linear output.
import type { Generator, Tensor } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { Conv2d } from '../layers/conv.ts'
import { Linear } from '../layers/linear.ts'
import { AvgPool2d } from '../layers/pool.ts'
import { Sequential } from '../layers/sequential.ts'
import { Flatten, Tanh } from '../layers/simple.ts'
import { Module } from '../module.ts'

/** Options of `LeNet`. */
export interface LeNetOptions {
  /** Height and width of the images. Default 28, as MNIST's. */
  side?: number
  /** Channels of the images. Default 1. */
  channels?: number
  /** Side of the windows, odd; 3 suits small images. Default 5. */
  kernel?: number
  /** Of the first weights. Default: the default generator. */
  generator?: Generator
}

/**
 * Images [B, channels, side, side] → logits [B, classes]. The first convolution keeps the size, the second keeps what is
 * inside its window; small images (a side under 12) keep theirs in both.
 * @example
 * import { rand } from '@x/tensor'
 * import { LeNet } from '@x/nn/models'
 * new LeNet(10).forward(rand([2, 1, 28, 28])).shape // [2, 10]
 */
export class LeNet extends Module {
  readonly features: Sequential
  readonly classifier: Sequential

  constructor(classes: number, options: LeNetOptions = {}) {
    super()
    checkOptions('LeNet', options, ['side', 'channels', 'kernel', 'generator'])
    const { side = 28, channels = 1, kernel = 5, generator } = options
    const keep = (kernel - 1) / 2
    const isSmall = side < 12
    this.features = new Sequential(
      new Conv2d(channels, 6, kernel, { padding: keep, generator }), // [B, 6, S, S]
      new Tanh(),
      new AvgPool2d(2), // [B, 6, S/2, S/2]
      new Conv2d(6, 16, kernel, { padding: isSmall ? keep : 0, generator }),
      new Tanh(),
      new AvgPool2d(2),
    )
    const half = Math.floor(side / 2)
    const last = Math.floor((isSmall ? half : half - kernel + 1) / 2)
    this.classifier = new Sequential(
      ...[new Flatten(), new Linear(16 * last * last, 120, { generator }), new Tanh()],
      ...[new Linear(120, 84, { generator }), new Tanh(), new Linear(84, classes, { generator })],
    )
  }

  override forward(x: Tensor): Tensor {
    return this.classifier.forward(this.features.forward(x))
  }
}
