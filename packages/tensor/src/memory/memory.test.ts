// Memory comes back: by tidy, dispose, using, the garbage collector, and by moving out under pressure.
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  DisposedError,
  dispose,
  keep,
  memoryStats,
  OutOfMemoryError,
  ones,
  setMemoryLimit,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from '../index.ts'

const live = (): number => memoryStats().storages

// Constants that operations keep are made once, before anything is counted.
tidy(() => ones([1]).add(1).mul(2).sub(1))

describe('tidy', () => {
  test('frees what is not in the result, wherever the result holds it', () => {
    const before = live()
    const result = tidy(() => {
      const a = ones([3]).add(1)
      return { list: [a], map: new Map([['b', a.mul(2)]]), set: new Set([a.sub(1)]), view: zeros([2, 2]).mT }
    })
    expect(live() - before).toBe(4)
    expect(result.map.get('b')?.toArray()).toEqual([4, 4, 4])
    dispose(result)
    expect(live()).toBe(before)
  })

  test('passes results to the enclosing tidy', () => {
    const before = live()
    const y = tidy(() => tidy(() => ones([2]).add(1)).add(1))
    expect(y.toArray()).toEqual([3, 3])
    expect(live() - before).toBe(1)
    y.dispose()
  })

  test('frees everything when the function throws', () => {
    const before = live()
    expect(() =>
      tidy(() => {
        ones([3])
        throw new Error('stop')
      }),
    ).toThrow('stop')
    expect(live()).toBe(before)
  })

  test('refuses asynchronous functions', () => {
    expect(() => tidy(async () => ones([1]))).toThrow(TypeError)
  })

  test('leaves kept tensors', () => {
    let kept: Tensor | undefined
    tidy(() => {
      kept = keep(ones([2]))
    })
    expect(kept?.toArray()).toEqual([1, 1])
    kept?.dispose()
  })
})

test('a disposed tensor is named where it is used', () => {
  const x = ones([2, 3])
  x.dispose()
  x.dispose()
  expect(() => x.add(1)).toThrow(DisposedError)
  expect(() => x.add(1)).toThrow('add: a [2, 3] was disposed')
  expect(() => x.data()).toThrow(DisposedError)
})

test('using disposes at the end of the block', () => {
  const before = live()
  {
    using x = ones([4])
    expect(x.sum().item()).toBe(4)
  }
  expect(live() - before).toBe(1) // the sum, which nobody disposed
})

describe('under pressure', () => {
  afterEach(() => setMemoryLimit(256 * 2 ** 20))

  test('the least recently used tensors move out, and come back when used', () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    setMemoryLimit(2 ** 20)
    const xs = Array.from({ length: 64 }, (_, i) => zeros([16384]).add(i))
    expect(memoryStats().moves).toBeGreaterThan(0)
    expect(memoryStats().bytes).toBeLessThan(2 ** 22)
    xs.forEach((x, i) => {
      expect(x.sum().item()).toBe(16384 * i)
    })
    expect(memoryStats().returns).toBeGreaterThan(0)
    dispose(xs)
  })

  test('many small tensors move out too, each with its own values', () => {
    const xs = Array.from({ length: 20_000 }, (_, i) => tensor([i, -i]))
    expect(xs.every((x, i) => x.data()[0] === i && x.data()[1] === -i)).toBe(true)
    dispose(xs)
  })
})

test('what does not fit is an OutOfMemoryError, and everything goes on', () => {
  const before = live()
  expect(() => zeros([2 ** 31])).toThrow(OutOfMemoryError)
  expect(() => zeros([2 ** 31])).toThrow(/8192\.0 MiB do not fit/)
  expect(live()).toBe(before)
  expect(ones([3]).add(1).toArray()).toEqual([2, 2, 2])
})

test('a hundred thousand operations in tidies leave the heap where it was', () => {
  const w = tensor([1, 2, 3])
  const step = (): void => tidy(() => void w.mul(2).exp().sum().item())
  for (let i = 0; i < 1000; i++) step()
  const { storages, heapBytes, bytes } = memoryStats()
  for (let i = 0; i < 33_000; i++) step()
  expect(memoryStats()).toMatchObject({ storages, heapBytes, bytes })
})
