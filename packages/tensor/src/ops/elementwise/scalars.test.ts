// A scalar has the axes 0 and −1, as in PyTorch: functions along an axis take it as one element, and give scalars.
import { expect, test } from 'vitest'
import { ShapeError } from '../../errors.ts'
import * as x from '../../index.ts'
import type { Tensor } from '../../tensor.ts'
import { cummax, cummin, logcumsumexp } from '../reductions/cumulative.ts'
import * as sorting from '../sorting/sort.ts'

const numbers: Readonly<Record<string, readonly [(t: Tensor, axis: number) => Tensor, number]>> = {
  sum: [(t, axis) => t.sum(axis), 3],
  'sum with keepdims': [(t, axis) => t.sum(axis, { keepdims: true }), 3],
  'sum over a list': [(t, axis) => t.sum([axis]), 3],
  mean: [(t, axis) => t.mean(axis), 3],
  prod: [(t, axis) => t.prod(axis), 3],
  max: [(t, axis) => t.max(axis), 3],
  argmax: [(t, axis) => t.argmax(axis), 0],
  logsumexp: [(t, axis) => t.logsumexp(axis), 3],
  flip: [(t, axis) => x.flip(t, axis), 3],
  squeeze: [(t, axis) => t.squeeze(axis), 3],
  softmax: [(t, axis) => t.softmax(axis), 1],
  logSoftmax: [(t, axis) => t.logSoftmax(axis), 0],
  cumsum: [(t, axis) => x.cumsum(t, axis), 3],
  cumprod: [(t, axis) => x.cumprod(t, axis), 3],
  logcumsumexp: [(t, axis) => logcumsumexp(t, axis), 3],
  cummax: [(t, axis) => cummax(t, axis).values, 3],
  cummin: [(t, axis) => cummin(t, axis).indices, 0],
  sort: [(t, axis) => sorting.sort(t, axis), 3],
  argsort: [(t, axis) => sorting.argsort(t, axis), 0],
  sortWithIndices: [(t, axis) => sorting.sortWithIndices(t, axis).indices, 0],
  topk: [(t, axis) => sorting.topk(t, 1, axis).values, 3],
  kthvalue: [(t, axis) => sorting.kthvalue(t, 1, axis).values, 3],
  medianWithIndices: [(t, axis) => sorting.medianWithIndices(t, axis).indices, 0],
  maxWithIndices: [(t, axis) => sorting.maxWithIndices(t, axis, { keepdims: true }).values, 3],
  gather: [(t, axis) => t.gather(x.tensor(0, { dtype: 'int32' }), axis), 3],
}

test.each(Object.entries(numbers))('%s', (_, [fn, wanted]) => {
  for (const axis of [0, -1]) {
    const y = fn(x.tensor(3), axis)
    expect(y.shape).toEqual([])
    expect(y.item()).toBe(wanted)
  }
  for (const axis of [1, -2]) expect(() => fn(x.tensor(3), axis)).toThrow(ShapeError)
})

test('axes that would be needed are asked for', () => {
  expect(() => x.tensor(3).sum([0, 0])).toThrow('axis given twice')
  expect(() => x.concat([x.tensor(3), x.tensor(4)], 0)).toThrow(ShapeError)
})
