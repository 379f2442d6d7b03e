// Sorting and counting beyond what the cases show: long rows, wide integers, compiled functions, laws.
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import * as x from './index.ts'
import { bincount, histogram, mode, quantile } from './statistics.ts'
import { setNumThreads } from './threads.ts'

afterEach(async () => {
  await setNumThreads(1)
})

const numbers = fc.array(fc.oneof(fc.constantFrom(0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY), fc.float()), {
  maxLength: 80,
})
const above = (a: number, b: number): boolean => a > b || (Number.isNaN(a) && !Number.isNaN(b))

describe('sorting', () => {
  test('puts any numbers in order, equal ones as they stand, and loses none', () => {
    fc.assert(
      fc.property(numbers, fc.boolean(), (values, descending) => {
        x.tidy(() => {
          const given = x.tensor(Float64Array.from(values))
          const { values: sorted, indices } = x.sortWithIndices(given, -1, { descending })
          const [y, at] = [sorted.data(), indices.data()]
          expect([...at].sort((a, b) => a - b)).toEqual([...values.keys()])
          for (let i = 0; i < y.length; i++) {
            expect(y[i]).toBe(values[at[i]])
            if (i === 0) continue
            expect(descending ? above(y[i], y[i - 1]) : above(y[i - 1], y[i])).toBe(false)
            const isEqual = !above(y[i], y[i - 1]) && !above(y[i - 1], y[i])
            if (isEqual) expect(at[i]).toBeGreaterThan(at[i - 1])
          }
        })
      }),
    )
  })

  test('does so for rows longer than a workspace, on any number of threads', async () => {
    const n = 70_000
    const rows = x.tidy(() =>
      x
        .randn([3, n], { generator: new x.Generator(1) })
        .mul(100)
        .round()
        .add(0),
    )
    const want = [0, 1, 2].map((i) => rows.at(i).data().sort())
    for (const threads of [1, 2]) {
      await setNumThreads(threads)
      x.tidy(() => {
        const sorted = x.sort(rows)
        for (const i of want.keys()) expect(sorted.at(i).data()).toEqual(want[i])
        expect(x.topk(rows, 5).values.at(2).toArray()).toEqual([...want[2]].slice(-5).reverse())
        expect(x.median(rows, 1).toArray()).toEqual(want.map((row) => row[(n - 1) >> 1]))
      })
    }
    rows.dispose()
  })

  test('keeps int64 exact beyond 2^53', () => {
    x.tidy(() => {
      const big = 2n ** 53n
      const given = x.tensor(BigInt64Array.from([big + 1n, -big - 3n, big, -1n, -(2n ** 63n), big + 1n]))
      expect([...x.sort(given).data<BigInt64Array>()]).toEqual([-(2n ** 63n), -big - 3n, -1n, big, big + 1n, big + 1n])
      expect(x.argsort(given, -1, { descending: true }).toArray()).toEqual([0, 5, 2, 3, 1, 4])
      expect(x.uniqueAll(given).counts.toArray()).toEqual([1, 1, 1, 1, 2])
      expect(x.cumsum(x.tensor(BigInt64Array.from([big, 1n, 1n]))).data<BigInt64Array>()[2]).toBe(big + 2n)
    })
  })
})

describe('what there is', () => {
  const integers = ['bool', 'uint8', 'int8', 'int16', 'int32', 'int64'] as const

  /** What uniqueAll gives, by a Map. */
  function expected(values: readonly number[]) {
    const places = new Map<number, number[]>()
    for (const [i, v] of values.entries()) places.set(v, [...(places.get(v) ?? []), i])
    const own = [...places.keys()].sort((a, b) => a - b)
    const all = own.map((v) => places.get(v) ?? [])
    return {
      values: own,
      indices: all.map((at) => at[0]),
      inverse: values.map((v) => own.indexOf(v)),
      counts: all.map((at) => at.length),
    }
  }

  // Close together or far apart, a few or many, at either end of what there is.
  const ends = [0, 2 ** 31 - 20, -(2 ** 31)]
  test.each(ends)('of whole numbers is found with and without sorting, from %d on', (low) => {
    const spans = fc.constantFrom(1, 7, 20, 20_000, 2 ** 31 - 1)
    const given = fc.tuple(spans, fc.array(fc.nat(), { maxLength: 60 }))
    fc.assert(
      fc.property(given, ([span, numbers]) => {
        const values = numbers.map((v) => Math.min(low + (v % span), 2 ** 31 - 1))
        const want = expected(values)
        x.tidy(() => {
          const t = x.tensor(values, { dtype: 'int32' })
          const found = Object.entries(x.uniqueAll(t)).map(([name, y]) => [name, (y as x.Tensor).toArray()])
          expect(Object.fromEntries(found)).toEqual(want)
          expect(x.unique(t).toArray()).toEqual(want.values)
          expect(x.unique(t.cast('float64')).toArray()).toEqual(want.values)
        })
      }),
    )
  })

  test.each(integers)('keeps the dtype %s, and takes any layout', (dtype) => {
    x.tidy(() => {
      const t = x.tensor([[1, 0, 1], [0, 1, 1]]).cast(dtype) // biome-ignore format: a matrix
      const { values, indices, inverse, counts } = x.uniqueAll(t.mT)
      expect(values.dtype).toBe(dtype)
      expect(x.unique(t.mT).dtype).toBe(dtype)
      expect(values.cast('int32').toArray()).toEqual([0, 1])
      expect([indices, inverse, counts].map((y) => y.toArray())).toEqual([
        [1, 0],
        [
          [1, 0],
          [0, 1],
          [1, 1],
        ],
        [2, 4],
      ])
    })
  })
})

