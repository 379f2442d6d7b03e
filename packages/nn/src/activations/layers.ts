// The activations as layers, with PyTorch's names.
import { full, type Tensor, zeros } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { Module, parameter } from '../module.ts'
import { checkSizes, tried } from '../options.ts'
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
  protected abstract get function(): (x: Tensor, options: Options) => Tensor

  /** @throws RangeError for options that the function does not take */
  constructor(options = {} as Options) {
    super()
    tried(() => this.function(zeros([0]), options))
    this.options = { ...options }
  }

  override forward(x: Tensor): Tensor {
    return this.function(x, this.options)
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

/**
 * min(max(x, 0), 6); see `relu6`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { ReLU6 } from '@x/nn'
 * new ReLU6().forward(tensor([-1, 3, 7])).toArray() // [0, 3, 6]
 */
export class ReLU6 extends Module {
  override forward(x: Tensor): Tensor {
    return relu6(x)
  }
}

/**
 * x, or negativeSlope·x left of 0; see `leakyRelu`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { LeakyReLU } from '@x/nn'
 * new LeakyReLU({ negativeSlope: 0.5 }).forward(tensor([-2, 2])).toArray() // [-1, 2]
 */
export class LeakyReLU extends Configured<LeakyReluOptions> {
  protected override get function(): typeof leakyRelu {
    return leakyRelu
  }
}

/** Options of `PReLU`. */
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

  constructor(options: PReLUOptions = {}) {
    super()
    checkOptions('PReLU', options, ['numParameters', 'init'])
    const { numParameters = 1, init = 0.25 } = options
    checkSizes('PReLU', { numParameters })
    this.weight = parameter(full([numParameters], init))
  }

  override forward(x: Tensor): Tensor {
    return prelu(x, this.weight)
  }
}

/**
 * x above `limit`, `value` elsewhere; see `threshold`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { Threshold } from '@x/nn'
 * new Threshold(1, -5).forward(tensor([0, 1, 2])).toArray() // [-5, -5, 2]
 */
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

/**
 * x between minVal and maxVal; see `hardtanh`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { Hardtanh } from '@x/nn'
 * new Hardtanh().forward(tensor([-3, 0.5, 3])).toArray() // [-1, 0.5, 1]
 */
export class Hardtanh extends Configured<HardtanhOptions> {
  protected override get function(): typeof hardtanh {
    return hardtanh
  }
}

/**
 * min(max(x + 3, 0), 6) / 6; see `hardsigmoid`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { Hardsigmoid } from '@x/nn'
 * new Hardsigmoid().forward(tensor([-3, 0, 3])).toArray() // [0, 0.5, 1]
 */
export class Hardsigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return hardsigmoid(x)
  }
}

/**
 * x·hardsigmoid(x); see `hardswish`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { Hardswish } from '@x/nn'
 * new Hardswish().forward(tensor([-4, 0, 4])).toArray() // [0, 0, 4]
 */
export class Hardswish extends Module {
  override forward(x: Tensor): Tensor {
    return hardswish(x)
  }
}

/**
 * x where |x| > lambda, else 0; see `hardshrink`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { Hardshrink } from '@x/nn'
 * new Hardshrink().forward(tensor([-2, 0.5, 2])).toArray() // [-2, 0, 2]
 */
export class Hardshrink extends Configured<ShrinkOptions> {
  protected override get function(): typeof hardshrink {
    return hardshrink
  }
}

/**
 * x brought nearer to 0 by lambda; see `softshrink`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { Softshrink } from '@x/nn'
 * new Softshrink().forward(tensor([-2, 0.5, 2])).toArray() // [-1.5, 0, 1.5]
 */
export class Softshrink extends Configured<ShrinkOptions> {
  protected override get function(): typeof softshrink {
    return softshrink
  }
}

/**
 * x, or alpha·(eˣ − 1) left of 0; see `elu`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { ELU } from '@x/nn'
 * new ELU({ alpha: 0.5 }).forward(tensor([-100, 2])).toArray() // [-0.5, 2]
 */
