// Convolution over three axes: the planes under each tap of depth become channels of a convolution over two.
import { tensor } from '../../create.ts'
import { ShapeError } from '../../errors.ts'
import { checkOptions } from '../../options.ts'
import { requireTensor } from '../../record.ts'
import { show } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { take } from '../indexing/indexing.ts'
import { pad } from '../indexing/slicing.ts'
import { conv2d, samePadding } from './conv.ts'
import { checkImages, inBatch, perAxis } from './sliding.ts'

/** One number for all axes, or [depth, vertical, horizontal]. */
export type Triple = number | readonly [number, number, number]

/** As `Conv2dOptions`, along three axes. */
export interface Conv3dOptions {
  stride?: Triple
  padding?: Triple | 'same' | 'valid'
  dilation?: Triple
  groups?: number
}

/**
 * The cross-correlation of volumes with kernels, x [N, C, D, H, W] or [C, D, H, W] ⋆ w [O, C/groups, KD, KH, KW]
 * → [N, O, OD, OH, OW], with the lengths of conv2d.
 * @throws ShapeError, RangeError
 */
export function conv3d(x: Tensor, w: Tensor, options: Conv3dOptions = {}): Tensor {
  requireTensor('conv3d', 'x', x)
  requireTensor('conv3d', 'w', w)
  checkOptions('conv3d', options, ['stride', 'padding', 'dilation', 'groups'])
  checkImages('conv3d', x, 5)
  if (w.ndim !== 5) throw new ShapeError(`conv3d: w ${show(w.shape)} is not [O, C/groups, KD, KH, KW]`)
  const three = (name: string, value: Triple, least: number): readonly number[] =>
    perAxis('conv3d', name, value, { count: 3, least })
  const [stride, ...flatStride] = three('stride', options.stride ?? 1, 1)
  const [dilation, ...flatDilation] = three('dilation', options.dilation ?? 1, 1)
  const { padding = 0, groups = 1 } = options
  const named = typeof padding === 'string'
  const [depth, ...flatPadding] = named ? [0] : three('padding', padding, 0)
  if (padding === 'same' && stride !== 1)
    throw new RangeError(`conv3d: padding 'same' is for stride 1, not ${stride}; give widths instead`)
  const [before, behind] = padding === 'same' ? samePadding(w.shape[2], dilation) : [depth, depth]
  const flat = {
    stride: flatStride as unknown as [number, number],
    padding: named ? padding : (flatPadding as unknown as [number, number]),
    dilation: flatDilation as unknown as [number, number],
    groups,
  }
  return inBatch(x, 5, (volumes) => {
    const [N, C, D, H, W] = volumes.shape
    const [O, I, KD, KH, KW] = w.shape
    const OD = Math.floor((D + before + behind - dilation * (KD - 1) - 1) / stride) + 1
    if (OD < 1) {
      throw new ShapeError(
        `conv3d: the kernel ${show([KD, KH, KW])} is larger than the padded image ${show([D, H, W])}`,
      )
    }
    const none = [0, 0] as const
    const padded = before + behind > 0 ? pad(volumes, [none, none, [before, behind], none, none]) : volumes
    const planes = Int32Array.from({ length: OD * KD }, (_, i) => Math.floor(i / KD) * stride + (i % KD) * dilation)
    const seen = take(padded, tensor(planes, { shape: [OD, KD] }), 2) // [N, C, OD, KD, H, W]
    const images = seen.permute([0, 2, 1, 3, 4, 5]).reshape([N * OD, C * KD, H, W])
    const y = conv2d(images, w.reshape([O, I * KD, KH, KW]), flat)
    const [, , OH, OW] = y.shape
    return y.reshape([N, OD, O, OH, OW]).permute([0, 2, 1, 3, 4])
  })
}
