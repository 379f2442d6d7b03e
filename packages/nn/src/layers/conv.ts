// Convolutional layers, with PyTorch's parameters and first values.
import { pad, type Tensor } from '@x/tensor'
import type {
  Conv1dOptions,
  Conv2dOptions,
  Conv3dOptions,
  ConvTranspose1dOptions,
  ConvTranspose2dOptions,
  Pair,
  Triple,
} from '@x/tensor/conv'
import { checkOptions } from '@x/tensor/op'
import { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d } from '../conv.ts'
import { fanInUniform, type InitOptions } from '../init.ts'
import { Module, parameter } from '../module.ts'
import { checkSizes, multiple, oneOf, whole } from '../options.ts'

interface LayerOptions extends InitOptions {
  /** Whether to add a bias per output channel. Default true. */
  bias?: boolean
}

interface PaddedOptions extends LayerOptions {
  /** What stands around the input: zeros, or its own elements as `pad` has them. Default 'zeros'. */
  paddingMode?: 'zeros' | 'reflect' | 'replicate' | 'circular'
}

/** Options of `Conv1d`. */
export interface Conv1dLayerOptions extends Conv1dOptions, PaddedOptions {}
/** Options of `Conv2d`. */
export interface Conv2dLayerOptions extends Conv2dOptions, PaddedOptions {}
/** Options of `Conv3d`. */
export interface Conv3dLayerOptions extends Conv3dOptions, PaddedOptions {}
/** Options of `ConvTranspose1d`. */
export interface ConvTranspose1dLayerOptions extends ConvTranspose1dOptions, LayerOptions {}
/** Options of `ConvTranspose2d`. */
export interface ConvTranspose2dLayerOptions extends ConvTranspose2dOptions, LayerOptions {}

type Lengths = number | readonly number[]

/** What the layers have in common: weight, bias, and how they start: uniform in ±1/√(inputs per output). */
abstract class Convolution<O extends { groups?: number }> extends Module {
  readonly weight: Tensor
  readonly bias: Tensor | null
  readonly options: O

  constructor(
    channels: readonly [inputs: number, outputs: number],
    kernel: readonly number[],
    { bias = true, generator, ...options }: LayerOptions & O,
    transposed = false,
  ) {
    super()
    const { name } = this.constructor
    const { groups = 1 } = options as O
    const [inChannels, outChannels] = channels
    checkSizes(name, { inChannels, outChannels, groups })
    multiple(`${name}: inChannels`, inChannels, groups)
    multiple(`${name}: outChannels`, outChannels, groups)
    for (const n of kernel) whole(`${name}: kernelSize`, n)
    const [first, second] = transposed ? channels : [channels[1], channels[0]]
    const shape = [first, second / groups, ...kernel]
    const fanIn = shape.slice(1).reduce((a, b) => a * b, 1)
    this.weight = parameter(fanInUniform(shape, fanIn, { generator }))
    this.bias = bias ? parameter(fanInUniform([channels[1]], fanIn, { generator })) : null
    this.options = options as unknown as O
  }
}

const OPTIONS = ['stride', 'padding', 'dilation', 'groups', 'bias', 'generator']

const lengths = (value: Lengths, count: number): readonly number[] =>
  typeof value === 'number' ? new Array<number>(count).fill(value) : value

/** A layer that may pad with what is not zero. */
abstract class Padded<O extends Conv1dOptions | Conv2dOptions | Conv3dOptions> extends Convolution<O> {
  readonly paddingMode: NonNullable<PaddedOptions['paddingMode']>

  constructor(channels: readonly [number, number], kernel: readonly number[], given: PaddedOptions & O) {
    const { name } = new.target
    checkOptions(name, given, [...OPTIONS, 'paddingMode'])
    const { paddingMode = 'zeros', ...options } = given
    super(channels, kernel, options as LayerOptions & O)
    oneOf(`${name}: paddingMode`, paddingMode, ['zeros', 'reflect', 'replicate', 'circular'])
    this.paddingMode = paddingMode
  }

  /** The input, padded if zeros will not do, and the options for what is left to pad. */
  protected padded(x: Tensor): readonly [Tensor, O] {
    const { options, paddingMode } = this
    const { padding = 0, dilation = 1 } = options as { padding?: Lengths | 'same' | 'valid'; dilation?: Lengths }
    if (paddingMode === 'zeros' || padding === 0 || padding === 'valid') return [x, options]
    const kernel = this.weight.shape.slice(2)
    const widths =
      padding === 'same'
        ? lengths(dilation, kernel.length).map((d, i) => {
            const total = d * (kernel[i] - 1)
            return [Math.floor(total / 2), Math.ceil(total / 2)] as const
          })
        : lengths(padding as Lengths, kernel.length).map((n) => [n, n] as const)
    const none = new Array<readonly [number, number]>(x.ndim - kernel.length).fill([0, 0])
    return [pad(x, [...none, ...widths], { mode: paddingMode }), { ...options, padding: 0 }]
  }
}

