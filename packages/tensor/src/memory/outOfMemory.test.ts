// Running out of memory is an error like any other: what was there is still there, and the next operation works.
import { afterEach, expect, test, vi } from 'vitest'
import { compile, memoryStats, OutOfMemoryError, ones, sortWithIndices, type Tensor, tidy, zeros } from '../index.ts'
import { heap } from './heap.ts'

afterEach(() => void vi.restoreAllMocks())

/** The linear memory stays as large as it is now. */
function full(): number {
  tidy(() => void zeros([2 ** 20]))
  vi.spyOn(heap, 'growTo').mockReturnValue(false)
  return heap.bytes
}

/** @throws unless `run` runs out of memory and leaves no storage behind */
function runsOut(run: () => unknown): void {
  const before = memoryStats().storages
  expect(run).toThrow(OutOfMemoryError)
  expect(memoryStats().storages).toBeLessThanOrEqual(before)
}

const works = (x: Tensor): void => expect(tidy(() => x.add(1).sum().item())).toBe(2 * x.size)

test('more than the memory can ever have', () => {
  const x = ones([1000])
  runsOut(() => zeros([2 ** 30, 8]))
  runsOut(() => x.expand([2 ** 25, 1000]).copy())
  expect(() => zeros([2 ** 25, 1000])).toThrow(
    /MiB do not fit: .* MiB are in use, .* Free tensors with tidy\(\) or dispose/,
  )
  expect(() => zeros([2 ** 40, 2 ** 40])).toThrow(/cannot be made/)
  works(x)
  x.dispose()
})

test('more than there is now: results, extra results, temporary copies', () => {
  const size = full()
  const x = ones([Math.floor(size / 16)]) // a quarter of the memory
  runsOut(() => x.expand([8, x.size]).copy())
  runsOut(() => tidy(() => x.expand([3, x.size]).reshape([-1])))
  // The values fit beside x, their positions do not.
  const most = ones([Math.floor((size * 0.4) / 4)])
  runsOut(() => sortWithIndices(most))
  works(x)
  vi.restoreAllMocks()
  expect(sortWithIndices(most).values.size).toBe(most.size)
  works(x)
})

test('while a function is recorded', () => {
  const size = full()
  const f = compile((a: Tensor, wide: number) => a.expand([wide, a.size]).copy().sum(0))
  const x = ones([1000])
  runsOut(() => f(x, size))
  expect(f.recordings).toBe(0)
  expect(f(x, 3).at(0).item()).toBe(3)
  works(x)
  f.dispose()
})
