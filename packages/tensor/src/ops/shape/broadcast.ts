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
const innerStep: number[] = []
const outerStep: number[] = []
/** Steps along the axis at hand: 0 where the operand is repeated, and of contiguous ones the size of what lies behind. */
const step: number[] = []
const behind: number[] = []

function rowsOf(inputs: readonly Tensor[], shape: Shape): Rows | null {
  const count = inputs.length
  const rank = shape.length
  for (let i = 0; i < count; i++) {
    innerStep[i] = outerStep[i] = step[i] = 0
    behind[i] = 1
  }
  // Axes that all operands walk as one are merged; what is left must be one row axis and one element axis.
  let inner = 1
  let outer = 1
  let level: 'none' | 'inner' | 'outer' = 'none'
  for (let d = rank - 1; d >= 0; d--) {
    const n = shape[d]
    if (n === 1) continue
    let merges = true
    for (let i = 0; i < count; i++) {
      const x = inputs[i]
      const axis = d - rank + x.ndim
      const m = axis < 0 ? 1 : x.shape[axis]
      const s = m === 1 ? 0 : x.isContiguous ? behind[i] : x.strides[axis]
      behind[i] *= m
      step[i] = s
      if (level === 'none' ? s > 1 || s < 0 : s !== (level === 'inner' ? innerStep[i] * inner : outerStep[i] * outer)) {
        merges = false
      }
    }
    if (level === 'none') {
      if (!merges) return null
      for (let i = 0; i < count; i++) innerStep[i] = step[i]
      inner = n
      level = 'inner'
    } else if (level === 'inner') {
      if (merges) inner *= n
      else {
        for (let i = 0; i < count; i++) outerStep[i] = step[i]
        outer = n
        level = 'outer'
      }
    } else {
      if (!merges) return null
      outer *= n
    }
  }
  const operands: Operand[] = []
  for (let i = 0; i < count; i++) {
    operands.push({ ptr: pointer(inputs[i]), outer: outerStep[i], inner: innerStep[i] as 0 | 1 })
  }
  return { inner, operands }
}
