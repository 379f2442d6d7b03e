// Convolution over one, two and three axes, and its transpose, in PyTorch's layouts. All of it is conv2d and its gradients.
import { family } from '../../backend/convolutionKernels.ts'
import { run } from '../../backend/launch.ts'
import { ShapeError } from '../../errors.ts'
import { checkOptions } from '../../options.ts'
import { defineOp, type OpFunction, requireTensor } from '../../record.ts'
import { type Shape, show, sizeOf } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { floating } from '../elementwise/rules.ts'
import { dense } from '../shape/contiguous.ts'
import { checkImages, floatOf, inBatch, type Pair, pair } from './sliding.ts'
import { byWinograd, winogradInto } from './winograd.ts'

/** Everything about a convolution but its numbers. */
export interface ConvGeometry {
  readonly x: Shape
  readonly w: Shape
  readonly y: Shape
  readonly numbers: readonly number[]
}

const stepsOf = ({ y, w }: ConvGeometry): number => y.reduce((a, b) => a * b, 1) * w[1] * w[2] * w[3]

const forward = family('conv2d', { scratch: true })
const toInput = family('conv2dInput', { scratch: true })
const toWeight = family('conv2dWeight', { scratch: true, coarse: true })

// The three products are linear in each argument, so each one's gradients are the other two.
/** Each number of y is a product with as many weights as one output channel has. */
export const convMultiplies = (_: readonly Tensor[], __: Tensor, g: ConvGeometry): number =>
  sizeOf(g.y) * sizeOf(g.w.slice(1))

const convOp: OpFunction<ConvGeometry> = defineOp<ConvGeometry>({
  name: 'conv2d',
  inputs: ['x', 'w'],
  cast: floating,
  shape: (_, g) => g.y,
  multiplies: convMultiplies,
  launch: ([x, w], y, g) => convInto(x, w, y, g),
  grad: { x: ({ w, dy }, g) => convInput([dy, w], g), w: ({ x, dy }, g) => convWeight([x, dy], g) },
})

/** y ← x ⋆ w. */
export function convInto(x: Tensor, w: Tensor, y: Tensor, g: ConvGeometry): void {
  const [a, b] = [dense(x), dense(w)]
  if (byWinograd(x, g.y, g.numbers)) {
    const [padH, padW] = g.numbers.slice(11)
    winogradInto(a, b, y, { padH, padW, rowStep: 9 * g.x[1], depthStep: 9, flip: false })
  } else run(forward[floatOf(y)], g.x[0], stepsOf(g), pointer(a), pointer(b), pointer(y), ...g.numbers)
}

/** The gradient with respect to x: [dy, w] → dx. */
export const convInput: OpFunction<ConvGeometry> = defineOp<ConvGeometry>({
  name: 'conv2dInput',
  inputs: ['g', 'w'],
  cast: floating,
  shape: (_, g) => g.x,
  launch: ([dy, w], dx, g) => {
    const [a, b] = [dense(dy), dense(w)]
    if (byWinograd(dy, g.x, g.numbers)) {
      // A pixel sees the outputs that saw it, through the kernel turned by 180°.
      const [padH, padW] = g.numbers.slice(11)
      winogradInto(a, b, dx, { padH: 2 - padH, padW: 2 - padW, rowStep: 9, depthStep: 9 * g.x[1], flip: true })
    } else run(toInput[floatOf(dx)], g.x[0], stepsOf(g), pointer(a), pointer(b), pointer(dx), ...g.numbers)
  },
  grad: { g: ({ w, dy }, p) => convOp([dy, w], p), w: ({ g, dy }, p) => convWeight([dy, g], p) },
})

/** The gradient with respect to w: [x, dy] → dw. */
export const convWeight: OpFunction<ConvGeometry> = defineOp<ConvGeometry>({
  name: 'conv2dWeight',
  inputs: ['x', 'g'],
  cast: floating,
  shape: (_, g) => g.w,
  multiplies: convMultiplies,
  launch: ([x, dy], dw, g) => {
    const [a, b] = [dense(x), dense(dy)]
    run(toWeight[floatOf(dw)], g.w[0], stepsOf(g), pointer(a), pointer(b), pointer(dw), ...g.numbers)
  },
  grad: { x: ({ g, dy }, p) => convInput([g, dy], p), g: ({ x, dy }, p) => convOp([x, dy], p) },
})

