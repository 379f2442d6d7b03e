// Convolution and max-pooling over two axes, in PyTorch's layouts.

import { family } from '../backend/convolutionKernels.ts'
import { run } from '../backend/launch.ts'
import { ShapeError } from '../errors.ts'
import { defineOp, type OpFunction } from '../record.ts'
import { type Shape, show } from '../shape.ts'
import { pointer, type Tensor } from '../tensor.ts'
import { dense } from './contiguous.ts'
import { floating } from './rules.ts'

/** Inputs are floating by now. */
const floatOf = (x: Tensor): 'float32' | 'float64' => x.dtype as 'float32' | 'float64'

/** One number for both axes, or [vertical, horizontal]. */
export type Pair = number | readonly [number, number]

export interface Conv2dOptions {
  /** Step of the window, ≥ 1. Default 1. */
  stride?: Pair
  /** Zeros around the image, ≥ 0. Default 0. */
  padding?: Pair
  /** Distance between the taps of the kernel, ≥ 1. Default 1. */
  dilation?: Pair
  /** Channels fall into this many groups that do not mix. Default 1. */
  groups?: number
}

/** Everything about a convolution but its numbers. */
export interface ConvGeometry {
  readonly x: Shape
  readonly w: Shape
  readonly y: Shape
  readonly numbers: readonly number[]
}

function pair(op: string, name: string, value: Pair, least: number): readonly [number, number] {
  const p = typeof value === 'number' ? ([value, value] as const) : value
  if (p.length !== 2 || p.some((n) => !Number.isInteger(n) || n < least)) {
    throw new RangeError(`${op}: ${name} ${JSON.stringify(value)} is not one or two whole numbers ≥ ${least}`)
  }
  return p
}

export function convGeometry(x: Tensor, w: Tensor, options: Conv2dOptions): ConvGeometry {
  if (x.ndim !== 4 || w.ndim !== 4) {
    throw new ShapeError(
      `conv2d: x ${show(x.shape)} is not [N, C, H, W] or w ${show(w.shape)} not [O, C/groups, KH, KW]`,
    )
  }
  const stride = pair('conv2d', 'stride', options.stride ?? 1, 1)
  const padding = pair('conv2d', 'padding', options.padding ?? 0, 0)
  const dilation = pair('conv2d', 'dilation', options.dilation ?? 1, 1)
  const groups = options.groups ?? 1
  const [N, C, H, W] = x.shape
  const [O, I, KH, KW] = w.shape
  if (!Number.isInteger(groups) || groups < 1 || C !== I * groups || O % groups !== 0) {
    throw new ShapeError(
      `conv2d: channels do not fit: x ${show(x.shape)}, w ${show(w.shape)}, groups ${groups} (${C} ≠ ${I} · ${groups})`,
    )
  }
  const length = (n: number, k: number, i: 0 | 1): number =>
    Math.floor((n + 2 * padding[i] - dilation[i] * (k - 1) - 1) / stride[i]) + 1
  const OH = length(H, KH, 0)
  const OW = length(W, KW, 1)
  if (OH < 1 || OW < 1)
    throw new ShapeError(`conv2d: the kernel ${show([KH, KW])} is larger than the padded image ${show([H, W])}`)
  const numbers = [N, C, H, W, O, KH, KW, OH, OW, ...stride, ...padding, ...dilation, groups]
  return { x: x.shape, w: w.shape, y: [N, O, OH, OW], numbers }
}

const stepsOf = ({ y, w }: ConvGeometry): number => y.reduce((a, b) => a * b, 1) * w[1] * w[2] * w[3]

const forward = family('conv2d', { scratch: true })
const toInput = family('conv2dInput', { scratch: true })
const toWeight = family('conv2dWeight', { scratch: true, coarse: true })

// The three products are linear in each argument, so each one's gradients are the other two.
const convOp: OpFunction<ConvGeometry> = defineOp<ConvGeometry>({
  name: 'conv2d',
  inputs: ['x', 'w'],
  cast: floating,
  shape: (_, g) => g.y,
  launch: ([x, w], y, g) => convInto(x, w, y, g),
  grad: { x: ({ w, dy }, g) => convInput([dy, w], g), w: ({ x, dy }, g) => convWeight([x, dy], g) },
})

/** y ← x ⋆ w. */
export function convInto(x: Tensor, w: Tensor, y: Tensor, g: ConvGeometry): void {
  const [a, b] = [dense(x), dense(w)]
  run(forward[floatOf(y)], g.x[0], stepsOf(g), pointer(a), pointer(b), pointer(y), ...g.numbers)
}

/** The gradient with respect to x: [dy, w] → dx. */
export const convInput: OpFunction<ConvGeometry> = defineOp<ConvGeometry>({
  name: 'conv2dInput',
  inputs: ['g', 'w'],
  cast: floating,
  shape: (_, g) => g.x,
  launch: ([dy, w], dx, g) => {
    const [a, b] = [dense(dy), dense(w)]
    run(toInput[floatOf(dx)], g.x[0], stepsOf(g), pointer(a), pointer(b), pointer(dx), ...g.numbers)
  },
  grad: { g: ({ w, dy }, p) => convOp([dy, w], p), w: ({ g, dy }, p) => convWeight([dy, g], p) },
})

