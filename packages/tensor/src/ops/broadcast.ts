// How broadcast operands reach kernels that walk rows: y as [outer, inner], each operand with a step per row and 0 or 1 per element.
import { broadcastStrides, type Shape, sameShape } from '../shape.ts'
import { pointer, type Tensor } from '../tensor.ts'
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

function rowsOf(inputs: readonly Tensor[], shape: Shape): Rows | null {
  const strides = inputs.map((x) => broadcastStrides(x.shape, x.strides, shape))
  // Merge axes that all operands walk as one; what is left must be one row axis and one element axis.
  let inner = 1
  let outer = 1
  const innerStep: number[] = inputs.map(() => 0)
  const outerStep: number[] = inputs.map(() => 0)
  let level: 'none' | 'inner' | 'outer' = 'none'
  for (let d = shape.length - 1; d >= 0; d--) {
    const n = shape[d]
    if (n === 1) continue
    if (level === 'none') {
      for (let i = 0; i < strides.length; i++) {
        const s = strides[i][d]
        if (s !== 0 && s !== 1) return null
        innerStep[i] = s
      }
      inner = n
      level = 'inner'
    } else if (level === 'inner') {
      if (strides.every((s, i) => s[d] === innerStep[i] * inner)) inner *= n
      else {
        strides.forEach((s, i) => {
          outerStep[i] = s[d]
        })
        outer = n
        level = 'outer'
      }
    } else {
      if (!strides.every((s, i) => s[d] === outerStep[i] * outer)) return null
      outer *= n
    }
  }
  return {
    inner,
    operands: inputs.map((x, i) => ({ ptr: pointer(x), outer: outerStep[i], inner: innerStep[i] as 0 | 1 })),
  }
}
