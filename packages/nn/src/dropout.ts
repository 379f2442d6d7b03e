// Dropout as an op: a random mask from the generator's stream, saved for the gradient.
import { defaultGenerator, type Generator, ones, type Shape, ShapeError, type Tensor } from '@x/tensor'
import { checkOptions, defineOp, dense, floating, floatingFor, type OpFunction, pointer, run, show } from '@x/tensor/op'
import { family } from './kernels.ts'
import { inRange } from './options.ts'

const forward = family('dropout')
const scaleKernels = family('maskScale')

const maskScale: OpFunction<number> = defineOp<number>({
  name: 'maskScale',
  inputs: ['x', 'mask'],
  shape: ([x]) => x.shape,
  launch: ([x, mask], y, scale) => {
    run(scaleKernels[y.dtype], y.size, y.size, pointer(dense(x)), pointer(mask), pointer(y), scale)
  },
  grad: { x: ({ dy, mask }, scale) => maskScale([dy, mask], scale) },
})

interface Chance {
  readonly p: number
  readonly generator: Generator
}

const dropoutOp: OpFunction<Chance> = defineOp<Chance>({
  name: 'dropout',
  inputs: ['x'],
  cast: floating,
  shape: ([x]) => x.shape,
  extra: ([x]) => [{ name: 'mask', dtype: 'bool', shape: x.shape }],
  launch: ([x], y, { p, generator }, [mask]) => {
    const { size } = y
    run(forward[y.dtype], size, size * 12, pointer(generator.state), pointer(dense(x)), pointer(y), pointer(mask), p)
    generator.advance(size)
  },
  grad: { x: ({ dy, mask }, { p }) => maskScale([dy, mask], p === 1 ? 0 : 1 / (1 - p)) },
})

/** Options of `dropout`. */
export interface DropoutOptions {
  /** Where the random numbers come from. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/**
 * Sets each element to 0 with probability p and scales the others by 1/(1 − p), so that the expectation stays.
 * Source: Srivastava et al. 2014, JMLR 15.
 * @param p 0 to 1
 * @throws RangeError
 * @example
 * import { ones, tensor } from '@x/tensor'
 * import { dropout } from '@x/nn'
 * dropout(tensor([1, 2]), 0).toArray() // [1, 2]
 * dropout(ones([1000]), 0.5).mean().item() // about 1
 */
export function dropout(x: Tensor, p = 0.5, options: DropoutOptions = {}): Tensor {
  return dropped('dropout', x, p, options)
}

function dropped(op: string, x: Tensor, p: number, options: DropoutOptions): Tensor {
  checkOptions(op, options, ['generator'])
  inRange(`${op}: p`, p, 0, 1)
  return p === 0 ? x : dropoutOp([x], { p, generator: options.generator ?? defaultGenerator() })
}

/** The shape of one number for each channel of x: [N, C, 1, …], or of one example [C, 1, …]. */
function channels(op: string, x: Tensor, places: number): Shape {
  if (x.ndim !== places + 1 && x.ndim !== places + 2)
    throw new ShapeError(`${op}: x ${show(x.shape)} has not ${places + 1} or ${places + 2} axes`)
  return x.shape.map((n, i) => (i < x.ndim - places ? n : 1))
}

const wholeChannels =
  (name: string, places: number) =>
  (x: Tensor, p = 0.5, options: DropoutOptions = {}): Tensor =>
    x.mul(dropped(name, ones(channels(name, x, places), { dtype: floatingFor(x.dtype) }), p, options))

/** A dropout function. */
export type Dropping = (x: Tensor, p?: number, options?: DropoutOptions) => Tensor

/** Dropout of whole channels of x [N, C, L] or [C, L]: see `dropout`. @throws RangeError, ShapeError */
export const dropout1d: Dropping = wholeChannels('dropout1d', 1)
/** Dropout of whole channels of images [N, C, H, W] or [C, H, W]: see `dropout`. @throws RangeError, ShapeError */
export const dropout2d: Dropping = wholeChannels('dropout2d', 2)
/** Dropout of whole channels of volumes [N, C, D, H, W] or [C, D, H, W]: see `dropout`. @throws RangeError, ShapeError */
export const dropout3d: Dropping = wholeChannels('dropout3d', 3)

/** −λα of SELU: what a dropped number becomes. */
const SATURATED = -1.7580993408473766

/** Dropout where dropped numbers are SELU's lowest, scaled so that mean 0 and variance 1 stay. */
function saturate(op: string, x: Tensor, shape: Shape, p: number, options: DropoutOptions): Tensor {
  const gone = dropped(op, ones(shape, { dtype: floatingFor(x.dtype) }), p, options).eq(0)
  if (p === 0 || p === 1) return x.mul(1 - p)
  const scale = 1 / Math.sqrt((1 - p) * (1 + p * SATURATED ** 2))
  return gone
    .where(SATURATED, x)
    .mul(scale)
    .sub(scale * SATURATED * p)
}

/**
 * Dropout for networks of SELUs: a dropped number becomes the lowest value of SELU, and all are scaled and shifted so
 * that mean 0 and variance 1 stay.
 * Source: Klambauer et al. 2017, arXiv:1706.02515.
 * @throws RangeError
 */
export const alphaDropout: Dropping = (x, p = 0.5, options = {}) => saturate('alphaDropout', x, x.shape, p, options)

/** `alphaDropout` of whole channels, x [N, C, ...]. @throws RangeError, ShapeError */
export const featureAlphaDropout: Dropping = (x, p = 0.5, options = {}) =>
  saturate('featureAlphaDropout', x, channels('featureAlphaDropout', x, x.ndim - 2), p, options)
