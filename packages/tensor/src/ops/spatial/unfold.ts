// Patches as columns, and back: im2col and col2im.
import { family } from '../../backend/convolutionKernels.ts'
import { run } from '../../backend/launch.ts'
import { ShapeError } from '../../errors.ts'
import { checkOptions } from '../../options.ts'
import { defineOp, type OpFunction, requireTensor } from '../../record.ts'
import { type Shape, show } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { floating } from '../elementwise/rules.ts'
import { dense } from '../shape/contiguous.ts'
import { checkImages, floatOf, inBatch, type Pair, pair, type Windows, windowsOver } from './sliding.ts'

interface Patches extends Windows {
  /** [N, C, H, W] and [N, C·KH·KW, OH·OW]. */
  readonly images: Shape
  readonly columns: Shape
}

const toColumns = family('im2col')
const fromColumns = family('col2im')

const unfoldOp: OpFunction<Patches> = defineOp<Patches>({
  name: 'im2col',
  inputs: ['x'],
  cast: floating,
  shape: (_, p) => p.columns,
  launch: ([x], y, p) => {
    run(toColumns[floatOf(y)], p.images[0] * p.images[1], y.size, pointer(dense(x)), pointer(y), ...p.numbers)
  },
  grad: { x: ({ dy }, p) => foldOp([dy], p) },
})

const foldOp: OpFunction<Patches> = defineOp<Patches>({
  name: 'col2im',
  inputs: ['x'],
  cast: floating,
  shape: (_, p) => p.images,
  launch: ([x], y, p) => {
    run(fromColumns[floatOf(y)], p.images[0] * p.images[1], x.size, pointer(dense(x)), pointer(y), ...p.numbers)
  },
  grad: { x: ({ dy }, p) => unfoldOp([dy], p) },
})

export interface UnfoldOptions {
  /** Step of the window, ≥ 1. Default 1. */
  stride?: Pair
  /** Zeros around the image, ≥ 0. Default 0. */
  padding?: Pair
  /** Distance between the elements of a window, ≥ 1. Default 1. */
  dilation?: Pair
}

function patchesOf(op: string, [N, C, ...plane]: Shape, size: Pair, options: UnfoldOptions): Patches {
  checkOptions(op, options, ['stride', 'padding', 'dilation'])
  const windows = windowsOver(op, plane, {
    kernel: pair(op, 'size', size, 1),
    stride: pair(op, 'stride', options.stride ?? 1, 1),
    padding: pair(op, 'padding', options.padding ?? 0, 0),
    dilation: pair(op, 'dilation', options.dilation ?? 1, 1),
  })
  const [OH, OW] = windows.outputs
  const [KH, KW] = windows.numbers.slice(4, 6)
  return { ...windows, images: [N, C, ...plane], columns: [N, C * KH * KW, OH * OW] }
}

/**
 * The patches under a sliding window as columns (im2col), x [N, C, H, W] or [C, H, W] → [N, C·KH·KW, OH·OW].
 * A convolution is a product of the kernels [O, C·KH·KW] with them.
 * @param size height and width of the window
 * @throws ShapeError, RangeError
 */
export function unfold(x: Tensor, size: Pair, options: UnfoldOptions = {}): Tensor {
  requireTensor('unfold', 'x', x)
  checkImages('unfold', x, 4)
  return inBatch(x, 4, (images) => unfoldOp([images], patchesOf('unfold', images.shape, size, options)))
}

/**
 * Adds columns to the pixels that unfold would take them from (col2im): x [N, C·KH·KW, L] or [C·KH·KW, L] → [N, C, H, W].
 * @param outputSize height and width of the result
 * @param size height and width of the window
 * @throws ShapeError, RangeError
 */
export function fold(x: Tensor, outputSize: Pair, size: Pair, options: UnfoldOptions = {}): Tensor {
  requireTensor('fold', 'x', x)
  const [KH, KW] = pair('fold', 'size', size, 1)
  const plane = pair('fold', 'outputSize', outputSize, 1)
  return inBatch(x, 3, (columns) => {
    const p = patchesOf('fold', [columns.shape[0], columns.shape[1] / (KH * KW), ...plane], size, options)
    if (columns.ndim !== 3 || !Number.isInteger(p.images[1]) || columns.shape[2] !== p.columns[2]) {
      throw new ShapeError(`fold: x ${show(x.shape)} is not [N, C·${KH}·${KW}, ${p.columns[2]}] for ${show(plane)}`)
    }
    return foldOp([columns], p)
  })
}