export interface Conv2dOptions {
  /** Step of the kernel, ≥ 1. Default 1. */
  stride?: Pair
  /** Zeros around the image, ≥ 0; 'valid' is 0, 'same' keeps the size, for stride 1 alone. Default 0. */
  padding?: Pair | 'same' | 'valid'
  /** Distance between the taps of the kernel, ≥ 1. Default 1. */
  dilation?: Pair
  /** Channels fall into this many groups that do not mix. Default 1. */
  groups?: number
}

/** As `Conv2dOptions`, along one axis. */
export interface Conv1dOptions {
  stride?: number
  padding?: number | 'same' | 'valid'
  dilation?: number
  groups?: number
}

const OPTIONS = ['stride', 'padding', 'dilation', 'groups']

/** Zeros before and behind an axis so that stride 1 keeps its length; the odd one goes behind, as in PyTorch. */
export const samePadding = (kernel: number, dilation: number): readonly [number, number] => {
  const total = dilation * (kernel - 1)
  return [Math.floor(total / 2), Math.ceil(total / 2)]
}

/**
 * The geometry of x [N, C, H, W] ⋆ w [O, C/groups, KH, KW].
 * @param op named in errors
 * @throws ShapeError, RangeError
 */
export function convGeometry(x: Tensor, w: Tensor, options: Conv2dOptions, op = 'conv2d'): ConvGeometry {
  checkOptions(op, options, OPTIONS)
  requireTensor(op, 'w', w)
  if (x.ndim !== 4 || w.ndim !== 4 || w.size === 0 || x.shape[1] * x.shape[2] * x.shape[3] === 0) {
    throw new ShapeError(
      `${op}: x ${show(x.shape)} is not [N, C, ..] or w ${show(w.shape)} not [O, C/groups, ..], with nothing empty but N`,
    )
  }
  const stride = pair(op, 'stride', options.stride ?? 1, 1)
  const dilation = pair(op, 'dilation', options.dilation ?? 1, 1)
  const groups = options.groups ?? 1
  const [N, C, H, W] = x.shape
  const [O, I, KH, KW] = w.shape
  if (!Number.isInteger(groups) || groups < 1 || C !== I * groups || O % groups !== 0) {
    throw new ShapeError(
      `${op}: channels do not fit: x ${show(x.shape)}, w ${show(w.shape)}, groups ${groups} (${C} ≠ ${I} · ${groups})`,
    )
  }
  const [top, bottom, left, right] = paddingOf(op, options.padding ?? 0, { kernel: [KH, KW], stride, dilation })
  const OH = Math.floor((H + top + bottom - dilation[0] * (KH - 1) - 1) / stride[0]) + 1
  const OW = Math.floor((W + left + right - dilation[1] * (KW - 1) - 1) / stride[1]) + 1
  if (OH < 1 || OW < 1)
    throw new ShapeError(`${op}: the kernel ${show([KH, KW])} is larger than the padded image ${show([H, W])}`)
  const steps = [stride[0], stride[1], top, left, dilation[0], dilation[1], groups] as const
  const numbers = [N, C, H, W, O, KH, KW, OH, OW, ...steps]
  return { x: x.shape, w: w.shape, y: [N, O, OH, OW], numbers }
}

