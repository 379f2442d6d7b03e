// Distributions against their distribution functions (Kolmogorov and Smirnov) and probabilities (chi-square), with fixed
// seeds; the same numbers on both backends and with any number of threads; streams, replays, misuse.
import { afterAll, describe, expect, test } from 'vitest'
import { arange, compile, DTypeError, memoryStats, ShapeError, type Tensor, tensor, tidy } from '../index.ts'
import { js } from '../js/index.ts'
import { listen } from '../record.ts'
import { assertNoLeak, assertSame, withBackend } from '../testing.ts'
import { setNumThreads } from '../threads.ts'
import * as random from './index.ts'

const { Generator } = random
const N = 20_000
const g = (seed = 1): random.Generator => new Generator(seed)
const numbers = (x: Tensor): number[] => Array.from(x.data(), Number)

/** √n times the largest distance from the distribution function: above 1.95 once in a thousand times. */
function distance(x: Tensor, cdf: (v: number) => number): number {
  const sorted = numbers(x).sort((a, b) => a - b)
  const n = sorted.length
  let most = 0
  for (const [i, v] of sorted.entries()) most = Math.max(most, (i + 1) / n - cdf(v), cdf(v) - i / n)
  return most * Math.sqrt(n)
}

/** (χ² − degrees) in its standard deviations; counts expected fewer than 8 times are put together. */
function excess(counts: readonly number[], probabilities: readonly number[]): number {
  const n = counts.reduce((a, b) => a + b, 0)
  let [chi, bins, seen, due] = [0, 0, 0, 0]
  for (const [i, p] of probabilities.entries()) {
    seen += counts[i] ?? 0
    due += n * p
    if (due < 8 && i < probabilities.length - 1) continue
    chi += (seen - due) ** 2 / Math.max(due, 1)
    bins++
    seen = due = 0
  }
  return (chi - (bins - 1)) / Math.sqrt(2 * Math.max(bins - 1, 1))
}
const tally = (x: Tensor, bins: number): number[] => {
  const counts = new Array<number>(bins).fill(0)
  for (const v of numbers(x)) counts[Math.min(v, bins - 1)]++
  return counts
}

