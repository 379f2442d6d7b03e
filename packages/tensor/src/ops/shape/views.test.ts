// Views are views: the same memory, no copy, wherever NumPy and PyTorch have them.
import { expect, test } from 'vitest'
import * as x from '../../index.ts'

const cube = () => x.arange(24).reshape([2, 3, 4])

test.each<[string, (c: x.Tensor) => x.Tensor | readonly x.Tensor[]]>([
  ['transpose', (c) => c.mT],
  ['permute', (c) => c.permute([2, 0, 1])],
  ['movedim', (c) => x.movedim(c, 0, -1)],
  ['expand', (c) => c.unsqueeze(0).expand([5, 2, 3, 4])],
  ['broadcastTo', (c) => x.broadcastTo(c, [5, 2, 3, 4])],
  ['broadcastTensors', (c) => x.broadcastTensors(c, x.zeros([5, 1, 1, 1]))[0]],
  ['slices and positions', (c) => c.at(0, '...', x.slice(null, null, -2), null)],
  ['flip', (c) => c.flip([0, 2])],
  ['rot90', (c) => x.rot90(c, 3, [0, 2])],
  ['diagonal', (c) => x.diagonal(c, { offset: -1, axis1: 1, axis2: 2 })],
  ['diag', (c) => x.diag(c.at(0), 1)],
  ['unfold', (c) => x.unfold(c, 2, 2)],
  ['split', (c) => c.split([1, 2], 1)],
  ['chunk', (c) => c.chunk(2, 2)],
  ['tensorSplit', (c) => x.tensorSplit(c, 3, 1)],
  ['unbind', (c) => c.unbind(1)],
  ['narrow', (c) => x.narrow(c, 1, 1, 2)],
  ['select', (c) => x.select(c, 2, 0)],
  ['meshgrid', (c) => x.meshgrid([c.at(0, 0), x.arange(3)])[0]],
  ['atleast3d', (c) => x.atleast3d(c.at(0, 0))],
  ['squeeze and unsqueeze of a transposed one', (c) => c.mT.unsqueeze(1).squeeze()],
  ['splitting an axis of a transposed one', (c) => x.unflatten(c.mT, 1, [2, -1])],
  ['merging the axes that lie side by side', (c) => c.permute([2, 0, 1]).reshape([4, 6])],
  ['merging repeated axes', (c) => c.at(0, 0, 0).expand([3, 4]).reshape([12])],
  ['ravel of a contiguous one', (c) => c.ravel()],
  ['ravel of one turned around whole', (c) => c.flip().ravel()],
  ['iteration', (c) => [...c]],
])('%s', (_, make) => {
  x.tidy(() => {
    const c = cube()
    const before = x.memoryStats().storages
    const made = make(c)
    for (const view of Array.isArray(made) ? made : [made]) expect(view.storage).toBe(c.storage)
    expect(x.memoryStats().storages - before).toBeLessThanOrEqual(1) // the other tensors of some lines
  })
})

test('where strides cannot tell, reshape copies', () => {
  const c = cube()
  for (const [view, shape] of [
    [c.mT, [24]],
    [c.at('...', x.slice(0, 3)), [2, 9]],
    [c.flip(1), [24]],
    [c.permute([1, 0, 2]), [6, 4]],
  ] as const) {
    const y = view.reshape(shape)
    expect(y.storage).not.toBe(c.storage)
    expect(y.data()).toEqual(view.copy().data())
  }
})

test('pad does not wrap around what negative widths cut off', () => {
  const padded = (widths: [number, number]) => x.pad(x.arange(6), widths, { mode: 'wrap' }).toArray()
  expect(padded([-2, 1])).toEqual([2, 3, 4, 5, 2])
  expect(padded([2, -3])).toEqual([1, 2, 0, 1, 2])
  expect(padded([-1, -2])).toEqual([1, 2, 3])
  expect(() => padded([-4, 3])).toThrow('of length 2 by at most 2')
})

test('reshape of views has the elements of reshape of copies', () => {
  const c = x.arange(2 * 3 * 4 * 1 * 6).reshape([2, 3, 4, 1, 6])
  const views = [
    c.permute([1, 2, 0, 3, 4]),
    c.at(x.slice(), x.slice(null, null, 2), '...'),
    c.at(0).expand([2, 3, 4, 1, 6]),
    c.at('...', x.slice(0, 0)),
    c.flip(3).permute([4, 3, 2, 1, 0]),
  ]
  const shapes = [[-1], [6, -1], [2, 2, -1], [1, -1, 1, 2], [-1, 3, 1], [-1, 8]]
  for (const view of views) {
    for (const shape of shapes) {
      if (view.size === 0 || view.size % shape.reduce((n, d) => (d < 0 ? n : n * d), 1) !== 0) continue
      expect(view.reshape(shape).toArray()).toEqual(view.copy().reshape(shape).toArray())
    }
  }
  expect(views[3].reshape([0, 7]).shape).toEqual([0, 7])
})

test('a scalar is not iterable, a tensor gives its slices', () => {
  expect(
    [
      ...x.tensor([
        [1, 2],
        [3, 4],
      ]),
    ].map((row) => row.toArray()),
  ).toEqual([
    [1, 2],
    [3, 4],
  ])
  expect(() => [...x.tensor(1)]).toThrow(TypeError)
  expect(x.tensor([7]).item()).toBe(7)
  expect(() => x.tensor([1, 2]).item()).toThrow(x.ShapeError)
})