/** Rows of zeros above and below, columns to the left and right. */
function paddingOf(
  op: string,
  padding: Pair | 'same' | 'valid',
  { kernel, stride, dilation }: Readonly<Record<'kernel' | 'stride' | 'dilation', readonly [number, number]>>,
): readonly [number, number, number, number] {
  if (padding === 'same') {
    if (stride[0] * stride[1] !== 1)
      throw new RangeError(`${op}: padding 'same' is for stride 1, not ${show(stride)}; give widths instead`)
    return [...samePadding(kernel[0], dilation[0]), ...samePadding(kernel[1], dilation[1])]
  }
  if (typeof padding === 'string' && padding !== 'valid')
    throw new RangeError(`${op}: padding '${padding}' is not 'same', 'valid' or widths`)
  const [rows, columns] = pair(op, 'padding', padding === 'valid' ? 0 : padding, 0)
  return [rows, rows, columns, columns]
}

/**
 * The cross-correlation of images with kernels, x [N, C, H, W] or [C, H, W] ⋆ w [O, C/groups, KH, KW] → [N, O, OH, OW].
 * OH = ⌊(H + 2·padding − dilation·(KH − 1) − 1) / stride⌋ + 1, OW likewise. float32 and float64; others are cast.
 *
 * In float32, kernels of 3x3 with stride 1 and 16 channels or more go by Winograd's method: the largest rounding error is
 * about 1.5 times that of plain sums, and a pixel that is not finite makes up to 6x6 outputs around it NaN.
 * @throws ShapeError, RangeError
 * @example
 * import { ones } from '@x/tensor'
 * import { conv2d } from '@x/tensor/conv'
 * conv2d(ones([1, 3, 28, 28]), ones([8, 3, 3, 3]), { padding: 'same' }).shape // [1, 8, 28, 28]
 */
export function conv2d(x: Tensor, w: Tensor, options: Conv2dOptions = {}): Tensor {
  requireTensor('conv2d', 'x', x)
  if (x.ndim === 3) return conv2d(x.unsqueeze(0), w, options).squeeze(0)
  return convOp([x, w], convGeometry(x, w, options))
}

/** Options along one axis for planes of height 1. */
function inOneRow({ stride = 1, padding = 0, dilation = 1, ...rest }: Conv1dOptions): Conv2dOptions {
  const flat = typeof padding === 'string' ? padding : ([0, padding] as const)
  return { ...rest, stride: [1, stride], padding: flat, dilation: [1, dilation] }
}

/**
 * The cross-correlation of sequences with kernels, x [N, C, L] or [C, L] ⋆ w [O, C/groups, K] → [N, O, OL].
 * OL = ⌊(L + 2·padding − dilation·(K − 1) − 1) / stride⌋ + 1.
 * @throws ShapeError, RangeError
 */
export function conv1d(x: Tensor, w: Tensor, options: Conv1dOptions = {}): Tensor {
  checkSequences('conv1d', x, w, options)
  return inBatch(x, 3, (rows) => {
    const [images, kernels] = [rows.unsqueeze(2), w.unsqueeze(2)]
    return convOp([images, kernels], convGeometry(images, kernels, inOneRow(options), 'conv1d')).squeeze(2)
  })
}

/** @throws ShapeError, RangeError */
function checkSequences(op: string, x: Tensor, w: Tensor, options: object, names: readonly string[] = OPTIONS): void {
  requireTensor(op, 'x', x)
  requireTensor(op, 'w', w)
  checkOptions(op, options, names)
  checkImages(op, x, 3)
  if (w.ndim !== 3) throw new ShapeError(`${op}: w ${show(w.shape)} does not have three axes`)
}

export interface ConvTranspose2dOptions {
  /** Step of the kernel over the result, ≥ 1. Default 1. */
  stride?: Pair
  /** Rows and columns cut off around the result, ≥ 0. Default 0. */
  padding?: Pair
  /** Rows and columns added behind the result, below stride or dilation. Default 0. */
  outputPadding?: Pair
  /** Distance between the taps of the kernel, ≥ 1. Default 1. */
  dilation?: Pair
  /** Channels fall into this many groups that do not mix. Default 1. */
  groups?: number
}

/** As `ConvTranspose2dOptions`, along one axis. */
export interface ConvTranspose1dOptions {
  stride?: number
  padding?: number
  outputPadding?: number
  dilation?: number
  groups?: number
}

