// Assignment by index: as a function that returns a new tensor, and in place.
import { ShapeError } from '../../errors.ts'
import { tick } from '../../memory/blocks.ts'
import { tidy } from '../../memory/scope.ts'
import { optionsOf } from '../../options.ts'
import { announce, isHeard, type OpRecord, requireTensor, type TensorLike, unheard } from '../../record.ts'
import { type Shape, show } from '../../shape.ts'
import { Tensor } from '../../tensor.ts'
import { add, where } from '../elementwise/binary.ts'
import { apart, assign, overwrite } from '../shape/contiguous.ts'
import { expand, permute, reshape } from '../shape/view.ts'
import { inPlaceOf } from './indexing.ts'
import { placeInto, placeSlices, placesInto, valuesFor } from './placing.ts'
import { type Index, isBasic, mergedPart, type Selection, select } from './slicing.ts'
import { type BasicIndex, basic, putOp, Slice, windowed } from './window.ts'

export interface PutOptions {
  /** Whether values are added to what is there, as often as an element is selected. Default false. */
  accumulate?: boolean
}

/** One index as `x.at` takes it, or a list of them, one for each axis: `[0, slice(2)]`, and `[[0, 2]]` for an array. */
export type Indices = Index | readonly Index[]

const listOf = (index: Indices): readonly Index[] => (Array.isArray(index) ? index : [index as Index])

const accumulateOf = (op: string, options?: PutOptions): boolean =>
  optionsOf(op, options, { accumulate: false }).accumulate

/**
 * A copy of `x` in which the elements that `index` selects are `value`: what `x[index] = value` leaves in NumPy, as a
 * function with gradients.
 *
 * Where an element is selected several times, the last of its values stays; with `accumulate` all are added, as
 * numpy.add.at and torch.index_put.
 *
 * @param index as `x.at` takes it; several indices as a list
 * @param value a number, or a tensor that broadcasts to what is selected; it is cast to the dtype of `x`
 * @throws ShapeError when the value does not broadcast, or the index does not fit; RangeError for positions outside
 * @example
 * import { indexPut, slice, zeros } from '@x/tensor'
 * indexPut(zeros([2, 3]), [0, slice(1)], 5).toArray() // [[0, 5, 5], [0, 0, 0]]
 * indexPut(zeros([3]), [[0, 2, 2]], 1, { accumulate: true }).toArray() // [1, 0, 2]
 */
export function indexPut(x: Tensor, index: Indices, value: TensorLike, options?: PutOptions): Tensor {
  const accumulate = accumulateOf('indexPut', options)
  requireTensor('indexPut', 'x', x)
  return tidy(() => put('indexPut', x, listOf(index), value, accumulate))
}

function put(op: string, x: Tensor, index: readonly Index[], value: TensorLike, accumulate: boolean): Tensor {
  if (isBasic(index)) {
    const of = basic(index, op)
    const part = windowed(x, of)
    const values = valuesFor(op, x, value, part.shape)
    return putOp([x, accumulate ? add(part, values).cast(x.dtype) : values], { of })
  }
  const mask = onlyMask(x, index)
  if (mask && sizeOf(value) === 1) {
    const one = valuesFor(op, x, value, x.shape)
    return where(mask, accumulate ? add(x, one).cast(x.dtype) : one, x)
  }
  const s = select(op, x, index)
  const back = returned(s, placeSlices(op, mergedPart(s), s.positions, value, s.axis, accumulate ? 'sum' : null))
  return isWhole(s.window) ? back : putOp([x, back], { of: basic(s.window) })
}

const sizeOf = (value: TensorLike): number => (typeof value === 'number' ? 1 : value.size)

const isWhole = (window: readonly BasicIndex[]): boolean =>
  window.every((i) => i === '...' || (i instanceof Slice && i.start === null && i.stop === null && i.step === 1))

/** What stands in place of `part`, in its shape: the merged axes apart and back where they were. */
function returned({ moved, order }: Selection, merged: Tensor): Tensor {
  return permute(
    reshape(merged, moved),
    order.map((_, i) => order.indexOf(i)),
  )
}

