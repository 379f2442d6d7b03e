// Sorting, and what stands at some place of the sorted order: NaN above all numbers, equal elements in the order they stand.
import { run, threadCount } from '../../backend/launch.ts'
import { kernel } from '../../backend/sortingKernels.ts'
import { COMPUTING, type DType } from '../../dtype.ts'
import { ShapeError } from '../../errors.ts'
import { tidy } from '../../memory/scope.ts'
import { checkOptions, optionsOf, requireList } from '../../options.ts'
import { apply, defineOp, defineRecord, isHeard, temporary } from '../../record.ts'
import { type Shape, show } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { toInt32 } from '../elementwise/rules.ts'
import { around, gather, lengthAt } from '../indexing/indexing.ts'
import { argmax, argmin } from '../reductions/reduce.ts'
import type { ReduceOptions } from '../reductions/reducing.ts'
import { dense } from '../shape/contiguous.ts'
import { lineAxis, lineOf, squeeze } from '../shape/view.ts'

/** Elements and where they stand (int32) along the axis. */
export interface Picked {
  values: Tensor
  indices: Tensor
}

/** Which places of the sorted order. */
interface Places {
  readonly axis: number
  /** The first of them; see `MEDIAN`. */
  readonly from: number
  readonly count: number
  readonly descending: boolean
}

/** Places that depend on how many NaN there are; the kernel finds them. */
export const MEDIAN = -1
export const NANMEDIAN = -2

const sortKernel = kernel('sort', { scratch: true })
/** The dtypes of that kernel; it knows them by their place here. */
export const SORTABLE: readonly DType[] = [...COMPUTING, 'int64']
/** Rows up to this length are sorted in the kernel's own workspace. */
const SHORT = 65_000
const PAIRS_BYTES = 16

/** Runs the kernel on contiguous x as [outer, n, inner]; `values` and `indices` may be absent. */
export function order(
  x: Tensor,
  y: { values?: Tensor; indices?: Tensor },
  { n, inner }: { n: number; inner: number },
  { from, count, descending }: Omit<Places, 'axis'>,
): void {
  const rows = n === 0 ? 0 : x.size / n
  const at = (t?: Tensor): number => (t ? pointer(t) : 0)
  // Rows that need memory of their own go in groups that every thread has one of.
  const group = n > SHORT ? Math.min(rows, threadCount()) : rows
  const pairs = n > SHORT ? temporary([group * n * PAIRS_BYTES], 'uint8') : undefined
  for (let first = 0; first < rows; first += group) {
    const work = Math.min(group, rows - first)
    const places = [from, count, Number(descending), first] as const
    const type = SORTABLE.indexOf(x.dtype)
    run(sortKernel, work, work * n * 32, type, at(x), at(y.values), at(y.indices), n, inner, ...places, at(pairs))
  }
}

const placesShape = ([x]: readonly Tensor[], { axis, count }: Places): Shape =>
  x.shape.map((n, i) => (i === axis ? count : n))

const sortRecord = defineRecord<Places & { indices: boolean }>({
  name: 'sort',
  inputs: ['x'],
  native: SORTABLE,
  shape: placesShape,
  extra: ([x], { indices }) => (indices ? [{ name: 'index', dtype: 'int32', shape: x.shape }] : []),
  launch: ([x], values, p, [indices]) => order(dense(x), { values, indices }, around(x.shape, p.axis), p),
  // The order of the indices is the way back.
  grad: { x: ({ index, dy }, { axis }) => gather(dy, argsort(index, axis), axis) },
})

const argsortOp = defineOp<Places>({
  name: 'argsort',
  inputs: ['x'],
  native: SORTABLE,
  dtype: toInt32,
  shape: placesShape,
  launch: ([x], indices, p) => order(dense(x), { indices }, around(x.shape, p.axis), p),
  grad: null,
})

export interface SortOptions {
  /** The largest first. Default false. */
  descending?: boolean
  /** Whether equal elements must keep their order, which they always do. */
  stable?: boolean
}

/** x and its places in order. @throws ShapeError, RangeError */
function sorting(name: string, x: Tensor, axis: number | null, options?: SortOptions): [Tensor, Places] {
  const [of, a] = lineOf(name, x, axis)
  const { descending } = optionsOf(name, options, { descending: false, stable: true })
  return [of, { axis: a, from: 0, count: lengthAt(of.shape, a), descending }]
}

/**
 * The elements in ascending order along `axis`: NaN last (with `descending` first), equal ones as they stand.
 * Gradients go back to where the elements stood.
 * @param axis default −1; null sorts the flattened tensor
 * @example
 * import { sort, tensor } from '@x/tensor'
 * sort(tensor([3, 1, 2])).toArray() // [1, 2, 3]
 */
export function sort(x: Tensor, axis: number | null = -1, options?: SortOptions): Tensor {
  const [of, places] = sorting('sort', x, axis, options)
  return apply(sortRecord, [of], { ...places, indices: isHeard() }).y
}

/** The elements in order as `sort` gives them, and where each of them stood: torch.sort. */
export function sortWithIndices(x: Tensor, axis: number | null = -1, options?: SortOptions): Picked {
  const [of, places] = sorting('sortWithIndices', x, axis, options)
  const { y, extra } = apply(sortRecord, [of], { ...places, indices: true })
  return { values: y, indices: extra[0] }
}

