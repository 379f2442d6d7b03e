// Views with axes moved, turned around, added or taken apart.
import { checkAxes, checkAxis } from '../../axes.ts'
import { tensor } from '../../create.ts'
import { ShapeError } from '../../errors.ts'
import { requireList, requireWhole } from '../../options.ts'
import { defineOp, requireTensor } from '../../record.ts'
import { broadcastShapes as broadcast, checkShape, normalizeAxes, type Shape, show, sizeOf } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { addBack, inPlaceOf } from '../indexing/indexing.ts'
import { basic, slice, windowed } from '../indexing/window.ts'
import { expand, permute, reshape, transpose, unsqueeze } from './view.ts'

/**
 * A view with the order of elements reversed along axes.
 * @param axis one, several, or all by default
 * @example
 * import { flip, tensor } from '@x/tensor'
 * flip(tensor([[1, 2], [3, 4]]), 1).toArray() // [[2, 1], [4, 3]]
 */
export function flip(x: Tensor, axis?: number | readonly number[] | null): Tensor {
  return flipped('flip', x, axis)
}

function flipped(op: string, x: Tensor, axis?: number | readonly number[] | null): Tensor {
  const axes = checkAxes(op, axis, x)
  return windowed(x, basic(x.shape.map((_, i) => (axes.includes(i) ? slice(null, null, -1) : slice()))))
}

/** A view with left and right exchanged: `flip` along the second axis. @throws ShapeError for less than two axes */
export const fliplr = (x: Tensor): Tensor => flipped('fliplr', x, 1)

/** A view with top and bottom exchanged: `flip` along the first axis. @throws ShapeError for a scalar */
export const flipud = (x: Tensor): Tensor => flipped('flipud', x, 0)

/**
 * A view turned by k · 90° in the plane of two axes, from the first towards the second.
 * @throws ShapeError unless the axes are two different ones, RangeError unless k is whole
 * @example
 * import { rot90, tensor } from '@x/tensor'
 * rot90(tensor([[1, 2], [3, 4]])).toArray() // [[2, 4], [1, 3]]
 */
export function rot90(x: Tensor, k = 1, axes: readonly [number, number] = [0, 1]): Tensor {
  requireWhole('rot90', 'k', k)
  requireList('rot90', 'axes', axes)
  if (checkAxes('rot90', axes, x).length !== 2) throw new ShapeError(`rot90: ${show(axes)} are not two axes`)
  const [a, b] = axes
  const quarters = k & 3
  if (quarters === 0) return x
  return flip(quarters === 2 ? x : transpose(x, a, b), [[a], [a, b], [b]][quarters - 1])
}

/**
 * A view with axes moved to other places; the others keep their order.
 * @param source one axis, or several
 * @param destination where each of them goes
 * @throws ShapeError unless each axis is given once, and as many places
 */
export function movedim(
  x: Tensor,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor {
  const [from, to] = [source, destination].map((axes) => {
    const list = typeof axes === 'number' ? [axes] : axes
    requireList('movedim', 'axes', list)
    checkAxes('movedim', list, x)
    return list.map((a) => checkAxis('movedim', a, x))
  })
  if (from.length !== to.length) throw new ShapeError(`movedim: ${from.length} axes go to ${to.length} places`)
  const others = [...x.shape.keys()].filter((a) => !from.includes(a))
  return permute(x, inserted(others, to, from))
}

/** A list with `values` inserted where the result has these places. */
export function inserted(list: readonly number[], places: readonly number[], values: readonly number[]): number[] {
  const rest = [...list]
  return Array.from({ length: list.length + places.length }, (_, i) =>
    places.includes(i) ? values[places.indexOf(i)] : (rest.shift() as number),
  )
}

/** NumPy's name of `movedim`. */
export const moveaxis: typeof movedim = movedim

/** A view with two axes exchanged. @throws ShapeError for an axis that is not there */
export const swapaxes = (x: Tensor, a: number, b: number): Tensor => transpose(x, a, b)

/** The Array API's name of `permute`. */
export const permuteDims: typeof permute = permute

/** The Array API's name of `x.mT`: a view with the last two axes exchanged. */
export const matrixTranspose = (x: Tensor): Tensor => transpose(x)

/**
 * A view with axes of length 1 inserted where the result has them: `unsqueeze` for several axes at once.
 * @throws ShapeError for an axis that is not there in the result, or twice
 */
export function expandDims(x: Tensor, axis: number | readonly number[] = 0): Tensor {
  const list = Array.isArray(axis) ? axis : [axis]
  requireTensor('expandDims', 'x', x)
  const axes = normalizeAxes('expandDims', list, x.ndim + list.length)
  return reshape(
    x,
    inserted(
      x.shape,
      axes,
      axes.map(() => 1),
    ),
  )
}

/** The shape that arrays of these shapes broadcast to, by NumPy's rules. @throws ShapeError when they do not */
export function broadcastShapes(...shapes: readonly Shape[]): Shape {
  return shapes.reduce((a, b) => broadcast('broadcastShapes', a, checkShape('broadcastShapes', b)), [])
}

/** A view repeated to `shape` by NumPy's rules of broadcasting. @throws ShapeError when it does not broadcast to that */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  requireList('broadcastTo', 'shape', shape)
  if (shape.some((n) => n < 0)) throw new ShapeError(`broadcastTo: ${show(shape)} has a negative length`)
  return expand(x, shape)
}