test('where any numbers belong in sorted ones is what counting says', () => {
  const small = fc.array(fc.oneof(fc.constantFrom(0, -0, 1, Number.NaN, -Infinity), fc.integer({ max: 9, min: -9 })), {
    maxLength: 40,
  })
  for (const dtype of ['float32', 'float64'] as const) {
    fc.assert(
      fc.property(small, small, fc.nat(4), (edges, values, from) => {
        x.tidy(() => {
          const sorted = x.sort(x.tensor(edges, { dtype, shape: [edges.length] }))
          const v = x.tensor(values, { dtype, shape: [values.length] }).at(x.slice(from))
          const [left, right] = (['left', 'right'] as const).map((side) => x.searchsorted(sorted, v, { side }).data())
          for (const [i, value] of values.slice(from).entries()) {
            expect(left[i]).toBe(edges.filter((e) => above(value, e)).length)
            expect(right[i]).toBe(edges.filter((e) => !above(e, value)).length)
          }
        })
      }),
    )
  }
})

test('a histogram counts the largest element, however its edges are rounded', () => {
  // −0.3 + (0.9 − −0.3) and −10³⁰ + (1 − −10³⁰) are below the second number.
  for (const ends of [
    [-0.3, 0.9],
    [-1e30, 1],
  ] as const) {
    // biome-ignore format: pairs
    const t = x.tensor(ends, { dtype: 'float64' })
    for (const range of [undefined, ends]) {
      const { counts, edges } = histogram(t, { bins: 3, range })
      expect(counts.toArray()).toEqual([1, 0, 1])
      expect(edges.at(-1).item()).toBe(ends[1])
    }
  }
})

test('a gradient goes to the one element that is picked, where positions are asked for', () => {
  const ties = x.tensor([2, 3, 3])
  expect(x.maxWithIndices(ties).indices.item()).toBe(1)
  expect(x.minWithIndices(x.tensor([3, 2, 2])).indices.item()).toBe(1)
})

test('sums of a million float32 keep their digits', () => {
  x.tidy(() => {
    const y = x.cumsum(x.full([1_000_000], 0.1))
    expect(y.at(-1).item()).toBeCloseTo(1_000_000 * Math.fround(0.1), 1)
  })
})

describe('compile', () => {
  const refused: Record<string, (t: x.Tensor) => unknown> = {
    unique: (t) => x.unique(t),
    uniqueAll: (t) => x.uniqueAll(t).counts,
    nonzero: (t) => x.nonzero(t),
    flatnonzero: (t) => x.flatnonzero(t),
    argwhere: (t) => x.argwhere(t),
    maskedSelect: (t) => x.maskedSelect(t, t.gt(0)),
    bincount: (t) => bincount(t.cast('int32')),
  }
  test.each(Object.entries(refused))('%s says that it reads values', (name, f) => {
    const compiled = x.compile((t: x.Tensor) => f(t))
    expect(() => compiled(x.ones([3]))).toThrow(`${name}: values cannot be read inside a compiled function`)
  })

  test('everything else replays', () => {
    const functions: Record<string, (t: x.Tensor) => x.Tensor> = {
      sort: (t) => x.sort(t),
      long: (t) => x.argsort(t.expand([10_000, 7]).reshape([-1])).at(x.slice(0, 10)),
      topk: (t) => x.topk(t, 3).values,
      mode: (t) => mode(t).values,
      quantile: (t) => quantile(t, [0.2, 0.7]),
      logcumsumexp: (t) => x.logcumsumexp(t),
      maskedScatter: (t) => x.maskedScatter(t, t.gt(0), t.neg()),
      histogram: (t) => histogram(t, { bins: 3 }).counts,
      isin: (t) => x.isin(t, t.add(1)),
    }
    x.tidy(() => {
      const inputs = [0, 1, 2].map((i) =>
        x
          .randn([7], { generator: new x.Generator(i) })
          .mul(3)
          .round(),
      )
      for (const [name, f] of Object.entries(functions)) {
        const compiled = x.compile(f)
        for (const t of inputs) expect(compiled(t).toArray(), name).toEqual(f(t).toArray())
        compiled.dispose()
      }
    })
  })

  test('maskedScatter: x and mask broadcast', () => {
    const filled = (shape: number[], mask: boolean[] | boolean[][]) =>
      x.maskedScatter(x.zeros(shape), x.tensor(mask), x.tensor([1, 2, 3, 4])).toArray()
    expect(filled([2], [[true, false], [true, true]])).toEqual([[1, 0], [2, 3]]) // biome-ignore format: rows
    expect(filled([2, 1], [[true, false]])).toEqual([[1, 0], [2, 0]]) // biome-ignore format: rows
    expect(filled([2, 1], [false])).toEqual([[0], [0]])
    expect(() => filled([3], [true, false])).toThrow(x.ShapeError)
  })

  test('a replay checks values again', () => {
    const fill = x.compile((t: x.Tensor) => x.maskedScatter(t, t.gt(0), x.ones([2])))
    expect(fill(x.tensor([1, 1, -1])).toArray()).toEqual([1, 1, -1])
    expect(() => fill(x.tensor([1, 1, 1]))).toThrow('source has 2 elements for 3 places')
    fill.dispose()
  })
})
