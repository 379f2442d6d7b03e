// Layers without parameters: activations, dropout, identity, flattening.
import { type Generator, type Shape, ShapeError, type Tensor } from '@x/tensor'
import { checkOptions, normalizeAxis, show } from '@x/tensor/op'
import type { FusedActivation } from '../activation.ts'
import {
  alphaDropout,
  type Dropping as DropoutFunction,
  type DropoutOptions,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  featureAlphaDropout,
} from '../dropout.ts'
import { Module } from '../module.ts'
import { inRange, oneOf } from '../options.ts'

/**
 * max(x, 0).
 * @example
 * import { tensor } from '@x/tensor'
 * import { ReLU } from '@x/nn'
 * new ReLU().forward(tensor([-1, 2])).toArray() // [0, 2]
 */
export class ReLU extends Module {
  readonly fused: FusedActivation = 'relu'
  override forward(x: Tensor): Tensor {
    return x.relu()
  }
}

/**
 * Hyperbolic tangent.
 * @example
 * import { tensor } from '@x/tensor'
 * import { Tanh } from '@x/nn'
 * new Tanh().forward(tensor(1)).item().toFixed(4) // '0.7616'
 */
export class Tanh extends Module {
  readonly fused: FusedActivation = 'tanh'
  override forward(x: Tensor): Tensor {
    return x.tanh()
  }
}

/**
 * 1 / (1 + e⁻ˣ).
 * @example
 * import { tensor } from '@x/tensor'
 * import { Sigmoid } from '@x/nn'
 * new Sigmoid().forward(tensor(0)).item() // 0.5
 */
export class Sigmoid extends Module {
  readonly fused: FusedActivation = 'sigmoid'
  override forward(x: Tensor): Tensor {
    return x.sigmoid()
  }
}

/**
 * x·Φ(x), or with `approximate: 'tanh'` its tanh form.
 * @example
 * import { tensor } from '@x/tensor'
 * import { GELU } from '@x/nn'
 * new GELU({ approximate: 'tanh' }).forward(tensor(1)).item().toFixed(4) // '0.8412'
 */
export class GELU extends Module {
  readonly approximate: 'none' | 'tanh'
  readonly fused: FusedActivation

  constructor(options: { approximate?: 'none' | 'tanh' } = {}) {
    super()
    checkOptions('GELU', options, ['approximate'])
    const { approximate = 'none' } = options
    oneOf('GELU: approximate', approximate, ['none', 'tanh'])
    this.approximate = approximate
    this.fused = approximate === 'tanh' ? 'geluTanh' : 'gelu'
  }

  override forward(x: Tensor): Tensor {
    return this.approximate === 'tanh' ? x.geluTanh() : x.gelu()
  }
}

/** What the dropout layers share: they drop in training and pass on else. */
abstract class Dropping extends Module {
  readonly p: number
  readonly generator: Generator | undefined
  protected abstract readonly drop: DropoutFunction

  constructor(p = 0.5, options: DropoutOptions = {}) {
    super()
    const name = this.constructor.name
    checkOptions(name, options, ['generator'])
    this.p = inRange(`${name}: p`, p, 0, 1)
    this.generator = options.generator
  }

  override forward(x: Tensor): Tensor {
    return this.training ? this.drop(x, this.p, { generator: this.generator }) : x
  }
}

/**
 * In training, sets each element to 0 with probability p and scales the others by 1/(1 − p); else passes x on.
 * @example
 * import { tensor } from '@x/tensor'
 * import { Dropout } from '@x/nn'
 * const layer = new Dropout(0.5)
 * layer.eval().forward(tensor([1, 2])).toArray() // [1, 2]
 */
export class Dropout extends Dropping {
  protected override readonly drop: DropoutFunction = dropout
}

/** Drops whole channels of x [N, C, L] or [C, L] in training; see `dropout1d`. */
export class Dropout1d extends Dropping {
  protected override readonly drop: DropoutFunction = dropout1d
}

/** Drops whole channels of images [N, C, H, W] or [C, H, W] in training; see `dropout2d`. */
export class Dropout2d extends Dropping {
  protected override readonly drop: DropoutFunction = dropout2d
}

/** Drops whole channels of volumes [N, C, D, H, W] or [C, D, H, W] in training; see `dropout3d`. */
export class Dropout3d extends Dropping {
  protected override readonly drop: DropoutFunction = dropout3d
}

/** Dropout for networks of SELUs; see `alphaDropout`. */
export class AlphaDropout extends Dropping {
  protected override readonly drop: DropoutFunction = alphaDropout
}

/** `AlphaDropout` of whole channels; see `featureAlphaDropout`. */
export class FeatureAlphaDropout extends Dropping {
  protected override readonly drop: DropoutFunction = featureAlphaDropout
}

/**
 * x as it is: a place for a layer that is not there.
 * @example
 * import { tensor } from '@x/tensor'
 * import { Identity } from '@x/nn'
 * new Identity().forward(tensor([1])).toArray() // [1]
 */
export class Identity extends Module {
  override forward(x: Tensor): Tensor {
    return x
  }
}

/**
 * All axes from `start` to `end` merged into one; by default all but the first.
 * @example
 * import { ones } from '@x/tensor'
 * import { Flatten } from '@x/nn'
 * new Flatten().forward(ones([2, 3, 4])).shape // [2, 12]
 */
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

/**
 * One axis made into several of `sizes`, of which one may be −1 and follows: what Flatten undoes.
 * @example
 * import { ones } from '@x/tensor'
 * import { Unflatten } from '@x/nn'
 * new Unflatten(1, [3, -1]).forward(ones([2, 12])).shape // [2, 3, 4]
 */
export class Unflatten extends Module {
  readonly axis: number
  readonly sizes: Shape

  /** @param axis counted from the end where it is negative */
  constructor(axis: number, sizes: Shape) {
    super()
    this.axis = axis
    this.sizes = sizes
  }

  override forward(x: Tensor): Tensor {
    const axis = normalizeAxis('Unflatten', this.axis, x.ndim)
    const { shape } = x
    const given = this.sizes.reduce((n, d) => (d === -1 ? n : n * d), 1)
    const sizes = this.sizes.map((d) => (d === -1 ? shape[axis] / given : d))
    if (sizes.some((d) => !Number.isInteger(d)) || sizes.reduce((n, d) => n * d, 1) !== shape[axis])
      throw new ShapeError(`Unflatten: ${show(this.sizes)} does not fill axis ${axis} of x ${show(shape)}`)
    return x.reshape([...shape.slice(0, axis), ...sizes, ...shape.slice(axis + 1)])
  }
}
