// Writes in place: refused where a gradient would be wrong, unseen where it is not, and right elsewhere.
import { arange, compile, type Index, InPlaceError, indexPut, ones, set, slice, tensor, zeros } from '@x/tensor'
import { assertNoLeak } from '@x/tensor/testing'
import { expect, test } from 'vitest'
import { detectAnomaly, grad, graph } from './index.ts'

const x = tensor([1, 2, 3])
/** What `set` was done before. */
const after = <T>(_: void, y: T): T => y

const text = 'set: x [3] cannot change here'

test.each<[string, () => unknown]>([
  ['what is differentiated', () => after(set(x, 0, 5), x.sum())],
  ['a view of it', () => after(set(x.at(slice(1)), 0, 5), x.sum())],
  [
    'what depends on it',
    () => {
      const y = x.square()
      set(y, 0, 5)
      return y.sum()
    },
  ],
  [
    'a constant that a formula needs',
    () => {
      const c = ones([3])
      const y = x.mul(c)
      set(c, 0, 5)
      return y.sum()
    },
  ],
  [
    'values that the gradient would lose',
    () => {
      const c = zeros([3])
      set(c, [slice()], x)
      return c.mul(x).sum()
    },
  ],
])('%s', (_, fn) => {
  expect(() => grad(fn as never, x)).toThrow(InPlaceError)
  expect(() => grad(fn as never, x)).toThrow('cannot change here')
  expect(x.toArray()).toEqual([1, 2, 3])
})

test('says what to do instead', () => {
  expect(() => grad(() => after(set(x, 0, 5), x.sum()), x)).toThrow(
    `${text}: a gradient is computed with respect to it`,
  )
  expect(() => grad(() => after(set(x, 0, 5), x.sum()), x)).toThrow('indexPut() returns a new tensor instead')
})

test('what has nothing to do with the gradient changes', () => {
  const seen = zeros([2])
  const g = grad(() => {
    set(seen, 1, 7)
    const weights = zeros([3])
    set(weights, [[0, 2]], 2)
    return x.mul(weights).sum()
  }, x)
  expect(g.toArray()).toEqual([2, 0, 2])
  expect(seen.toArray()).toEqual([0, 7])
  set(x, 0, 1) // outside of gradients anything goes
})

test('nested gradients refuse for all of them', () => {
  const y = tensor([4, 5, 6])
  expect(() =>
    grad(
      () =>
        grad(() => after(set(x, 0, 9), y.sum()), y)
          .mul(x)
          .sum(),
      x,
    ),
  ).toThrow(InPlaceError)
})

test('other listeners hear of it', () => {
  const c = zeros([3])
  expect(detectAnomaly(() => after(set(c, 0, 1), c.sum())).item()).toBe(1)
  expect(graph(({ x }) => after(set(c, 1, 1), x.mul(c)), { x }).nodes.map((n) => n.label)).toEqual([
    'x',
    '[3]',
    'set',
    'mul',
    'output',
  ])
})

test('the function has the gradients', () => {
  const index: Index[] = [[0, 2]]
  const v = tensor([10, 20])
  const [gx, gv] = grad(() => indexPut(x, index, v).square().sum(), [x, v])
  expect(gx.toArray()).toEqual([0, 4, 0])
  expect(gv.toArray()).toEqual([20, 40])
  const added = grad(
    () =>
      indexPut(x, [[0, 0]], v, { accumulate: true })
        .square()
        .sum(),
    [x, v],
  )
  expect(added.map((g) => g.toArray())).toEqual([
    [62, 4, 6],
    [62, 62],
  ])
})

test('a compiled function writes at every replay', () => {
  const board = zeros([3])
  const step = compile((by: typeof x) => {
    set(board, [[0, 0, 2]], by, { accumulate: true })
    return board.sum()
  })
  expect([1, 1, 1].map(() => step(arange(3)).item())).toEqual([3, 6, 9])
  expect(board.toArray()).toEqual([3, 0, 6])
  step.dispose()
})

test('leaves nothing behind', () => {
  assertNoLeak('set', () => {
    const y = zeros([4, 5])
    set(y, [slice(1), [0, 3]], tensor([1, 2]))
    set(y.mT, [[0]], 3)
    set(y, [y.gt(2)], 1, { accumulate: true })
    set(y, [slice(null, null, 2)], y.at(slice(1, 3)))
    expect(() => set(y, 0, ones([4]))).toThrow()
  })
})
