// The variational autoencoder. Source: Kingma and Welling 2013, arXiv:1312.6114.
import { type Generator, randn, slice, type Tensor } from '@x/tensor'
import { Linear } from '../layers/linear.ts'
import { Sequential } from '../layers/sequential.ts'
import { ReLU } from '../layers/simple.ts'
import { binaryCrossEntropyWithLogits } from '../losses/binary.ts'
import { Module } from '../module.ts'

export interface VaeOptions {
  /** Units between input and code. Default 128. */
  hidden?: number
  /** Of the first weights. Default: the default generator. */
  generator?: Generator
}

/** What a pass gives: the restored input before its sigmoid, and q(z|x) = N(mean, e^logVariance). */
export interface VaeOutput {
  readonly logits: Tensor
  readonly mean: Tensor
  readonly logVariance: Tensor
}

/** The parts of the loss, each a mean over the batch, in nats. */
export interface Elbo {
  /** reconstruction + kl: the negative evidence lower bound. */
  readonly loss: Tensor
  readonly reconstruction: Tensor
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

  constructor(size: number, latent: number, { hidden = 128, generator }: VaeOptions = {}) {
    super()
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
  sample(count: number, { generator }: { generator?: Generator } = {}): Tensor {
    return this.decode(randn([count, this.latent], { generator }))
  }
}