/** If the index is one mask for the first axes: the same with axes of 1 for the others, so that it broadcasts. */
function onlyMask(x: Tensor, index: readonly Index[]): Tensor | null {
  const [mask] = index
  if (index.length !== 1 || !(mask instanceof Tensor) || mask.dtype !== 'bool') return null
  const fits = mask.ndim > 0 && mask.ndim <= x.ndim && mask.shape.every((n, i) => n === x.shape[i])
  return fits ? reshape(mask, [...mask.shape, ...new Array<number>(x.ndim - mask.ndim).fill(1)]) : null
}

/** How listeners hear of a write: the tape of a gradient refuses those that would make it wrong. */
const writing: OpRecord<void> = {
  name: 'set',
  inputs: ['x', 'value'],
  writes: true,
  shape: ([x]) => x.shape,
  grad: null,
}

/**
 * Changes `x` in place: the elements that `index` selects become `value`, as `x[index] = value` in NumPy. Every view of
 * the same memory changes with it, of which `x` may be one.
 *
 * This is for state that belongs to the program: buffers, boards, tables. Everything else is immutable, and `indexPut`
 * does the same as a function. Inside a function that is being differentiated, tensors that gradients depend on, and
 * values that do, are refused. A compiled function writes again at every replay.
 *
 * @param index as `x.at` takes it; several indices as a list
 * @param value a number, or a tensor that broadcasts to what is selected; it is cast to the dtype of `x`
 * @param options `accumulate` adds, as often as an element is selected (numpy.add.at)
 * @throws ShapeError when the value does not broadcast, the index does not fit, or elements of `x` share memory;
 * RangeError for positions outside; InPlaceError where a gradient would go wrong
 * @example
 * import { set, slice, zeros } from '@x/tensor'
 * const board = zeros([2, 3])
 * set(board, [1, slice(0, 2)], 7)
 * set(board, [board.gt(5)], 1)
 * board.toArray() // [[0, 0, 0], [1, 1, 0]]
 */
export function set(x: Tensor, index: Indices, value: TensorLike, options?: PutOptions): void {
  const accumulate = accumulateOf('set', options)
  requireTensor('set', 'x', x)
  if (sharesMemory(x.shape, x.strides)) {
    throw new ShapeError(
      `set: elements of x ${show(x.shape)} share memory (it was expanded, or unfolded); copy() it first`,
    )
  }
  if (isHeard()) {
    const inputs = typeof value === 'number' ? [x] : [x, value]
    announce({ op: writing, inputs, y: x, p: undefined, extra: [] })
  }
  unheard(() => tidy(() => write(x, listOf(index), value, accumulate)))
}

function write(x: Tensor, index: readonly Index[], value: TensorLike, accumulate: boolean): void {
  if (isBasic(index)) {
    const part = windowed(x, basic(index, 'set'))
    const values = valuesFor('set', x, value, part.shape)
    overwrite(part, accumulate ? add(part, values) : values)
    return
  }
  const meeting = accumulate ? 'sum' : null
  if (!(onlyMask(x, index) && sizeOf(value) === 1) && placesInto(x.dtype, meeting)) {
    const s = select('set', x, index)
    const merged = mergedPart(s)
    if (merged.storage === x.storage && merged.isContiguous) {
      const { axis, positions } = s
      const selected = inPlaceOf(merged.shape, axis, positions.shape)
      const values = valuesFor('set', x, value, selected)
      const src = values.size === 1 ? values : apart(expand(values, selected), x)
      const at = apart(positions, x)
      tick()
      placeInto(merged, at, src, { op: 'set', axis, each: false }, meeting)
      return
    }
  }
  assign(x, put('set', x, index, value, accumulate))
}

/** Whether several elements lie in one place, as far as strides tell: sorted, each must step over all before it. */
function sharesMemory(shape: Shape, strides: Shape): boolean {
  if (shape.includes(0)) return false
  const steps = shape.flatMap((n, i) => (n > 1 ? [[Math.abs(strides[i]), n]] : [])).sort((a, b) => a[0] - b[0])
  let reach = 0
  return steps.some(([step, n]) => {
    const isShared = step <= reach
    reach += step * (n - 1)
    return isShared
  })
}