export class ELU extends Configured<EluOptions> {
  protected override get function(): typeof elu {
    return elu
  }
}

/**
 * The self-normalising ELU; see `selu`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { SELU } from '@x/nn'
 * new SELU().forward(tensor(1)).item().toFixed(4) // '1.0507'
 */
export class SELU extends Module {
  override forward(x: Tensor): Tensor {
    return selu(x)
  }
}

/**
 * x, or alpha·(e^(x/alpha) − 1) left of 0; see `celu`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { CELU } from '@x/nn'
 * new CELU({ alpha: 2 }).forward(tensor([-100, 2])).toArray() // [-2, 2]
 */
export class CELU extends Configured<EluOptions> {
  protected override get function(): typeof celu {
    return celu
  }
}

/**
 * x·σ(x); see `silu`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { SiLU } from '@x/nn'
 * new SiLU().forward(tensor(1)).item().toFixed(4) // '0.7311'
 */
export class SiLU extends Module {
  override forward(x: Tensor): Tensor {
    return silu(x)
  }
}

/**
 * ln(1 + e^(beta·x)) / beta; see `softplus`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { Softplus } from '@x/nn'
 * new Softplus().forward(tensor(1000)).item() // 1000
 */
export class Softplus extends Configured<SoftplusOptions> {
  protected override get function(): typeof softplus {
    return softplus
  }
}

/**
 * x·tanh(ln(1 + eˣ)); see `mish`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { Mish } from '@x/nn'
 * new Mish().forward(tensor(1)).item().toFixed(4) // '0.8651'
 */
export class Mish extends Module {
  override forward(x: Tensor): Tensor {
    return mish(x)
  }
}

/**
 * ln σ(x); see `logSigmoid`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { LogSigmoid } from '@x/nn'
 * new LogSigmoid().forward(tensor(-1000)).item() // -1000
 */
export class LogSigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return logSigmoid(x)
  }
}

/**
 * x / (1 + |x|); see `softsign`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { Softsign } from '@x/nn'
 * new Softsign().forward(tensor([-1, 3])).toArray() // [-0.5, 0.75]
 */
export class Softsign extends Module {
  override forward(x: Tensor): Tensor {
    return softsign(x)
  }
}

/**
 * x − tanh x; see `tanhshrink`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { Tanhshrink } from '@x/nn'
 * new Tanhshrink().forward(tensor(1)).item().toFixed(4) // '0.2384'
 */
export class Tanhshrink extends Module {
  override forward(x: Tensor): Tensor {
    return tanhshrink(x)
  }
}

/**
 * Positive numbers that add up to 1 along an axis: eˣ / Σ eˣ.
 * @example
 * import { tensor } from '@x/tensor'
 * import { Softmax } from '@x/nn'
 * new Softmax().forward(tensor([5, 5])).toArray() // [0.5, 0.5]
 */
export class Softmax extends Axial {
  override forward(x: Tensor): Tensor {
    return x.softmax(this.axis)
  }
}

/**
 * ln softmax(x) along an axis.
 * @example
 * import { tensor } from '@x/tensor'
 * import { LogSoftmax } from '@x/nn'
 * new LogSoftmax().forward(tensor([0, 0])).at(0).item().toFixed(4) // '-0.6931'
 */
export class LogSoftmax extends Axial {
  override forward(x: Tensor): Tensor {
    return x.logSoftmax(this.axis)
  }
}

/**
 * softmax(−x) along an axis.
 * @example
 * import { tensor } from '@x/tensor'
 * import { Softmin } from '@x/nn'
 * new Softmin().forward(tensor([5, 5])).toArray() // [0.5, 0.5]
 */
export class Softmin extends Axial {
  override forward(x: Tensor): Tensor {
    return softmin(x, this.axis)
  }
}

/**
 * One half gated by the other along an axis, [..., 2n] → [..., n]; see `glu`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { GLU } from '@x/nn'
 * new GLU().forward(tensor([4, 0])).toArray() // [2]
 */
export class GLU extends Axial {
  override forward(x: Tensor): Tensor {
    return glu(x, this.axis)
  }
}
