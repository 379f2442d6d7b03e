// The activations as layers, with PyTorch's names.
import { full, type Tensor } from '@x/tensor'
import { Module, parameter } from '../module.ts'
import {
  type HardtanhOptions,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  type LeakyReluOptions,
  leakyRelu,
  prelu,
  relu6,
  type ShrinkOptions,
  softshrink,
  threshold,
} from './rectifiers.ts'
import {
  celu,
  type EluOptions,
  elu,
  glu,
  logSigmoid,
  mish,
  type SoftplusOptions,
  selu,
  silu,
  softmin,
  softplus,
  softsign,
  tanhshrink,
} from './smooth.ts'

/** A layer that is a function and its options, which are the function's. */
abstract class Configured<Options extends object> extends Module {
  readonly options: Options

  constructor(options?: Options) {
    super()
    this.options = { ...options } as Options
  }
}

/** A layer that works along one axis, by default the last. */
abstract class Axial extends Module {
  readonly axis: number

  constructor(axis = -1) {
    super()
    this.axis = axis
  }
}

/** min(max(x, 0), 6); see `relu6`. */
export class ReLU6 extends Module {
  override forward(x: Tensor): Tensor {
    return relu6(x)
  }
}

/** x, or negativeSlope·x left of 0; see `leakyRelu`. */
export class LeakyReLU extends Configured<LeakyReluOptions> {
  override forward(x: Tensor): Tensor {
    return leakyRelu(x, this.options)
  }
}

export interface PReLUOptions {
  /** Slopes: 1, or one for each channel (axis 1). Default 1. */
  numParameters?: number
  /** Slope at the start. Default 0.25. */
  init?: number
}

/**
 * x, or weight·x left of 0, with a trained weight [numParameters]; see `prelu`.
 * @throws ShapeError from `forward` when the channels are not numParameters
 * @example
 * import { tensor } from '@x/tensor'
 * import { PReLU } from '@x/nn'
 * new PReLU().forward(tensor([-4, 4])).toArray() // [-1, 4]
 */
export class PReLU extends Module {
  readonly weight: Tensor

  constructor({ numParameters = 1, init = 0.25 }: PReLUOptions = {}) {
    super()
    this.weight = parameter(full([numParameters], init))
  }

  override forward(x: Tensor): Tensor {
    return prelu(x, this.weight)
  }
}

/** x above `limit`, `value` elsewhere; see `threshold`. */
export class Threshold extends Module {
  readonly limit: number
  readonly value: number

  constructor(limit: number, value: number) {
    super()
    this.limit = limit
    this.value = value
  }

  override forward(x: Tensor): Tensor {
    return threshold(x, this.limit, this.value)
  }
}

/** x between minVal and maxVal; see `hardtanh`. */
export class Hardtanh extends Configured<HardtanhOptions> {
  override forward(x: Tensor): Tensor {
    return hardtanh(x, this.options)
  }
}

/** min(max(x + 3, 0), 6) / 6; see `hardsigmoid`. */
export class Hardsigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return hardsigmoid(x)
  }
}

/** x·hardsigmoid(x); see `hardswish`. */
export class Hardswish extends Module {
  override forward(x: Tensor): Tensor {
    return hardswish(x)
  }
}

/** x where |x| > lambda, else 0; see `hardshrink`. */
export class Hardshrink extends Configured<ShrinkOptions> {
  override forward(x: Tensor): Tensor {
    return hardshrink(x, this.options)
  }
}

/** x brought nearer to 0 by lambda; see `softshrink`. */
export class Softshrink extends Configured<ShrinkOptions> {
  override forward(x: Tensor): Tensor {
    return softshrink(x, this.options)
  }
}

/** x, or alpha·(eˣ − 1) left of 0; see `elu`. */
export class ELU extends Configured<EluOptions> {
  override forward(x: Tensor): Tensor {
    return elu(x, this.options)
  }
}

/** The self-normalising ELU; see `selu`. */
export class SELU extends Module {
  override forward(x: Tensor): Tensor {
    return selu(x)
  }
}

/** x, or alpha·(e^(x/alpha) − 1) left of 0; see `celu`. */
export class CELU extends Configured<EluOptions> {
  override forward(x: Tensor): Tensor {
    return celu(x, this.options)
  }
}

/** x·σ(x); see `silu`. */
export class SiLU extends Module {
  override forward(x: Tensor): Tensor {
    return silu(x)
  }
}

/** ln(1 + e^(beta·x)) / beta; see `softplus`. */
export class Softplus extends Configured<SoftplusOptions> {
  override forward(x: Tensor): Tensor {
    return softplus(x, this.options)
  }
}

/** x·tanh(ln(1 + eˣ)); see `mish`. */
export class Mish extends Module {
  override forward(x: Tensor): Tensor {
    return mish(x)
  }
}

/** ln σ(x); see `logSigmoid`. */
export class LogSigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return logSigmoid(x)
  }
}

/** x / (1 + |x|); see `softsign`. */
export class Softsign extends Module {
  override forward(x: Tensor): Tensor {
    return softsign(x)
  }
}

/** x − tanh x; see `tanhshrink`. */
export class Tanhshrink extends Module {
  override forward(x: Tensor): Tensor {
    return tanhshrink(x)
  }
}

/** Positive numbers that add up to 1 along an axis: eˣ / Σ eˣ. */
export class Softmax extends Axial {
  override forward(x: Tensor): Tensor {
    return x.softmax(this.axis)
  }
}

/** ln softmax(x) along an axis. */
export class LogSoftmax extends Axial {
  override forward(x: Tensor): Tensor {
    return x.logSoftmax(this.axis)
  }
}

/** softmax(−x) along an axis. */
export class Softmin extends Axial {
  override forward(x: Tensor): Tensor {
    return softmin(x, this.axis)
  }
}

/** One half gated by the other along an axis, [..., 2n] → [..., n]; see `glu`. */
export class GLU extends Axial {
  override forward(x: Tensor): Tensor {
    return glu(x, this.axis)
  }
}