/**
 * Where the elements stand that `sort` would put first, second …: int32.
 * @example
 * import { argsort, tensor } from '@x/tensor'
 * argsort(tensor([3, 1, 2])).toArray() // [1, 2, 0]
 */
export function argsort(x: Tensor, axis: number | null = -1, options?: SortOptions): Tensor {
  const [of, places] = sorting('argsort', x, axis, options)
  return argsortOp([of], places)
}

/** `sort` along the first axis. */
export const msort = (x: Tensor): Tensor => sort(x, 0)

/**
 * The order (int32) by several keys of one shape, the last of them first: rows that agree in it go by the one before.
 * @throws ShapeError without keys
 * @example
 * import { lexsort, tensor } from '@x/tensor'
 * lexsort([tensor([2, 1, 0]), tensor([5, 4, 4])]).toArray() // [2, 1, 0]
 */
export function lexsort(keys: readonly Tensor[], axis = -1): Tensor {
  requireList('lexsort', 'keys', keys)
  if (keys.length === 0) throw new ShapeError('lexsort: needs at least one key')
  return tidy(() => {
    let order = argsort(keys[0], axis)
    for (const key of keys.slice(1)) order = gather(order, argsort(gather(key, order, axis), axis), axis)
    return order
  })
}

/** The elements at positions that keep the axis, and the positions; without the axis unless `keepdims`. */
export function picked(x: Tensor, index: Tensor, axis: number, { keepdims = false }: ReduceOptions): Picked {
  const values = gather(x, index, axis)
  if (keepdims) return { values, indices: index }
  return { values: squeeze(values, axis), indices: squeeze(index, axis) }
}

/** Axis `axis` of x, which must not be empty. */
export function longAxis(name: string, x: Tensor, axis: number, options: object): number {
  checkOptions(name, options, ['keepdims'])
  const a = lineAxis(name, x, axis)
  if (x.shape[a] === 0) throw new ShapeError(`${name}: there is nothing along axis ${axis} of ${show(x.shape)}`)
  return a
}

export interface TopkOptions {
  /** The k largest; with false the k smallest. Default true. */
  largest?: boolean
  /** Whether they must come in order, which they always do. */
  sorted?: boolean
}

/**
 * The k largest elements along `axis` in descending order, and where they stand: torch.topk. NaN counts as the largest.
 * [..., n, ...] → [..., k, ...]
 * @throws RangeError unless 0 ≤ k ≤ n
 * @example
 * import { tensor, topk } from '@x/tensor'
 * const { values, indices } = topk(tensor([1, 4, 3]), 2) // [4, 3] and [1, 2]
 */
export function topk(x: Tensor, k: number, axis = -1, options?: TopkOptions): Picked {
  const { largest } = optionsOf('topk', options, { largest: true, sorted: true })
  const a = lineAxis('topk', x, axis)
  // Of a scalar, whose shape has no place for a count, it is one element.
  requirePlace('topk', k, x.ndim === 0 ? 1 : 0, x, a)
  return picked(x, argsortOp([x], { axis: a, from: 0, count: k, descending: largest }), a, KEEP)
}

const KEEP: ReduceOptions = { keepdims: true }

function requirePlace(name: string, k: number, least: number, { shape }: Tensor, axis: number): void {
  const n = lengthAt(shape, axis)
  if (!Number.isInteger(k) || k < least || k > n) {
    throw new RangeError(`${name}: k is ${k}, not a whole number from ${least} to the axis' length ${n}`)
  }
}

/**
 * The k-th smallest element along `axis` (k = 1: the smallest), and where it stands: torch.kthvalue.
 * @throws RangeError unless 1 ≤ k ≤ n
 */
export function kthvalue(x: Tensor, k: number, axis = -1, options: ReduceOptions = {}): Picked {
  const a = longAxis('kthvalue', x, axis, options)
  requirePlace('kthvalue', k, 1, x, a)
  return picked(x, argsortOp([x], { axis: a, from: k - 1, count: 1, descending: false }), a, options)
}

/** An element along an axis and where it stands. */
export type Picking = (x: Tensor, axis?: number, options?: ReduceOptions) => Picked

const picking =
  (name: string, find: (x: Tensor, axis: number) => Tensor): Picking =>
  (x, axis = -1, options = {}) => {
    const a = longAxis(name, x, axis, options)
    return picked(x, find(x, a), a, options)
  }
const medianAt = (name: string, from: number): Picking =>
  picking(name, (x, axis) => argsortOp([x], { axis, from, count: 1, descending: false }))

/** The largest element along `axis` and where it stands first: torch.max. The gradient goes there alone. */
export const maxWithIndices: Picking = picking('maxWithIndices', (x, axis) => argmax(x, axis, KEEP))
/** The smallest element along `axis` and where it stands first: torch.min. The gradient goes there alone. */
export const minWithIndices: Picking = picking('minWithIndices', (x, axis) => argmin(x, axis, KEEP))
/** The median along `axis`, the lower of two, and where it stands: torch.median. The first NaN if there is one. */
export const medianWithIndices: Picking = medianAt('medianWithIndices', MEDIAN)
/** The median of what is not NaN along `axis`, the lower of two, and where it stands: torch.nanmedian. */
export const nanmedianWithIndices: Picking = medianAt('nanmedianWithIndices', NANMEDIAN)
