// The axes of a tensor that a caller names.
import { ShapeError } from './errors.ts'
import { requireTensor } from './record.ts'
import { normalizeAxes, normalizeAxis, show } from './shape.ts'
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

/** @throws TypeError naming the first of the arguments that is no tensor */
export function requireTensors(op: string, tensors: Readonly<Record<string, unknown>>): void {
  for (const name in tensors) requireTensor(op, name, tensors[name])
}

/** @throws TypeError unless `x` is a tensor; ShapeError unless it has one axis, or at least `least` and at most one */
export function requireVector(op: string, name: string, x: Tensor, least = 1): void {
  requireTensor(op, name, x)
  if (x.ndim > 1 || x.ndim < least)
    throw new ShapeError(`${op}: ${name} ${show(x.shape)} is not a vector; flatten() it`)
}
