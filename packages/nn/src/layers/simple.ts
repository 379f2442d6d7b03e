// Layers without or with few parameters: activations, dropout, flattening, layer normalisation.
import { type Generator, ones, type Shape, type Tensor, zeros } from '@x/tensor'
import type { FusedActivation } from '../activation.ts'
import { dropout } from '../dropout.ts'
import { Module, parameter } from '../module.ts'
import { layerNorm } from '../norm.ts'

/** max(x, 0). */
export class ReLU extends Module {
  readonly fused: FusedActivation = 'relu'
  override forward(x: Tensor): Tensor {
    return x.relu()
  }
}

/** Hyperbolic tangent. */
export class Tanh extends Module {
  readonly fused: FusedActivation = 'tanh'
  override forward(x: Tensor): Tensor {
    return x.tanh()
  }
}

/** 1 / (1 + e⁻ˣ). */
export class Sigmoid extends Module {
  readonly fused: FusedActivation = 'sigmoid'
  override forward(x: Tensor): Tensor {
    return x.sigmoid()
  }
}

/** x·Φ(x), or with `approximate: 'tanh'` its tanh form. */
export class GELU extends Module {
  readonly approximate: 'none' | 'tanh'

  constructor({ approximate = 'none' }: { approximate?: 'none' | 'tanh' } = {}) {
    super()
    if (approximate !== 'none' && approximate !== 'tanh')
      throw new RangeError(`GELU: approximate '${approximate}' is not 'none' or 'tanh'`)
    this.approximate = approximate
  }

  override forward(x: Tensor): Tensor {
    return this.approximate === 'tanh' ? x.geluTanh() : x.gelu()
  }
}

/** In training, sets each element to 0 with probability p and scales the others by 1/(1 − p); else passes x on. */
export class Dropout extends Module {
  readonly p: number
  readonly generator: Generator | undefined

  constructor(p = 0.5, { generator }: { generator?: Generator } = {}) {
    super()
    if (!(p >= 0 && p <= 1)) throw new RangeError(`Dropout: p ${p} is not from 0 to 1`)
    this.p = p
    this.generator = generator
  }

  override forward(x: Tensor): Tensor {
    return this.training ? dropout(x, this.p, { generator: this.generator }) : x
  }
}

/** All axes from `start` to `end` merged into one; by default all but the first. */
export class Flatten extends Module {
  readonly start: number
  readonly end: number

  constructor(start = 1, end = -1) {
    super()
    this.start = start
    this.end = end
  }

  override forward(x: Tensor): Tensor {
    return x.flatten(this.start, this.end)
  }
}

/** Normalises over the last axes of the given shape, then scales by weight and shifts by bias. */
export class LayerNorm extends Module {
  readonly weight: Tensor
  readonly bias: Tensor
  readonly eps: number

  constructor(shape: number | Shape, { eps = 1e-5 }: { eps?: number } = {}) {
    super()
    const axes = typeof shape === 'number' ? [shape] : shape
    this.weight = parameter(ones(axes))
    this.bias = parameter(zeros(axes))
    this.eps = eps
  }

  override forward(x: Tensor): Tensor {
    return layerNorm(x, this.weight, this.bias, { eps: this.eps })
  }
}
