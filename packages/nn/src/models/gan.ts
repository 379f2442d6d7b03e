// The generative adversarial network. Source: Goodfellow et al. 2014, arXiv:1406.2661.
import { type Generator, ones, randn, type Tensor, zeros } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { LeakyReLU } from '../activations/layers.ts'
import { Linear } from '../layers/linear.ts'
import { Sequential } from '../layers/sequential.ts'
import { ReLU, Sigmoid } from '../layers/simple.ts'
import { binaryCrossEntropyWithLogits } from '../losses/binary.ts'
import { Module } from '../module.ts'
import { inRange } from '../options.ts'

/** Options of `Gan`. */
export interface GanOptions {
  /** Units of the hidden layers. Default 128. */
  hidden?: number
  /** Of the first weights. Default: the default generator. */
  generator?: Generator
}

/**
 * A forger that makes x [B, n] in [0, 1] from noise [B, latent], and a judge that tells them from real ones [B, 1]
 * (logits). Train both in turns: `judgeLoss` over `judge.parameters()`, `forgerLoss` over `forger.parameters()`.
 * @example
 * import { rand } from '@x/tensor'
 * import { Gan } from '@x/nn/models'
 * const gan = new Gan(64, 8)
 * gan.sample(3).shape // [3, 64]
 * gan.judgeLoss(rand([4, 64]), gan.sample(4)).item() > 0 // true
 */
export class Gan extends Module {
  readonly forger: Sequential
  readonly judge: Sequential
  readonly latent: number

  /** @throws RangeError for sizes that are not whole numbers ≥ 1, and options that there are not */
  constructor(size: number, latent: number, options: GanOptions = {}) {
    super()
    checkOptions('Gan', options, ['hidden', 'generator'])
    const { hidden = 128, generator } = options
    const layer = (from: number, to: number): Linear => new Linear(from, to, { generator })
    this.forger = new Sequential(
      ...[layer(latent, hidden), new ReLU(), layer(hidden, hidden), new ReLU()],
      ...[layer(hidden, size), new Sigmoid()],
    )
    this.judge = new Sequential(
      ...[
        layer(size, hidden),
        new LeakyReLU({ negativeSlope: 0.2 }),
        layer(hidden, hidden),
        new LeakyReLU({ negativeSlope: 0.2 }),
      ],
      layer(hidden, 1),
    )
    this.latent = latent
  }

  /** noise [B, latent] → x [B, n]. */
  override forward(noise: Tensor): Tensor {
    return this.forger.forward(noise)
  }

  /** `count` forgeries from fresh noise. */
  sample(count: number, options: { generator?: Generator } = {}): Tensor {
    checkOptions('sample', options, ['generator'])
    return this.forward(randn([count, this.latent], options))
  }

  /** −log D(x) − log(1 − D(x̂)), means over the batch: what the judge lowers. Real ones count as `real`, 1 or a little less. */
  judgeLoss(x: Tensor, forged: Tensor, options: { real?: number } = {}): Tensor {
    checkOptions('judgeLoss', options, ['real'])
    const real = inRange('judgeLoss: real', options.real ?? 1, 0, 1)
    const [onReal, onForged] = [this.judge.forward(x), this.judge.forward(forged)]
    return binaryCrossEntropyWithLogits(onReal, ones(onReal.shape).mul(real)).add(
      binaryCrossEntropyWithLogits(onForged, zeros(onForged.shape)),
    )
  }

  /** −log D(x̂): what the forger lowers, in the form that does not saturate (section 3). */
  forgerLoss(forged: Tensor): Tensor {
    const verdict = this.judge.forward(forged)
    return binaryCrossEntropyWithLogits(verdict, ones(verdict.shape))
  }
}