/**
 * Convolution of sequences, [N, inChannels, L] → [N, outChannels, OL]; or without N.
 * weight [out, in/groups, kernelSize], bias [out].
 * @throws RangeError for channels that the groups do not divide, and options that there are not
 * @example
 * import { ones } from '@x/tensor'
 * import { Conv1d } from '@x/nn'
 * new Conv1d(3, 8, 5, { stride: 2 }).forward(ones([1, 3, 21])).shape // [1, 8, 9]
 */
export class Conv1d extends Padded<Conv1dOptions> {
  constructor(inChannels: number, outChannels: number, kernelSize: number, options: Conv1dLayerOptions = {}) {
    super([inChannels, outChannels], lengths(kernelSize, 1), options)
  }

  override forward(x: Tensor): Tensor {
    const [y, options] = this.padded(x)
    return conv1d(y, this.weight, this.bias, options)
  }
}

/**
 * Convolution of images, [N, inChannels, H, W] → [N, outChannels, OH, OW]; or without N.
 * weight [out, in/groups, KH, KW], bias [out].
 * @param kernelSize one number, or [height, width]
 * @throws RangeError for channels that the groups do not divide, and options that there are not
 * @example
 * import { ones } from '@x/tensor'
 * import { Conv2d } from '@x/nn'
 * new Conv2d(3, 8, 3, { padding: 'same' }).forward(ones([1, 3, 28, 28])).shape // [1, 8, 28, 28]
 */
export class Conv2d extends Padded<Conv2dOptions> {
  constructor(inChannels: number, outChannels: number, kernelSize: Pair, options: Conv2dLayerOptions = {}) {
    super([inChannels, outChannels], lengths(kernelSize, 2), options)
  }

  override forward(x: Tensor): Tensor {
    const [y, options] = this.padded(x)
    return conv2d(y, this.weight, this.bias, options)
  }
}

/**
 * Convolution of volumes, [N, inChannels, D, H, W] → [N, outChannels, OD, OH, OW]; or without N.
 * weight [out, in/groups, KD, KH, KW], bias [out].
 * @param kernelSize one number, or [depth, height, width]
 * @throws RangeError for channels that the groups do not divide, and options that there are not
 * @example
 * import { ones } from '@x/tensor'
 * import { Conv3d } from '@x/nn'
 * new Conv3d(1, 4, 3).forward(ones([1, 1, 5, 5, 5])).shape // [1, 4, 3, 3, 3]
 */
export class Conv3d extends Padded<Conv3dOptions> {
  constructor(inChannels: number, outChannels: number, kernelSize: Triple, options: Conv3dLayerOptions = {}) {
    super([inChannels, outChannels], lengths(kernelSize, 3), options)
  }

  override forward(x: Tensor): Tensor {
    const [y, options] = this.padded(x)
    return conv3d(y, this.weight, this.bias, options)
  }
}

/**
 * Transposed convolution of sequences, [N, inChannels, L] → [N, outChannels, OL]; or without N.
 * weight [in, out/groups, kernelSize], bias [out].
 * @throws RangeError for channels that the groups do not divide, and options that there are not
 * @example
 * import { ones } from '@x/tensor'
 * import { ConvTranspose1d } from '@x/nn'
 * new ConvTranspose1d(3, 8, 2, { stride: 2 }).forward(ones([1, 3, 5])).shape // [1, 8, 10]
 */
export class ConvTranspose1d extends Convolution<ConvTranspose1dOptions> {
  constructor(inChannels: number, outChannels: number, kernelSize: number, options: ConvTranspose1dLayerOptions = {}) {
    checkOptions('ConvTranspose1d', options, [...OPTIONS, 'outputPadding'])
    super([inChannels, outChannels], lengths(kernelSize, 1), options, true)
  }

  override forward(x: Tensor): Tensor {
    return convTranspose1d(x, this.weight, this.bias, this.options)
  }
}

/**
 * Transposed convolution of images, [N, inChannels, H, W] → [N, outChannels, OH, OW]; or without N.
 * weight [in, out/groups, KH, KW], bias [out].
 * @param kernelSize one number, or [height, width]
 * @throws RangeError for channels that the groups do not divide, and options that there are not
 * @example
 * import { ones } from '@x/tensor'
 * import { ConvTranspose2d } from '@x/nn'
 * new ConvTranspose2d(3, 8, 2, { stride: 2 }).forward(ones([1, 3, 5, 5])).shape // [1, 8, 10, 10]
 */
export class ConvTranspose2d extends Convolution<ConvTranspose2dOptions> {
  constructor(inChannels: number, outChannels: number, kernelSize: Pair, options: ConvTranspose2dLayerOptions = {}) {
    checkOptions('ConvTranspose2d', options, [...OPTIONS, 'outputPadding'])
    super([inChannels, outChannels], lengths(kernelSize, 2), options, true)
  }

  override forward(x: Tensor): Tensor {
    return convTranspose2d(x, this.weight, this.bias, this.options)
  }
}
