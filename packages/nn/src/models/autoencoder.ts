// Autoencoder: squeezes x through a narrow code and restores it. Source: Hinton and Salakhutdinov 2006, Science 313.
import type { Generator, Tensor } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { Linear } from '../layers/linear.ts'
import { Sequential } from '../layers/sequential.ts'
import { ReLU, Sigmoid } from '../layers/simple.ts'
import { Module } from '../module.ts'

/** Options of `Autoencoder`. */
export interface AutoencoderOptions {
  /** Units between input and code. Default 64. */
  hidden?: number
  /** Of the first weights. Default: the default generator. */
  generator?: Generator
}

/**
 * x [B, n] in [0, 1] → x̂ [B, n]; `encode` gives the code [B, code].
 * @example
 * import { rand } from '@x/tensor'
 * import { Autoencoder } from '@x/nn/models'
 * new Autoencoder(64, 2).encode(rand([5, 64])).shape // [5, 2]
 */
export class Autoencoder extends Module {
  readonly encoder: Sequential
  readonly decoder: Sequential

  /** @throws RangeError for sizes that are not whole numbers ≥ 1, and options that there are not */
  constructor(size: number, code: number, options: AutoencoderOptions = {}) {
    super()
    checkOptions('Autoencoder', options, ['hidden', 'generator'])
    const { hidden = 64, generator } = options
    const layer = (from: number, to: number): Linear => new Linear(from, to, { generator })
    this.encoder = new Sequential(layer(size, hidden), new ReLU(), layer(hidden, code))
    this.decoder = new Sequential(layer(code, hidden), new ReLU(), layer(hidden, size), new Sigmoid())
  }

  encode(x: Tensor): Tensor {
    return this.encoder.forward(x)
  }

  decode(z: Tensor): Tensor {
    return this.decoder.forward(z)
  }

  override forward(x: Tensor): Tensor {
    return this.decode(this.encode(x))
  }
}
