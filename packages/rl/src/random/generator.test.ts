import { describe, expect, test } from 'vitest'
import { NumpyGenerator, npRandom } from './generator.ts'

// Values of numpy.random.default_rng(seed), NumPy 1.24 and 2.4.
describe('NumpyGenerator', () => {
  test('gives the numbers of NumPy', () => {
    const g = new NumpyGenerator(0)
    expect([g.random(), g.random()]).toEqual([0.6369616873214543, 0.2697867137638703])
    expect(new NumpyGenerator(2n ** 200n + 12345n).random()).toBe(0.4645503660271927)
  })

  test('gives the normal and exponential numbers of NumPy', () => {
    expect(new NumpyGenerator(0).normals(3)).toEqual(
      Float64Array.of(0.1257302210933933, -0.1321048632913019, 0.6404226504432821),
    )
    const g = new NumpyGenerator(0)
    expect(Array.from({ length: 3 }, () => g.exponential())).toEqual([
      0.6799319039689096, 1.0195971014658647, 0.019806662589055352,
    ])
  })

  test('draws whole numbers without bias, and from large ranges', () => {
    const g = new NumpyGenerator(1)
    const counts = new Float64Array(7)
    for (let i = 0; i < 70_000; i++) counts[g.integers(7)]++
    for (const n of counts) expect(Math.abs(n - 10_000)).toBeLessThan(400)
    const large = Array.from({ length: 100 }, () => g.integers(-(2 ** 40), 2 ** 52))
    expect(large.every((n) => Number.isInteger(n) && n >= -(2 ** 40) && n < 2 ** 52)).toBe(true)
    expect(g.integers(5, 6)).toBe(5)
  })

  test('chooses by probabilities', () => {
    const g = new NumpyGenerator(1)
    const counts = [0, 0, 0]
    for (let i = 0; i < 30_000; i++) counts[g.choice([0, 1, 2], [0.2, 0, 0.8])]++
    expect(counts[1]).toBe(0)
    expect(Math.abs(counts[0] / 30_000 - 0.2)).toBeLessThan(0.01)
    expect(() => g.choice([0, 1], [0.2, 0.2])).toThrow(/sum to 0.4/)
    expect(() => g.choice([0, 1], [1])).toThrow(/1 probabilities, 2 options/)
  })

  test('goes on from a saved state', () => {
    const g = new NumpyGenerator(3)
    g.integers(10)
    const saved = g.save()
    const next = [g.integers(10), g.random(), g.normal()]
    g.restore(saved)
    expect([g.integers(10), g.random(), g.normal()]).toEqual(next)
    expect(() => g.restore([1])).toThrow(/not the state/)
  })

  test('refuses bad seeds and empty ranges', () => {
    expect(() => new NumpyGenerator(-1)).toThrow(/-1 is not a whole number/)
    expect(() => new NumpyGenerator(0.5)).toThrow(RangeError)
    expect(() => new NumpyGenerator(2 ** 60)).toThrow(/bigint/)
    expect(() => new NumpyGenerator(0).integers(3, 3)).toThrow(/no whole number/)
  })

  test('takes a seed from the system where none is given', () => {
    const [generator, seed] = npRandom()
    expect(new NumpyGenerator(seed).random()).toBe(generator.random())
    expect(npRandom()[1]).not.toBe(seed)
  })
})
