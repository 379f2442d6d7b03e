// Recordings: equal to eager execution, fresh results, no allocation, and refusal of what cannot be replayed.
import { expect, test } from 'vitest'
import {
  arange,
  compile,
  concat,
  memoryStats,
  ones,
  randn,
  softmax,
  type Tensor,
  take,
  tensor,
  tidy,
  toStrided,
  zeros,
} from './index.ts'

test('replays with new inputs, and records anew for new shapes', () => {
  const f = compile((x: Tensor, y: Tensor) => softmax(x.matmul(y).add(1)).sum(0))
  for (const n of [3, 3, 5, 3]) {
    const [x, y] = [randn([2, n]), randn([n, 4])]
    expect(f(x, y).toArray()).toEqual(softmax(x.matmul(y).add(1)).sum(0).toArray())
  }
  expect(f.recordings).toBe(2)
  f.dispose()
})

test('hands out fresh tensors in the structure of the result', () => {
  const f = compile((x: Tensor) => ({ twice: x.mul(2), list: [x.add(1), 'label'] as const }))
  const first = f(tensor([1, 2]))
  const second = f(tensor([3, 4]))
  expect(first.twice.toArray()).toEqual([2, 4])
  expect(second.twice.toArray()).toEqual([6, 8])
  expect((first.list[0] as Tensor).toArray()).toEqual([2, 3])
  expect(second.list[1]).toBe('label')
})

test('results that somebody holds outlive the next call, the recording, and their use in another one', () => {
  const f = compile((x: Tensor) => x.mul(2))
  const first = f(tensor([1, 2]))
  const g = compile((x: Tensor) => x.add(first))
  expect(g(tensor([0.5, 0.5])).toArray()).toEqual([2.5, 4.5])
  const second = f(tensor([3, 4]))
  const third = f(second)
  expect(first.toArray()).toEqual([2, 4])
  expect(g(tensor([1, 1])).toArray()).toEqual([3, 5])
  f.dispose()
  expect([first, second, third].map((x) => x.toArray())).toEqual([
    [2, 4],
    [6, 8],
    [12, 16],
  ])
})

test('results that are let go cost no memory and no copy', () => {
  const f = compile((x: Tensor) => x.mul(2))
  const x = ones([1000])
  const address = (): number => tidy(() => toStrided(f(x)).data.byteOffset)
  const place = address()
  const { bytes, storages } = memoryStats()
  for (let i = 0; i < 5; i++) expect(address()).toBe(place)
  expect(memoryStats()).toMatchObject({ bytes, storages })
  f.dispose()
})

test('one memory under several results', () => {
  const f = compile((x: Tensor) => {
    const y = x.mul(2)
    return [y, y, y.reshape([3, 2]), y.at(0)]
  })
  for (const start of [0, 10]) {
    const y = arange(start, start + 6)
      .reshape([2, 3])
      .mul(2)
    const results = f(arange(start, start + 6).reshape([2, 3]))
    expect(results.map((t) => t.toArray())).toEqual([y, y, y.reshape([3, 2]), y.at(0)].map((t) => t.toArray()))
  }
})

test('takes views, and results that are views or inputs', () => {
  const f = compile((x: Tensor) => [x, x.mT, x.at(0)])
  for (const start of [0, 10]) {
    const x = arange(start, start + 6).reshape([3, 2]).mT
    expect(f(x).map((t) => t.toArray())).toEqual([x.toArray(), x.mT.toArray(), x.at(0).toArray()])
  }
})

test('sees changes of what it captured, and holds it where it lies', () => {
  const w = tensor([1, 1])
  const made = tidy(() => compile((x: Tensor) => x.mul(w).add(tensor([0.5, 0.5]))))
  expect(made(tensor([2, 3])).toArray()).toEqual([2.5, 3.5])
  expect(made(tensor([4, 5])).toArray()).toEqual([4.5, 5.5])
})

test('plain arguments belong to the recording', () => {
  const f = compile((x: Tensor, scale: number) => x.mul(scale))
  expect([f(ones([1]), 2).item(), f(ones([1]), 3).item(), f(ones([1]), 2).item()]).toEqual([2, 3, 2])
  expect(f.recordings).toBe(2)
  expect(() => compile((x: unknown) => x)({} as never)).toThrow(TypeError)
})

test('arguments that print alike have recordings of their own', () => {
  const f = compile((x: Tensor, a: string, b: string) => x.mul(a.length).add(100 * b.length))
  const x = ones([1])
  expect([f(x, 'x|string:yy', 'z').item(), f(x, 'x', 'yy|string:z').item()]).toEqual([111, 1101])
  const sign = compile((t: Tensor, s: number) => t.mul(s).reciprocal())
  expect([sign(x, 0).item(), sign(x, -0).item()]).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
  expect([f.recordings, sign.recordings]).toEqual([2, 2])
  expect(() => compile((t: Tensor) => new Map([['t', t]]))(x)).toThrow(TypeError)
})

test('allocates nothing per replay beside the results', () => {
  const x = randn([8, 8])
  const f = compile((t: Tensor) => {
    t.matmul(t).exp().sum()
  })
  f(x)
  const before = memoryStats()
  for (let i = 0; i < 100; i++) f(x)
  expect(memoryStats()).toEqual(before)
})

test('refuses to read values, to be nested, and to keep', () => {
  expect(() => compile((x: Tensor) => x.mul(x.sum().item()))(ones([2]))).toThrow(
    'item: values cannot be read inside a compiled function',
  )
  const inner = compile((x: Tensor) => x.add(1))
  expect(() => compile((x: Tensor) => inner(x))(ones([2]))).toThrow('cannot call another one')
  expect(ones([2]).add(1).toArray()).toEqual([2, 2])
})

test('checks positions at every replay', () => {
  const f = compile((x: Tensor, i: Tensor) => take(x, i))
  const x = tensor([10, 20])
  expect(f(x, tensor([1], { dtype: 'int32' })).toArray()).toEqual([20])
  expect(() => f(x, tensor([2], { dtype: 'int32' }))).toThrow(RangeError)
})

test('disposing gives the memory back', () => {
  const x = ones([4])
  const before = memoryStats()
  const f = compile((t: Tensor) => concat([t, zeros([4])]))
  f(x).dispose()
  f.dispose()
  expect(memoryStats().storages).toBe(before.storages)
  expect(memoryStats().bytes - before.bytes).toBeLessThan(64)
})