/** erf to 1e-7: Abramowitz and Stegun 7.1.26 refined by its own series is not needed at this n. */
const phi = (x: number): number => {
  const t = 1 / (1 + 0.2316419 * Math.abs(x))
  const tail =
    (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return x > 0 ? 1 - tail : tail
}
/** ∫ of the density over [a, x] by the midpoint rule, as a share of that over [a, b]. */
const share = (density: (x: number) => number, a: number, b: number): ((x: number) => number) => {
  const cells = 4000
  const sums = [0]
  for (let i = 0; i < cells; i++) sums.push(sums[i] + density(a + ((b - a) * (i + 0.5)) / cells))
  return (x) => {
    const at = Math.min(Math.max(((x - a) / (b - a)) * cells, 0), cells - 1e-9)
    const i = Math.floor(at)
    return (sums[i] + (at - i) * (sums[i + 1] - sums[i])) / sums[cells]
  }
}
const normalWithin = (a: number, b: number): ((x: number) => number) =>
  share((x) => Math.exp((a * a - x * x) / 2), a, b)
const erlang =
  (k: number) =>
  (x: number): number => {
    let [term, sum] = [1, 1]
    for (let i = 1; i < k; i++) sum += term *= x / i
    return 1 - Math.exp(-x) * sum
  }

const dtype = 'float64'
const continuous: readonly [string, (generator: random.Generator) => Tensor, (x: number) => number][] = [
  ['exponential', (generator) => random.exponential([N], { rate: 2, generator }), (x) => 1 - Math.exp(-2 * x)],
  [
    'laplace',
    (generator) => random.laplace([N], { loc: 1, scale: 2, generator }),
    (x) => (x < 1 ? 0.5 * Math.exp((x - 1) / 2) : 1 - 0.5 * Math.exp((1 - x) / 2)),
  ],
  ['gumbel', (generator) => random.gumbel([N], { generator }), (x) => Math.exp(-Math.exp(-x))],
  ['cauchy', (generator) => random.cauchy([N], { generator }), (x) => 0.5 + Math.atan(x) / Math.PI],
  [
    'logNormal',
    (generator) => random.logNormal([N], { mean: 1, std: 0.5, generator }),
    (x) => phi((Math.log(x) - 1) / 0.5),
  ],
  ['truncatedNormal', (generator) => random.truncatedNormal([N], { generator }), normalWithin(-2, 2)],
  [
    'one side',
    (generator) => random.truncatedNormal([N], { low: -0.5, high: Infinity, generator }),
    normalWithin(-0.5, 8),
  ],
  ['narrow', (generator) => random.truncatedNormal([N], { low: -0.3, high: 1, generator }), normalWithin(-0.3, 1)],
  [
    'tail',
    (generator) => random.truncatedNormal([N], { low: 5, high: Infinity, dtype, generator }),
    normalWithin(5, 8),
  ],
  ['tail cut', (generator) => random.truncatedNormal([N], { low: 3, high: 3.2, generator }), normalWithin(3, 3.2)],
  [
    'left tail',
    (generator) => random.truncatedNormal([N], { low: -9, high: -3, dtype, generator }).neg(),
    normalWithin(3, 9),
  ],
  [
    'scaled',
    (generator) => random.truncatedNormal([N], { mean: 10, std: 4, low: 8, high: 20, generator }).sub(10).div(4),
    normalWithin(-0.5, 2.5),
  ],
  [
    'gamma ½',
    (generator) => random.gamma([N], { concentration: 0.5, dtype, generator }),
    (x) => 2 * phi(Math.sqrt(2 * x)) - 1,
  ],
  ['gamma 1', (generator) => random.gamma([N], { concentration: 1, generator }), erlang(1)],
  ['gamma 4', (generator) => random.gamma([N], { concentration: 4, rate: 3, generator }).mul(3), erlang(4)],
  [
    'gamma 10⁶',
    (generator) => random.gamma([N], { concentration: 1e6, dtype, generator }).sub(1e6).div(1e3),
    (x) => phi(x) - ((x * x - 1) * Math.exp((-x * x) / 2)) / (3e3 * Math.sqrt(2 * Math.PI)),
  ],
  [
    'beta ½ ½',
    (generator) => random.beta([N], { a: 0.5, b: 0.5, dtype, generator }),
    (x) => (2 / Math.PI) * Math.asin(Math.sqrt(x)),
  ],
  ['beta 3 1', (generator) => random.beta([N], { a: 3, b: 1, generator }), (x) => x ** 3],
  ['beta 2 3', (generator) => random.beta([N], { a: 2, b: 3, generator }), (x) => 6 * x ** 2 - 8 * x ** 3 + 3 * x ** 4],
  [
    'dirichlet',
    (generator) => random.dirichlet([N, 3], { concentration: tensor([1, 1, 1]), generator }).at('...', 1),
    (x) => 1 - (1 - x) ** 2,
  ],
]

describe.each(continuous)('%s', (_, draw, cdf) => {
  test('has its distribution', () => {
    expect(distance(draw(g()), cdf)).toBeLessThan(1.95)
    expect(distance(draw(g(2)), cdf)).toBeLessThan(1.95)
  })
  test('is the same on both backends', () => {
    const wasm = numbers(draw(g(3)))
    const twin = numbers(withBackend([js], () => draw(g(3))))
    const far = wasm.filter((x, i) => !(Math.abs(x - twin[i]) <= 1e-6 * Math.abs(x) + 1e-7))
    expect(far).toEqual([])
  })
  test('leaves nothing behind', () => {
    const generator = g()
    assertNoLeak('draw', () => void draw(generator))
  })
})

const poissonAt = (m: number, most: number): number[] => {
  const p = [Math.exp(-m)]
  for (let k = 1; k < most; k++) p.push((p[k - 1] * m) / k)
  return p
}
const binomialAt = (n: number, p: number): number[] => {
  const all = [n * Math.log1p(-p)]
  for (let k = 1; k <= n; k++) all.push(all[k - 1] + Math.log(((n - k + 1) / k) * (p / (1 - p))))
  return all.map(Math.exp)
}
const rest = (p: number[]): number[] => [...p, Math.max(0, 1 - p.reduce((a, b) => a + b, 0))]
const sixth = new Array<number>(6).fill(1 / 6)

type Row = readonly [string, (generator: random.Generator) => Tensor, readonly number[]]

const discrete: readonly Row[] = [
  ['integers', (generator) => random.integers(0, 6, [N], { generator }), sixth],
  [
    'int64',
    (generator) =>
      random
        .integers(-(2n ** 62n), 2n ** 63n - 2n ** 62n, [N], { generator, dtype: 'int64' })
        .div(2 ** 61)
        .add(2)
        .floor(),
    [0.25, 0.25, 0.25, 0.25],
  ],
  ['bernoulli', (generator) => random.bernoulli([N], { p: 0.3, generator }), [0.7, 0.3]],
  [
    'geometric',
    (generator) => random.geometric([N], { p: 0.4, generator }),
    rest([0, ...Array.from({ length: 15 }, (_, k) => 0.4 * 0.6 ** k)]),
  ],
  ...[0.5, 3, 9.99, 10, 11, 30, 200].map(
    (rate): Row => [
      `poisson ${rate}`,
      (generator) => random.poisson([N], { rate, generator }),
      rest(poissonAt(rate, 300)),
    ],
  ),
  ...(
    [
      [5, 0.3],
      [40, 0.25],
      [40, 0.26],
      [100, 0.5],
      [300, 0.9],
      [3, 1],
    ] as const
  ).map(
    ([n, p]): Row => [
      `binomial ${n} ${p}`,
      (generator) => random.binomial([N], { n, p, generator }),
      p === 1 ? [0, 0, 0, 1] : binomialAt(n, p),
    ],
  ),
  [
    'categorical',
    (generator) =>
      random.categorical(
        tensor([0, 1, -Infinity, 3])
          .div(10)
          .mul(Math.LN2 * 10),
        { count: N, generator },
      ),
    [1 / 11, 2 / 11, 0, 8 / 11],
  ],
  [
    'weights',
    (generator) => random.categorical(tensor([1, 0, 3]), { probabilities: true, count: N, generator }),
    [0.25, 0, 0.75],
  ],
  [
    'multinomial',
    (generator) => random.multinomial(tensor([0, 2, 3, 5]), N, { replacement: true, generator }),
    [0, 0.2, 0.3, 0.5],
  ],
  [
    'without replacement',
    // First and second pick as one number: p(i) p(j) / (1 − p(i)).
    (generator) =>
      random
        .multinomial(tensor([1, 2, 5]).div(8).expand([N, 3]), 2, { generator })
        .mul(tensor([3, 1], { dtype: 'int32' }))
        .sum(-1),
    [0, 1, 2, 3, 4, 5, 6, 7, 8].map((c) => {
      const [p, i, j] = [[1 / 8, 2 / 8, 5 / 8], Math.floor(c / 3), c % 3]
      return i === j ? 0 : (p[i] * p[j]) / (1 - p[i])
    }),
  ],
  ['choice', (generator) => random.choice(6, [N], { generator }), sixth],
  [
    'choice by weight',
    (generator) => random.choice(tensor([0, 1, 2]), [100, N / 100], { p: tensor([1, 2, 1]), generator }),
    [0.25, 0.5, 0.25],
  ],
]

describe.each(discrete)('%s', (_, draw, probabilities) => {
  test('has its probabilities', () => {
    for (const seed of [1, 2]) expect(excess(tally(draw(g(seed)), probabilities.length), probabilities)).toBeLessThan(4)
  })
  test('is the same on both backends', () => {
    expect(numbers(draw(g(3)))).toEqual(numbers(withBackend([js], () => draw(g(3)))))
  })
  test('leaves nothing behind', () => {
    const generator = g()
    assertNoLeak('draw', () => void draw(generator))
  })
})

test('orders are all as likely', () => {
  const generator = g()
  const counts = new Map<string, number>()
  for (let i = 0; i < 4800; i++) {
    const order = random.permutation(4, { generator }).toArray().toString()
    counts.set(order, (counts.get(order) ?? 0) + 1)
  }
  expect(counts.size).toBe(24)
  expect(excess([...counts.values()], new Array(24).fill(1 / 24))).toBeLessThan(4)
  expect(numbers(random.permutation(1000, { generator })).sort((a, b) => a - b)).toEqual(numbers(arange(1000)))
  const some = numbers(random.choice(50, [5, 9], { replace: false, generator }))
  expect(new Set(some).size).toBe(45)
  const rows = random
    .permutation(
      tensor([
        [1, 10],
        [2, 20],
        [3, 30],
      ]),
      { generator },
    )
    .toArray() as number[][]
  expect(rows.map(([a, b]) => [b, a * 10])).toEqual(rows.map(([, b]) => [b, b]))
  expect(random.permutation(tensor([[1, 2, 3]]), { axis: 1, generator }).shape).toEqual([1, 3])
})

test('large rates and counts keep mean and deviation', () => {
  for (const rate of [1e4, 1e9, 1e15]) {
    const z = random.poisson([N], { rate, dtype: 'float64', generator: g() }).sub(rate).div(Math.sqrt(rate))
    expect(Math.abs(z.mean().item())).toBeLessThan(0.03)
    expect(Math.abs(z.std().item() - 1)).toBeLessThan(0.03)
    expect(distance(z, phi)).toBeLessThan(2.6)
  }
  const z = random.binomial([N], { n: 1e12, p: 0.3, dtype: 'float64', generator: g() }).sub(3e11).div(Math.sqrt(2.1e11))
  expect(distance(z, phi)).toBeLessThan(1.95)
})

test('parameters broadcast, each element with its own', () => {
  const rate = tensor([[0.1], [20], [500]])
  const mean = random.poisson([3, N], { rate, generator: g() }).cast('float64').mean(1)
  for (const [i, m] of [0.1, 20, 500].entries())
    expect(Math.abs(mean.at(i).item() - m)).toBeLessThan(6 * Math.sqrt(m / N))
  expect(random.gamma(null, { concentration: tensor([1, 2]), rate: tensor([[1], [2], [3]]) }).shape).toEqual([3, 2])
  expect(random.exponential(null, { rate: 3 }).shape).toEqual([])
  expect(
    random.categorical(
      tensor([
        [
          [0, 9],
          [9, 0],
        ],
      ]),
      { axis: 1 },
    ).shape,
  ).toEqual([1, 2])
  expect(
    random.categorical(
      tensor([
        [0, 9],
        [9, 0],
      ]),
      { count: 5, axis: 0 },
    ).shape,
  ).toEqual([5, 2])
  const bounds = random.truncatedNormal([N, 2], { low: tensor([-1, 4]), high: tensor([0, 4.5]), generator: g() })
  expect(numbers(bounds.min(0))).toEqual([expect.closeTo(-1, 2), expect.closeTo(4, 2)])
  expect(numbers(bounds.max(0))).toEqual([expect.closeTo(0, 2), expect.closeTo(4.5, 1)])
  expect(
    random
      .uniform([2, 3], { low: tensor([0, 10, 20]), high: tensor([1, 11, 21]) })
      .floor()
      .at(0)
      .toArray(),
  ).toEqual([0, 10, 20])
  expect(
    random
      .normal([N], { mean: tensor(5), std: tensor(0.1), generator: g() })
      .mean()
      .item(),
  ).toBeCloseTo(5, 2)
  expect(() => random.uniform([2], { low: tensor([0, 1, 2]) })).toThrow(ShapeError)
})

test('every dtype of whole numbers, to its ends', () => {
  const draw = (low: number | bigint, high: number | bigint, dtype: 'int8' | 'uint8' | 'int16' | 'int32' | 'int64') =>
    random.integers(low, high, [4000], { dtype, generator: g() })
  expect([draw(-128, 128, 'int8').min().item(), draw(-128, 128, 'int8').max().item()]).toEqual([-128, 127])
  expect([draw(0, 256, 'uint8').min().item(), draw(0, 256, 'uint8').max().item()]).toEqual([0, 255])
  expect(draw(-32768, 32768, 'int16').dtype).toBe('int16')
  const all = numbers(draw(-(2 ** 31), 2 ** 31, 'int32'))
  expect(Math.min(...all)).toBeLessThan(-2e9)
  expect(Math.max(...all)).toBeGreaterThan(2e9)
  const wide = draw(-(2n ** 63n), 2n ** 63n, 'int64').data<BigInt64Array>()
  expect(wide.some((v) => v < -(2n ** 62n)) && wide.some((v) => v > 2n ** 62n)).toBe(true)
  // A span that a plain remainder would favour the lower half of: three quarters of 2⁶⁴, and of 2³².
  for (const span of [3n * 2n ** 62n, 3n * 2n ** 30n]) {
    const third = draw(0n, span > 2n ** 63n ? 2n ** 63n - 1n : span, 'int64').data<BigInt64Array>()
    const low = draw(-(span / 2n), span - span / 2n, 'int64').data<BigInt64Array>()
    expect(third.length).toBe(low.length)
    const below = Array.from(low).filter((v) => v < -(span / 2n) + span / 3n).length / low.length
    expect(Math.abs(below - 1 / 3)).toBeLessThan(0.03)
  }
})

test('compiled functions advance the stream, and check parameters again', () => {
  const generator = g()
  const f = compile((rate: Tensor) => ({
    a: random.poisson(null, { rate, generator }),
    b: random.multinomial(rate, 2, { generator }),
    c: random.permutation(5, { generator }),
    d: random.truncatedNormal([2], { generator }),
  }))
  const rate = tensor([1, 20, 5])
  const replayed = [0, 1, 2].map(() => Object.values(f(rate)).map(numbers))
  const eager = g()
  const wanted = [0, 1, 2].map(() =>
    [
      random.poisson(null, { rate, generator: eager }),
      random.multinomial(rate, 2, { generator: eager }),
      random.permutation(5, { generator: eager }),
      random.truncatedNormal([2], { generator: eager }),
    ].map(numbers),
  )
  expect(replayed).toEqual(wanted)
  expect(() => f(tensor([1, -1, 2]))).toThrow('poisson: rate is -1 at flat position 1')
  f.dispose()
})

test('gradients flow to locations and scales: ops that take them are heard', () => {
  const [loc, scale] = [tensor([0, 1]), tensor(2)]
  const heard = new Set<Tensor>()
  const listener = ({ inputs }: { inputs: readonly Tensor[] }): void => inputs.forEach((x) => void heard.add(x))
  for (const draw of [
    () => random.laplace(null, { loc, scale }),
    () => random.logNormal(null, { mean: loc, std: scale }),
    () => random.normal([2], { mean: loc, std: scale }),
    () => random.truncatedNormal([2], { mean: loc, std: scale, low: -9, high: 9 }),
  ]) {
    heard.clear()
    expect(listen(listener, draw).shape).toEqual([2])
    expect([heard.has(loc), heard.has(scale)]).toEqual([true, true])
  }
})

test('forks depend on seed and index alone, and differ', () => {
  const first = (generator: random.Generator): number[] => numbers(random.rand([3], { generator }))
  const moved = g(5)
  random.rand([100], { generator: moved })
  expect(first(moved.fork(3))).toEqual(first(g(5).fork(3)))
  const streams = [0, 1, 2 ** 40].map((i) => first(g(5).fork(i)).toString())
  expect(new Set([...streams, first(g(5)).toString(), first(g(6).fork(0)).toString()]).size).toBe(5)
  expect(() => g().fork(-1)).toThrow(RangeError)
  const saved = moved.save()
  const next = first(moved)
  moved.restore(saved)
  expect(first(moved)).toEqual(next)
  for (const broken of [[1, 2, 3], [1, 2, 3, -4], [1, 2, 3, 0.5], 'abcd']) {
    expect(() => moved.restore(broken as number[])).toThrow('not the state of a generator')
  }
})

test('the same bits with two threads', async ({ skip }) => {
  if ((await setNumThreads(2)) < 2) skip('threads do not run here')
  const draws: (() => Tensor)[] = [
    () => random.gamma([30_000], { concentration: 0.7, generator: g() }),
    () => random.poisson([30_000], { rate: 40, generator: g() }),
    () => random.integers(0, 1000, [100_000], { generator: g() }),
    () => random.integers(0n, 3n * 2n ** 61n, [100_000], { generator: g(), dtype: 'int64' }),
    () => random.categorical(arange(100), { count: 50_000, generator: g() }),
    () => random.truncatedNormal([30_000], { generator: g() }),
  ]
  const many = draws.map((draw) => draw())
  await setNumThreads(1)
  for (const [i, draw] of draws.entries()) assertSame(`draw ${i}`, many[i], draw())
})
afterAll(async () => void (await setNumThreads(1)))

test.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
  [
    'an unknown option',
    () => random.gamma([2], { alpha: 1 } as never),
    RangeError,
    "gamma: there is no option 'alpha'",
  ],
  ['a negative rate', () => random.poisson([2], { rate: -1 }), RangeError, 'poisson: rate is -1'],
  ['NaN', () => random.gamma([2], { concentration: Number.NaN }), RangeError, 'concentration is NaN'],
  [
    'one bad among many',
    () => random.exponential(null, { rate: tensor([1, 0]) }),
    RangeError,
    'rate is 0 at flat position 1; it must be above 0',
  ],
  ['crossed bounds', () => random.truncatedNormal([2], { low: 1, high: 1 }), RangeError, 'high − low is 0'],
  [
    'a probability',
    () => random.bernoulli([2], { p: 1.5 }),
    RangeError,
    'p is 1.5; it must be at least 0 and at most 1',
  ],
  ['a broken n', () => random.binomial([2], { n: 2.5, p: 0.5 }), RangeError, 'fraction of n is 0.5'],
  ['a rate beyond int32', () => random.poisson([2], { rate: 1e12 }), RangeError, 'rate is 1000000000000'],
  ['a dtype', () => random.gamma([2], { dtype: 'int32' }), DTypeError, 'int32 has no fractions'],
  ['a dtype of counts', () => random.poisson([2], { dtype: 'uint8' }), DTypeError, 'counts do not come in uint8'],
  [
    'floats as integers',
    () => random.integers(0, 2, [2], { dtype: 'float32' }),
    DTypeError,
    'no dtype of whole numbers',
  ],
  ['an empty range', () => random.integers(3, 3, [2]), RangeError, 'nothing from 3 to before 3'],
  ['a range beyond', () => random.integers(0, 300, [2], { dtype: 'uint8' }), RangeError, 'does not fit uint8'],
  ['a fraction', () => random.integers(0, 2.5, [2]), RangeError, '2.5 is not a whole number'],
  [
    'weights of 0',
    () =>
      random.categorical(
        tensor([
          [1, 2],
          [0, 0],
        ]),
        { probabilities: true },
      ),
    RangeError,
    'row 1 has a weight',
  ],
  ['weights below 0', () => random.multinomial(tensor([1, -1]), 1), RangeError, 'a weight is -1'],
  ['too many picks', () => random.multinomial(tensor([1, 1]), 3), RangeError, '3 cannot be drawn from 2'],
  ['too few weights', () => random.multinomial(tensor([1, 0, 0]), 2), RangeError, 'fewer than 2 weights above 0'],
  ['nothing to pick', () => random.categorical(tensor([])), ShapeError, 'nothing to pick'],
  ['too many choices', () => random.choice(3, [4], { replace: false }), RangeError, '4 cannot be drawn from 3'],
  [
    'weights of another length',
    () => random.choice(3, [1], { p: tensor([1]) }),
    ShapeError,
    'not one weight for each of 3',
  ],
  ['no length', () => random.permutation(-1), RangeError, 'neither a tensor nor a whole number'],
  ['shapes', () => random.gamma([2], { rate: tensor([1, 2, 3]) }), ShapeError, ''],
  ['no parameter', () => random.gamma([2], { rate: 'x' as never }), TypeError, 'gamma: rate is a string'],
  ['bounds of uniform', () => random.uniform([2], { low: 1, high: 0 }), RangeError, 'uniform: 1 to 0'],
  ['a negative std', () => random.normal([2], { std: -1 }), RangeError, 'std -1'],
])('%s is an error', (_, run, kind, text) => {
  const before = tidy(() => memoryStats().storages)
  expect(() => tidy(run as () => void)).toThrow(kind)
  expect(() => tidy(run as () => void)).toThrow(text)
  expect(memoryStats().storages - before).toBeLessThan(4)
})