/** Views of all tensors repeated to the shape they broadcast to. @throws ShapeError when they do not */
export function broadcastTensors(...xs: readonly Tensor[]): Tensor[] {
  for (const [i, x] of xs.entries()) requireTensor('broadcastTensors', `x${i}`, x)
  const shape = xs.reduce<Shape>((s, x) => broadcast('broadcastTensors', s, x.shape), [])
  return xs.map((x) => expand(x, shape))
}

/** NumPy's name of `broadcastTensors`. */
export const broadcastArrays: typeof broadcastTensors = broadcastTensors

/** `x`, of a scalar a view [1]. */
export const atleast1d = (x: Tensor): Tensor => (!x?.ndim ? reshape(x, [1]) : x)

/** `x` with at least two axes: [n] becomes [1, n]. */
export const atleast2d = (x: Tensor): Tensor => (x?.ndim >= 2 ? x : unsqueeze(atleast1d(x), 0))

/** `x` with at least three axes: [n] becomes [1, n, 1], and [m, n] becomes [m, n, 1]. */
export const atleast3d = (x: Tensor): Tensor => (x?.ndim >= 3 ? x : unsqueeze(atleast2d(x), -1))

/**
 * One axis taken apart into several; one length may be −1. What `flatten` undoes.
 * @throws ShapeError when they do not multiply to the length of the axis
 */
export function unflatten(x: Tensor, axis: number, sizes: Shape): Tensor {
  const a = checkAxis('unflatten', axis, x)
  requireList('unflatten', 'sizes', sizes)
  const n = x.shape[a]
  const rest = sizeOf(sizes.filter((d) => d !== -1))
  const own = sizes.map((d) => (d === -1 ? n / rest : d))
  if (sizeOf(own) !== n || !own.every((d) => Number.isInteger(d) && d >= 0)) {
    throw new ShapeError(`unflatten: ${show(sizes)} does not multiply to ${n}, the length of axis ${a}`)
  }
  return reshape(x, inPlaceOf(x.shape, a, own))
}

interface Frames {
  readonly axis: number
  readonly size: number
  readonly step: number
  readonly count: number
}

const framesOf = (shape: Shape, { axis, size, count }: Frames): Shape => [
  ...shape.map((n, i) => (i === axis ? count : n)),
  size,
]

const unfoldOp = defineOp<Frames>({
  name: 'unfold',
  inputs: ['x'],
  shape: ([x], p) => framesOf(x.shape, p),
  view: ([x], p) => {
    const { strides } = x
    const steps = strides.map((s, i) => (i === p.axis ? s * p.step : s))
    return { shape: framesOf(x.shape, p), strides: [...steps, strides[p.axis]], offset: x.offset }
  },
  // Frames may overlap: every element gets the sum of what all of them say.
  grad: {
    x: ({ x, dy }, { axis, size, step, count }) => {
      const places = Int32Array.from({ length: count * size }, (_, i) => Math.floor(i / size) * step + (i % size))
      return addBack(movedim(dy, -1, axis + 1), tensor(places, { shape: [count, size] }), x.shape, axis)
    },
  },
})

/**
 * A view of frames of `size` neighbours along `axis`, each `step` behind the one before, in a new last axis; the axis
 * then counts frames. Frames overlap where step < size. The arguments stand as in torch.Tensor.unfold.
 * @throws RangeError unless 0 ≤ size ≤ the length of the axis, and step is a whole number ≥ 1
 * @example
 * import { arange, unfold } from '@x/tensor'
 * unfold(arange(5), 0, 3).toArray() // [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
 */
export function unfold(x: Tensor, axis: number, size: number, step = 1): Tensor {
  const a = checkAxis('unfold', axis, x)
  const n = x.shape[a]
  requireWhole('unfold', 'size', size, 0)
  requireWhole('unfold', 'step', step, 1)
  if (size > n)
    throw new RangeError(`unfold: frames of ${size} in steps of ${step} do not fit axis ${a} of ${show(x.shape)}`)
  return unfoldOp([x], { axis: a, size, step, count: Math.floor((n - size) / step) + 1 })
}