/** The gradient with respect to w: [x, dy] → dw. */
export const convWeight: OpFunction<ConvGeometry> = defineOp<ConvGeometry>({
  name: 'conv2dWeight',
  inputs: ['x', 'g'],
  cast: floating,
  shape: (_, g) => g.w,
  launch: ([x, dy], dw, g) => {
    const [a, b] = [dense(x), dense(dy)]
    run(toWeight[floatOf(dw)], g.w[0], stepsOf(g), pointer(a), pointer(b), pointer(dw), ...g.numbers)
  },
  grad: { x: ({ g, dy }, p) => convInput([g, dy], p), g: ({ x, dy }, p) => convOp([x, dy], p) },
})

/**
 * The cross-correlation of images with kernels, x [N, C, H, W] ⋆ w [O, C/groups, KH, KW] → [N, O, OH, OW].
 * OH = ⌊(H + 2·padding − dilation·(KH − 1) − 1) / stride⌋ + 1, OW likewise.
 * @throws ShapeError, RangeError
 */
export function conv2d(x: Tensor, w: Tensor, options: Conv2dOptions = {}): Tensor {
  return convOp([x, w], convGeometry(x, w, options))
}

export interface Pool2dOptions {
  /** Step of the window, ≥ 1. Default: the size of the window. */
  stride?: Pair
  /** Implicit −∞ around the image, at most half the window. Default 0. */
  padding?: Pair
}

interface PoolGeometry {
  readonly x: Shape
  readonly y: Shape
  readonly numbers: readonly number[]
}

const pool = family('maxPool2d')
const poolGrad = family('maxPool2dGrad')
const poolPick = family('maxPool2dPick')
const plane = (s: Shape): number => s[2] * s[3]

const poolOp: OpFunction<PoolGeometry> = defineOp<PoolGeometry>({
  name: 'maxPool2d',
  inputs: ['x'],
  cast: floating,
  shape: (_, g) => g.y,
  extra: (_, g) => [{ name: 'index', dtype: 'int32', shape: g.y }],
  launch: ([x], y, g, [index]) => {
    run(pool[floatOf(y)], g.x[0] * g.x[1], x.size * 2, pointer(dense(x)), pointer(y), pointer(index), ...g.numbers)
  },
  grad: { x: ({ dy, index }, g) => unpoolOp([dy, index], g) },
})

const unpoolOp: OpFunction<PoolGeometry> = defineOp<PoolGeometry>({
  name: 'maxPool2dGrad',
  inputs: ['g', 'index'],
  shape: (_, g) => g.x,
  launch: ([dy, index], dx, g) => {
    run(
      poolGrad[floatOf(dx)],
      g.x[0] * g.x[1],
      dx.size,
      pointer(dense(dy)),
      pointer(index),
      pointer(dx),
      plane(g.x),
      plane(g.y),
    )
  },
  grad: { g: ({ dy, index }, p) => pickOp([dy, index], p) },
})

const pickOp: OpFunction<PoolGeometry> = defineOp<PoolGeometry>({
  name: 'maxPool2dPick',
  inputs: ['x', 'index'],
  shape: (_, g) => g.y,
  launch: ([x, index], y, g) => {
    run(
      poolPick[floatOf(y)],
      g.x[0] * g.x[1],
      y.size,
      pointer(dense(x)),
      pointer(index),
      pointer(y),
      plane(g.x),
      plane(g.y),
    )
  },
  grad: { x: ({ dy, index }, g) => unpoolOp([dy, index], g) },
})

/**
 * The largest value in each window, x [N, C, H, W] → [N, C, OH, OW]. A NaN in a window wins.
 * @param size height and width of the window
 * @throws ShapeError, RangeError
 */
export function maxPool2d(x: Tensor, size: Pair, options: Pool2dOptions = {}): Tensor {
  if (x.ndim !== 4) throw new ShapeError(`maxPool2d: x ${show(x.shape)} is not [N, C, H, W]`)
  const kernel = pair('maxPool2d', 'size', size, 1)
  const stride = pair('maxPool2d', 'stride', options.stride ?? kernel, 1)
  const padding = pair('maxPool2d', 'padding', options.padding ?? 0, 0)
  if (padding.some((p, i) => 2 * p > kernel[i])) {
    throw new RangeError(`maxPool2d: padding ${show(padding)} is more than half the window ${show(kernel)}`)
  }
  const [N, C, H, W] = x.shape
  const OH = Math.floor((H + 2 * padding[0] - kernel[0]) / stride[0]) + 1
  const OW = Math.floor((W + 2 * padding[1] - kernel[1]) / stride[1]) + 1
  if (OH < 1 || OW < 1)
    throw new ShapeError(`maxPool2d: the window ${show(kernel)} is larger than the padded image ${show([H, W])}`)
  return poolOp([x], { x: x.shape, y: [N, C, OH, OW], numbers: [H, W, OH, OW, ...kernel, ...stride, ...padding] })
}
