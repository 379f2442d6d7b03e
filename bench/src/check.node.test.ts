import { expect, test } from 'vitest'
import { differenceOf } from './check.ts'
import { median, spread, takeTurn } from './timing.ts'
import type { Workload } from './workload.ts'

const workload = (rest: object): Workload => rest as Workload

test('differenceOf measures errors against the largest magnitude, and lets no NaN pass', () => {
  expect(differenceOf([[1, 100]], [[1.001, 100]], workload({}))).toBeNull()
  expect(differenceOf([[1, 100]], [[1.01, 100]], workload({}))).toBe('1 for 1.01 at 0 (scale 100)')
  expect(differenceOf([[1, 100]], [[1.01, 100]], workload({ tolerance: 1e-3 }))).toBeNull()
  expect(differenceOf([[Number.NaN]], [[1]], workload({}))).toContain('NaN for 1')
  expect(differenceOf([[1]], [[Number.NaN]], workload({}))).toContain('1 for NaN')
  expect(differenceOf([[Number.NaN, Infinity]], [[Number.NaN, Infinity]], workload({}))).toBeNull()
  expect(differenceOf([[1, 2]], [[1]], workload({}))).toBe('2 numbers for 1')
  expect(differenceOf([[1]], [[1], [2]], workload({}))).toBe('1 results for 2')
})

test('differenceOf compares random results by mean and deviation', () => {
  const ramp = (n: number, scale: number) => Float32Array.from({ length: n }, (_, i) => (i * scale) / n)
  expect(differenceOf([ramp(5000, 1)], [ramp(5000, 1.01)], workload({ random: true }))).toBeNull()
  expect(differenceOf([ramp(5000, 1)], [ramp(5000, 1.2)], workload({ random: true }))).toContain('mean')
})

test('takeTurn divides by the operations of a run, waits for promises, and runs at least once', async () => {
  let runs = 0
  const job = { operations: 10, run: async () => void runs++, results: async () => [], close() {} }
  const { median: ns, best } = await takeTurn(job, 1)
  expect(runs).toBeGreaterThan(0)
  expect(best).toBeLessThanOrEqual(ns)
})

test('median and spread', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  expect(spread([10, 10, 11, 9, 30])).toBe(0.1)
})
