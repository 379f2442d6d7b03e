// Convolutions with a bias per output channel.
import { ShapeError, type Tensor } from '@x/tensor'
import {
  type Conv1dOptions,
  type Conv2dOptions,
  type Conv3dOptions,
  type ConvGeometry,
  type ConvTranspose1dOptions,
  type ConvTranspose2dOptions,
  convGeometry,
  convInput,
  convInto,
  convMultiplies,
  conv1d as convolve1d,
  conv2d as convolve2d,
  conv3d as convolve3d,
  convWeight,
  convTranspose1d as transposed1d,
  convTranspose2d as transposed2d,
} from '@x/tensor/conv'
import { defineOp, dense, floating, type OpFunction, pointer, requireTensor, run, show } from '@x/tensor/op'
import { family } from './kernels.ts'

const channelKernels = family('channelBias')

const convBias: OpFunction<ConvGeometry> = defineOp<ConvGeometry>({
  name: 'conv2dBias',
  inputs: ['x', 'w', 'b'],
  cast: floating,
  shape: (_, g) => g.y,
  multiplies: convMultiplies,
  launch: ([x, w, b], y, g) => {
    convInto(x, w, y, g)
    const [n, channels, height, width] = g.y
    run(channelKernels[y.dtype], n * channels, y.size, pointer(y), pointer(dense(b)), channels, height * width)
  },
  grad: {
    x: ({ w, dy }, g) => convInput([dy, w], g),
    w: ({ x, dy }, g) => convWeight([x, dy], g),
    b: ({ dy }) => dy.sum([0, 2, 3]),
  },
})

function checkBias(op: string, b: Tensor, channels: number): void {
  requireTensor(op, 'b', b)
  if (b.ndim !== 1 || b.size !== channels) throw new ShapeError(`${op}: b ${show(b.shape)} is not [${channels}]`)
}

/** y + b along the channels, which have `axes` axes behind them. */
function plusBias(op: string, y: Tensor, b: Tensor | null, axes: number): Tensor {
  if (!b) return y
  const channels = y.shape[y.ndim - axes - 1]
  checkBias(op, b, channels)
  return y.add(b.reshape([channels, ...new Array<number>(axes).fill(1)]))
}

/**
 * The convolution of images with a bias per output channel: x [N, C, H, W] or [C, H, W], w [O, C/groups, KH, KW],
 * b [O] or null → [N, O, OH, OW]. Options and sizes are those of conv2d in @x/tensor/conv.
 * @throws ShapeError, RangeError
 * @example
 * import { ones } from '@x/tensor'
 * import { conv2d } from '@x/nn'
 * conv2d(ones([1, 3, 8, 8]), ones([4, 3, 3, 3]), null, { padding: 1 }).shape // [1, 4, 8, 8]
 */
export function conv2d(x: Tensor, w: Tensor, b: Tensor | null = null, options: Conv2dOptions = {}): Tensor {
  requireTensor('conv2d', 'x', x)
  if (!b) return convolve2d(x, w, options)
  if (x.ndim === 3) return conv2d(x.unsqueeze(0), w, b, options).squeeze(0)
  const g = convGeometry(x, w, options)
  checkBias('conv2d', b, g.y[1])
  return convBias([x, w, b], g)
}

/**
 * The convolution of sequences with a bias per output channel: x [N, C, L] or [C, L], w [O, C/groups, K], b [O] or null
 * → [N, O, OL].
 * @throws ShapeError, RangeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { conv1d } from '@x/nn'
 * conv1d(tensor([[1, 2, 3]]), tensor([[[1, 1]]]), tensor([10])).toArray() // [[13, 15]]
 */
export function conv1d(x: Tensor, w: Tensor, b: Tensor | null = null, options: Conv1dOptions = {}): Tensor {
  return plusBias('conv1d', convolve1d(x, w, options), b, 1)
}

/**
 * The convolution of volumes with a bias per output channel: x [N, C, D, H, W] or [C, D, H, W],
 * w [O, C/groups, KD, KH, KW], b [O] or null → [N, O, OD, OH, OW].
 * @throws ShapeError, RangeError
 * @example
 * import { ones } from '@x/tensor'
 * import { conv3d } from '@x/nn'
 * conv3d(ones([1, 1, 4, 4, 4]), ones([2, 1, 2, 2, 2])).shape // [1, 2, 3, 3, 3]
 */
export function conv3d(x: Tensor, w: Tensor, b: Tensor | null = null, options: Conv3dOptions = {}): Tensor {
  return plusBias('conv3d', convolve3d(x, w, options), b, 3)
}

/**
 * The transposed convolution of sequences with a bias: x [N, C, L] or [C, L], w [C, O/groups, K], b [O] or null
 * → [N, O, OL].
 * @throws ShapeError, RangeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { convTranspose1d } from '@x/nn'
 * convTranspose1d(tensor([[1, 2]]), tensor([[[1, 10]]])).toArray() // [[1, 12, 20]]
 */
export function convTranspose1d(
  x: Tensor,
  w: Tensor,
  b: Tensor | null = null,
  options: ConvTranspose1dOptions = {},
): Tensor {
  return plusBias('convTranspose1d', transposed1d(x, w, options), b, 1)
}

/**
 * The transposed convolution of images with a bias: x [N, C, H, W] or [C, H, W], w [C, O/groups, KH, KW], b [O] or null
 * → [N, O, OH, OW].
 * @throws ShapeError, RangeError
 * @example
 * import { ones } from '@x/tensor'
 * import { convTranspose2d } from '@x/nn'
 * convTranspose2d(ones([1, 3, 4, 4]), ones([3, 2, 2, 2]), null, { stride: 2 }).shape // [1, 2, 8, 8]
 */
export function convTranspose2d(
  x: Tensor,
  w: Tensor,
  b: Tensor | null = null,
  options: ConvTranspose2dOptions = {},
): Tensor {
  return plusBias('convTranspose2d', transposed2d(x, w, options), b, 2)
}
