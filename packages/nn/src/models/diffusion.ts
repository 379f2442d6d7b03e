// Denoising diffusion. Source: Ho, Jain and Abbeel 2020, arXiv:2006.11239; the cosine schedule is that of
// Nichol and Dhariwal 2021, arXiv:2102.09672, equation 17.
import { concat, type Generator, randn, type Tensor, tensor, tidy } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { silu } from '../activations/smooth.ts'
import { Linear } from '../layers/linear.ts'
import { mseLoss } from '../losses/regression.ts'
import { buffer, Module } from '../module.ts'
import { checkSizes, multiple } from '../options.ts'

/** Options of `Diffusion`. */
export interface DiffusionOptions {
  /** T, steps from data to noise. Default 100. */
  steps?: number
  /** Units of the hidden layers. Default 256. */
  hidden?: number
  /** Numbers in the embedding of the step; even. Default 32. */
  embedding?: number
  /** Of the first weights. Default: the default generator. */
  generator?: Generator
}

/**
 * Learns to tell the noise ε in x_t = √ᾱ_t x₀ + √(1 − ᾱ_t) ε from x_t [B, n] and t; `sample` then walks from noise to
 * data. x₀ lies in [−1, 1].
 * @example
 * import { randn } from '@x/tensor'
 * import { Diffusion } from '@x/nn/models'
 * const model = new Diffusion(64, { steps: 10 })
 * model.sample(2).shape // [2, 64]
 */
export class Diffusion extends Module {
  readonly enter: Linear
  readonly middle: Linear
  readonly leave: Linear
  /** ᾱ_t for t = 0 … T − 1. */
  readonly alphaBar: Tensor
  /** Sines and cosines of t [T, embedding]. */
  readonly times: Tensor
  readonly size: number
  readonly steps: number

  /** @throws RangeError for sizes that are not whole numbers ≥ 1, an odd embedding, and options that there are not */
  constructor(size: number, options: DiffusionOptions = {}) {
    super()
    checkOptions('Diffusion', options, ['steps', 'hidden', 'embedding', 'generator'])
    const { steps = 100, hidden = 256, embedding = 32, generator } = options
    checkSizes('Diffusion', { steps, embedding })
    multiple('Diffusion: embedding', embedding, 2)
    this.enter = new Linear(size + embedding, hidden, { generator })
    this.middle = new Linear(hidden + embedding, hidden, { generator })
    this.leave = new Linear(hidden, size, { generator })
    this.alphaBar = buffer(tensor(cosineSchedule(steps)))
    this.times = buffer(tensor(positions(steps, embedding)))
    this.size = size
    this.steps = steps
  }

  /** The noise in x [B, n] at steps t [B] (int32). */
  override forward(x: Tensor, t: Tensor): Tensor {
    const time = this.times.take(t) // [B, embedding]
    const h = silu(this.enter.forward(concat([x, time], 1)))
    return this.leave.forward(silu(this.middle.forward(concat([h, time], 1))).add(h))
  }

  /** x_t at steps t [B] for data x₀ and noise ε, both [B, n]: equation 4. */
  diffuse(x0: Tensor, t: Tensor, noise: Tensor): Tensor {
    const kept = this.alphaBar.take(t).unsqueeze(1) // [B, 1]
    return x0.mul(kept.sqrt()).add(noise.mul(kept.neg().add(1).sqrt()))
  }

  /** Equation 14: the mean squared error of the noise that is told at steps t [B]. */
  loss(x0: Tensor, t: Tensor, noise: Tensor): Tensor {
    return mseLoss(this.forward(this.diffuse(x0, t, noise), t), noise)
  }

  /** `count` new x₀ [count, n]: algorithm 2, where the variance is σ² = β̃ and x₀ is kept within [−1, 1] on the way. */
  sample(count: number, options: SampleOptions = {}): Tensor {
    checkOptions('sample', options, ['generator', 'seen'])
    const { generator, seen } = options
    return tidy(() => {
      let x = randn([count, this.size], { generator })
      for (let t = this.steps - 1; t >= 0; t--) {
        x = tidy(() => this.stepBack(x, t, generator))
        seen?.(x, t)
      }
      return x
    })
  }

  private stepBack(x: Tensor, t: number, generator: Generator | undefined): Tensor {
    const bars = this.alphaBar.data() as Float32Array
    const [bar, before] = [bars[t], t > 0 ? bars[t - 1] : 1]
    const [alpha, beta] = [bar / before, 1 - bar / before]
    const noise = this.forward(x, tensor(new Int32Array(x.shape[0]).fill(t)))
    const x0 = x
      .sub(noise.mul(Math.sqrt(1 - bar)))
      .div(Math.sqrt(bar))
      .maximum(-1)
      .minimum(1)
    const mean = x0
      .mul((Math.sqrt(before) * beta) / (1 - bar))
      .add(x.mul((Math.sqrt(alpha) * (1 - before)) / (1 - bar))) // equation 7
    if (t === 0) return mean
    return mean.add(randn(x.shape, { generator }).mul(Math.sqrt((beta * (1 - before)) / (1 - bar))))
  }
}

/** Options of `Diffusion.sample`. */
export interface SampleOptions {
  /** Default: the default generator. */
  generator?: Generator
  /** Hears of every x_t on the way; the tensor is freed afterwards. */
  seen?: (x: Tensor, t: number) => void
}

function cosineSchedule(T: number): Float32Array {
  const f = (t: number): number => Math.cos((((t / T + 0.008) / 1.008) * Math.PI) / 2) ** 2
  const bars = new Float32Array(T)
  let bar = 1
  for (let t = 0; t < T; t++) {
    bar *= Math.max(1 - Math.min(1 - f(t + 1) / f(t), 0.999), 0)
    bars[t] = bar
  }
  return bars
}

function positions(T: number, size: number): number[][] {
  const half = size / 2
  return Array.from({ length: T }, (_, t) =>
    Array.from({ length: size }, (_, i) => {
      const angle = t / 10_000 ** ((i % half) / half)
      return i < half ? Math.sin(angle) : Math.cos(angle)
    }),
  )
}
