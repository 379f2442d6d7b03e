// Convolution, pooling and images in functional form.
import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  avgPool1d,
  avgPool2d,
  bilinear,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  fold,
  interpolate,
  lpPool1d,
  lpPool2d,
  maxPool1d,
  maxPool2d,
  pixelShuffle,
  pixelUnshuffle,
  unfold,
} from '@x/nn'
import type { Tensor } from '@x/tensor'
import type { Args, Op, Table } from './table.ts'

/** Arguments by the library's names. What was not recorded stays out. */
function renamed(args: Args, names: Readonly<Record<string, string>>): Args {
  const found = Object.entries(names).map(([recorded, own]) => [own, args[recorded]] as const)
  return Object.fromEntries(found.filter(([, value]) => value !== undefined && value !== null))
}

const same = (...names: string[]): Record<string, string> => Object.fromEntries(names.map((name) => [name, name]))
const CONV = same('stride', 'padding', 'dilation', 'groups')
const MAX = { ...same('stride', 'padding', 'dilation'), ceil_mode: 'ceilMode' }
const AVG = {
  ...same('stride', 'padding'),
  ceil_mode: 'ceilMode',
  count_include_pad: 'countIncludePad',
  divisor_override: 'divisorOverride',
}
const LP = { stride: 'stride', ceil_mode: 'ceilMode' }
const WINDOW = same('stride', 'padding', 'dilation')
const SIZES = {
  ...same('size', 'mode'),
  scale_factor: 'scaleFactor',
  align_corners: 'alignCorners',
  recompute_scale_factor: 'recomputeScaleFactor',
}

/** PyTorch takes lists of one number where there is one axis. */
const alone =
  (op: Op): Op =>
  (inputs, args, context) => {
    const get = (given: Args, name: string | symbol): unknown => {
      const value: unknown = Reflect.get(given, name)
      return Array.isArray(value) && value.length === 1 ? value[0] : value
    }
    return op(inputs, new Proxy(args, { get }), context)
  }

type Convolution = (x: Tensor, w: Tensor, b: Tensor | null, options: Args) => Tensor

const convolution =
  (f: Convolution, more: Readonly<Record<string, string>> = {}): Op =>
  ({ input, weight, bias }, args) =>
    f(input, weight, bias ?? null, renamed(args, { ...CONV, ...more }))

type Pool = (x: Tensor, size: never, options: Args) => Tensor

const pool =
  (f: Pool, names: Readonly<Record<string, string>>): Op =>
  ({ input }, args) =>
    f(input, args.kernel_size as never, renamed(args, names))

/** Values alone, or with their positions where those were recorded. */
const positioned =
  (f: (x: Tensor, size: never, options: Args) => unknown, names: Readonly<Record<string, string>>, size: string): Op =>
  ({ input }, args, { outputs }) =>
    f(input, args[size] as never, { ...renamed(args, names), returnIndices: outputs.length === 2 }) as Tensor

export const images: Table = {
  'torch.nn.functional.conv1d': alone(convolution(conv1d)),
  'torch.nn.functional.conv2d': convolution(conv2d),
  'torch.nn.functional.conv3d': convolution(conv3d),
  'torch.nn.functional.conv_transpose1d': alone(convolution(convTranspose1d, { output_padding: 'outputPadding' })),
  'torch.nn.functional.conv_transpose2d': convolution(convTranspose2d, { output_padding: 'outputPadding' }),
  'torch.nn.functional.max_pool1d': alone(positioned(maxPool1d, MAX, 'kernel_size')),
  'torch.nn.functional.max_pool2d': positioned(maxPool2d, MAX, 'kernel_size'),
  'torch.nn.functional.avg_pool1d': alone(pool(avgPool1d, AVG)),
  'torch.nn.functional.avg_pool2d': pool(avgPool2d, AVG),
  'torch.nn.functional.lp_pool1d': alone(({ input }, args) =>
    lpPool1d(input, args.norm_type, args.kernel_size, renamed(args, LP)),
  ),
  'torch.nn.functional.lp_pool2d': ({ input }, args) =>
    lpPool2d(input, args.norm_type, args.kernel_size, renamed(args, LP)),
  'torch.nn.functional.adaptive_avg_pool1d': alone(({ input }, { output_size }) =>
    adaptiveAvgPool1d(input, output_size),
  ),
  'torch.nn.functional.adaptive_avg_pool2d': ({ input }, { output_size }) => adaptiveAvgPool2d(input, output_size),
  'torch.nn.functional.adaptive_max_pool1d': alone(positioned(adaptiveMaxPool1d, {}, 'output_size')),
  'torch.nn.functional.adaptive_max_pool2d': positioned(adaptiveMaxPool2d, {}, 'output_size'),
  'torch.nn.functional.interpolate': ({ input }, args) => interpolate(input, renamed(args, SIZES)),
  'torch.nn.functional.unfold': pool(unfold, WINDOW),
  'torch.nn.functional.fold': ({ input }, args) =>
    fold(input, args.output_size, args.kernel_size, renamed(args, WINDOW)),
  'torch.nn.functional.pixel_shuffle': ({ input }, { upscale_factor }) => pixelShuffle(input, upscale_factor),
  'torch.nn.functional.pixel_unshuffle': ({ input }, { downscale_factor }) => pixelUnshuffle(input, downscale_factor),
  'torch.nn.functional.bilinear': ({ input1, input2, weight, bias }) => bilinear(input1, input2, weight, bias ?? null),
}
