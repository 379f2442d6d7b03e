// The variational autoencoder. Source: Kingma and Welling 2013, arXiv:1312.6114.
import { type Generator, randn, slice, type Tensor } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { Linear } from '../layers/linear.ts'
import { Sequential } from '../layers/sequential.ts'
import { ReLU } from '../layers/simple.ts'
import { binaryCrossEntropyWithLogits } from '../losses/binary.ts'
import { Module } from '../module.ts'

/** Options of `Vae`. */
export interface VaeOptions {
  /** Units between input and code. Default 128. */
  hidden?: number
  /** Of the first weights. Default: the default generator. */
  generator?: Generator
}

/** What a pass gives: the restored input before its sigmoid, and q(z|x) = N(mean, e^logVariance). */
export interface VaeOutput {
  /** [B, n] */
  readonly logits: Tensor
  /** [B, latent] */
  readonly mean: Tensor
  /** [B, latent] */
  readonly logVariance: Tensor
}

/** The parts of the loss, each a mean over the batch, in nats. */
export interface Elbo {
  /** reconstruction + kl: the negative evidence lower bound. */
  readonly loss: Tensor
  /** The cross-entropy of the restored input. */
  readonly reconstruction: Tensor
  /** The divergence of q(z|x) from N(0, 1). */
  readonly kl: Tensor
}

/**
 * x [B, n] in [0, 1] → logits [B, n]; `sample` draws new ones.
 * @example
 * import { rand } from '@x/tensor'
 * import { Vae } from '@x/nn/models'
 * const vae = new Vae(64, 2)
 * vae.sample(3).shape // [3, 64]
 * vae.elbo(rand([8, 64])).loss.item() > 0 // true
 */
export class Vae extends Module<VaeOutput> {
  readonly encoder: Sequential
  readonly decoder: Sequential
  readonly latent: number

  /** @throws RangeError for sizes that are not whole numbers ≥ 1, and options that there are not */
  constructor(size: number, latent: number, options: VaeOptions = {}) {
    super()
    checkOptions('Vae', options, ['hidden', 'generator'])
    const { hidden = 128, generator } = options
    const layer = (from: number, to: number): Linear => new Linear(from, to, { generator })
    this.encoder = new Sequential(layer(size, hidden), new ReLU(), layer(hidden, 2 * latent))
    this.decoder = new Sequential(layer(latent, hidden), new ReLU(), layer(hidden, size))
    this.latent = latent
  }

  /** @param noise ε ~ N(0, 1) [B, latent] of z = mean + e^(logVariance/2) ε. Default: drawn from the default generator */
  override forward(x: Tensor, noise?: Tensor): VaeOutput {
    const both = this.encoder.forward(x) // [B, 2 latent]
    const mean = both.at('...', slice(0, this.latent))
    const logVariance = both.at('...', slice(this.latent, 2 * this.latent))
    const epsilon = noise ?? randn(mean.shape, { dtype: mean.dtype })
    const z = mean.add(logVariance.mul(0.5).exp().mul(epsilon))
    return { logits: this.decoder.forward(z), mean, logVariance }
  }

  /** Equation 10: −E[log p(x|z)] + KL(q(z|x) ‖ N(0, 1)), the latter −½ Σ (1 + log σ² − μ² − σ²). */
  elbo(x: Tensor, noise?: Tensor): Elbo {
    const { logits, mean, logVariance } = this.forward(x, noise)
    const B = x.shape[0]
    const reconstruction = binaryCrossEntropyWithLogits(logits, x, { reduction: 'sum' }).div(B)
    const kl = mean
      .square()
      .add(logVariance.exp())
      .sub(logVariance)
      .sub(1)
      .sum()
      .mul(0.5 / B)
    return { loss: reconstruction.add(kl), reconstruction, kl }
  }

  /** z [B, latent] → x [B, n] in [0, 1]. */
  decode(z: Tensor): Tensor {
    return this.decoder.forward(z).sigmoid()
  }

  /** `count` new x [count, n], decoded from z ~ N(0, 1). */
  sample(count: number, options: { generator?: Generator } = {}): Tensor {
    checkOptions('sample', options, ['generator'])
    return this.decode(randn([count, this.latent], options))
  }
}
