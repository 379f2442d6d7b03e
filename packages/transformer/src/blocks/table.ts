// Numbers that a model computes once, when they are first needed.
import type { Shape, Tensor } from '@x/tensor'
import { empty, heap, keepStorage, lasting, pointer } from '@x/tensor/op'

/** A float64 tensor that outlives every tidy, also where a compiled function is the first to need it. */
export function lastingTable(values: Float64Array, shape: Shape): Tensor {
  const table = lasting(() => empty(shape, 'float64', true))
  keepStorage(table.storage)
  heap.f64.set(values, pointer(table) / 8)
  return table
}
