// How broadcast operands reach kernels that walk rows: y as [outer, inner], each operand with a step per row and 0 or 1 per element.
import { type Shape, sameShape } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { denseAs } from './contiguous.ts'

/** An operand: its address, its step from row to row, and within a row (0 repeats one element). */
export interface Operand {
  ptr: number
  outer: number
  inner: 0 | 1
}

export interface Rows {
  readonly inner: number
  readonly operands: readonly Operand[]
}

/**
 * Lays out operands for a kernel over rows of `shape`. Operands that no such layout describes (a transposed view, say)
 * are copied first, the one that breaks the pattern before the others.
 */
export function asRows(inputs: readonly Tensor[], shape: Shape): Rows {
  const layout = rowsOf(inputs, shape)
  if (layout) return layout
  const irregular = inputs.map((x) =>
    (x.isContiguous && sameShape(x.shape, shape)) || rowsOf([x], shape) ? x : denseAs(x, shape),
  )
  return (
    rowsOf(irregular, shape) ??
    (rowsOf(
      irregular.map((x) => denseAs(x, shape)),
      shape,
    ) as Rows)
  )
}

// What rowsOf works with, per operand; kept, because the garbage of small operations costs as much as their kernels.
/** Steps from element to element of a row, and from row to row. */
const steps: readonly [inner: number[], outer: number[]] = [[], []]
/** Steps along the axis at hand: 0 where the operand is repeated, and of contiguous ones the size of what lies behind. */
const step: number[] = []
const behind: number[] = []

function rowsOf(inputs: readonly Tensor[], shape: Shape): Rows | null {
  const count = inputs.length
  const rank = shape.length
  for (let i = 0; i < count; i++) {
    steps[0][i] = steps[1][i] = 0
    behind[i] = 1
  }
  // Axes that all operands walk as one are merged; what is left must be one row axis and one element axis.
  const lengths = [1, 1]
  let level = 0
  for (let d = rank - 1; d >= 0; d--) {
    const n = shape[d]
    if (n === 1) continue
    const before = level > 0 ? steps[level - 1] : step
    const length = level > 0 ? lengths[level - 1] : 0
    let merges = level > 0
    let isRow = true
    for (let i = 0; i < count; i++) {
      const x = inputs[i]
      const axis = d - rank + x.ndim
      const m = axis < 0 ? 1 : x.shape[axis]
      const s = m === 1 ? 0 : x.isContiguous ? behind[i] : x.strides[axis]
      behind[i] *= m
      step[i] = s
      if (s > 1 || s < 0) isRow = false
      if (s !== before[i] * length) merges = false
    }
    if (merges) lengths[level - 1] *= n
    else if (level > 1 || (level === 0 && !isRow)) return null
    else {
      for (let i = 0; i < count; i++) steps[level][i] = step[i]
      lengths[level++] = n
    }
  }
  const operands: Operand[] = []
  for (let i = 0; i < count; i++) {
    operands.push({ ptr: pointer(inputs[i]), outer: steps[1][i], inner: steps[0][i] as 0 | 1 })
  }
  return { inner: lengths[0], operands }
}