const TRANSPOSE_OPTIONS = [...OPTIONS, 'outputPadding']

/** The geometry of the convolution whose gradient the transposed convolution is: it leads from the result to x. */
function transposeGeometry(op: string, x: Tensor, w: Tensor, options: ConvTranspose2dOptions): ConvGeometry {
  const stride = pair(op, 'stride', options.stride ?? 1, 1)
  const padding = pair(op, 'padding', options.padding ?? 0, 0)
  const dilation = pair(op, 'dilation', options.dilation ?? 1, 1)
  const more = pair(op, 'outputPadding', options.outputPadding ?? 0, 0)
  const groups = options.groups ?? 1
  const [N, C, H, W] = x.shape
  const [I, O, KH, KW] = w.shape
  if (!Number.isInteger(groups) || groups < 1 || C !== I || C % groups !== 0 || w.shape.includes(0)) {
    throw new ShapeError(
      `${op}: channels do not fit: x ${show(x.shape)}, w ${show(w.shape)} ([C, O/groups, ..]), groups ${groups}`,
    )
  }
  const tooMuch = more.findIndex((n, i) => n >= Math.max(stride[i], dilation[i]))
  if (tooMuch >= 0)
    throw new RangeError(
      `${op}: outputPadding ${more[tooMuch]} is not below stride ${stride[tooMuch]} or dilation ${dilation[tooMuch]}`,
    )
  const [OH, OW] = [
    [H, KH],
    [W, KW],
  ].map(([n, k], i) => (n - 1) * stride[i] - 2 * padding[i] + dilation[i] * (k - 1) + more[i] + 1)
  if (OH < 1 || OW < 1)
    throw new ShapeError(`${op}: padding ${show(padding)} leaves nothing of x ${show(x.shape)}, w ${show(w.shape)}`)
  const numbers = [N, O * groups, OH, OW, C, KH, KW, H, W, ...stride, ...padding, ...dilation, groups]
  return { x: [N, O * groups, OH, OW], w: w.shape, y: x.shape, numbers }
}

/**
 * The transposed convolution: what the gradient of conv2d with respect to its input computes.
 * x [N, C, H, W] or [C, H, W], w [C, O/groups, KH, KW] → [N, O, OH, OW].
 * OH = (H − 1)·stride − 2·padding + dilation·(KH − 1) + outputPadding + 1, OW likewise.
 * @throws ShapeError, RangeError
 */
export function convTranspose2d(x: Tensor, w: Tensor, options: ConvTranspose2dOptions = {}): Tensor {
  requireTensor('convTranspose2d', 'x', x)
  requireTensor('convTranspose2d', 'w', w)
  checkOptions('convTranspose2d', options, TRANSPOSE_OPTIONS)
  checkImages('convTranspose2d', x, 4)
  if (w.ndim !== 4) throw new ShapeError(`convTranspose2d: w ${show(w.shape)} is not [C, O/groups, KH, KW]`)
  return inBatch(x, 4, (images) => convInput([images, w], transposeGeometry('convTranspose2d', images, w, options)))
}

/**
 * The transposed convolution of sequences, x [N, C, L] or [C, L], w [C, O/groups, K] → [N, O, OL].
 * OL = (L − 1)·stride − 2·padding + dilation·(K − 1) + outputPadding + 1.
 * @throws ShapeError, RangeError
 */
export function convTranspose1d(x: Tensor, w: Tensor, options: ConvTranspose1dOptions = {}): Tensor {
  checkSequences('convTranspose1d', x, w, options, TRANSPOSE_OPTIONS)
  const { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups } = options
  const flat: ConvTranspose2dOptions = {
    ...{ stride: [1, stride], padding: [0, padding], outputPadding: [0, outputPadding], dilation: [1, dilation] },
    groups,
  }
  return inBatch(x, 3, (rows) => {
    const [images, kernels] = [rows.unsqueeze(2), w.unsqueeze(2)]
    return convInput([images, kernels], transposeGeometry('convTranspose1d', images, kernels, flat)).squeeze(2)
  })
}
