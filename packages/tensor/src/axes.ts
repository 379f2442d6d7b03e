// The axes of a tensor that a caller names.
import { requireTensor } from './record.ts'
import { normalizeAxes, normalizeAxis } from './shape.ts'
import type { Tensor } from './tensor.ts'

/** `axis` of `x` in [0, rank), counting negatives from the end. @throws TypeError unless x is a tensor; ShapeError */
export function checkAxis(op: string, axis: number, x: Tensor): number {
  requireTensor(op, 'x', x)
  return normalizeAxis(op, axis, x.ndim)
}

/** `normalizeAxes` of a tensor. @throws TypeError unless x is a tensor; ShapeError */
export function checkAxes(op: string, axes: Parameters<typeof normalizeAxes>[1], x: Tensor): readonly number[] {
  requireTensor(op, 'x', x)
  return normalizeAxes(op, axes, x.ndim)
}
