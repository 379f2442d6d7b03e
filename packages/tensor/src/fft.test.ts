// The transforms against their definition and what is known of them.
import fc from 'fast-check'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import * as F from './fft.ts'
import { compile, Generator, memoryStats, setBackend, type Tensor, tensor, tidy } from './index.ts'
import { js } from './js/index.ts'
import { setNumThreads, threadsStatus } from './threads.ts'

const noise = (count: number, seed: number): Float64Array => {
  const generator = new Generator(seed)
  const words = generator.words(Math.max(1, count))
  generator.dispose()
  return Float64Array.from(words, (w) => (w / 2 ** 32) * 2 - 1).slice(0, count)
}
const random = (shape: number[], seed = 1, dtype: 'float32' | 'float64' = 'float64'): Tensor =>
  tensor(
    noise(
      shape.reduce((n, d) => n * d, 1),
      seed,
    ),
    { shape, dtype },
  )

/** Σ x[j] e^(±2πi jk/n) of pairs, with angles reduced exactly. */
function definition(x: ArrayLike<number>, sign: 1 | -1): number[] {
  const n = x.length / 2
  const roots = Array.from({ length: n }, (_, t) => [Math.cos((2 * Math.PI * t) / n), Math.sin((2 * Math.PI * t) / n)])
  const y: number[] = []
  for (let k = 0; k < n; k++) {
    let [re, im] = [0, 0]
    for (let j = 0; j < n; j++) {
      const [c, s] = roots[(j * k) % n]
      re += x[2 * j] * c - sign * x[2 * j + 1] * s
      im += x[2 * j + 1] * c + sign * x[2 * j] * s
    }
    y.push(re, im)
  }
  return y
}

/** The largest difference beside the largest of `want`. */
function error(got: Tensor, want: ArrayLike<number>): number {
  const values = got.data()
  expect(values.length).toBe(want.length)
  let [difference, top] = [0, 1e-300]
  for (let i = 0; i < want.length; i++) {
    difference = Math.max(difference, Math.abs(Number(values[i]) - want[i]))
    top = Math.max(top, Math.abs(want[i]))
  }
  return difference / top
}

afterEach(() => setBackend('wasm'))
afterAll(() => setNumThreads(1))

describe.each(['wasm', 'js'] as const)('on %s', (backend) => {
  const on = (fn: () => void): void => {
    setBackend(backend === 'js' ? js : 'wasm')
    tidy(fn)
  }

  test('every length up to 70, and some longer ones', () =>
    on(() => {
      for (const n of [...Array.from({ length: 70 }, (_, i) => i + 1), 128, 243, 251, 360, 625, 1009, 1024]) {
        for (const [dtype, limit] of [
          ['float64', 4e-15],
          ['float32', 1.5e-7],
        ] as const) {
          const z = random([n, 2], n, dtype)
          const x = z.data()
          const want = definition(x as Float64Array, -1)
          expect(error(F.fft(z), want), `fft ${n} ${dtype}`).toBeLessThan(limit)
          const back = definition(x as Float64Array, 1).map((v) => v / n)
          expect(error(F.ifft(z), back), `ifft ${n} ${dtype}`).toBeLessThan(limit)
          const half = Math.floor(n / 2) + 1
          const real = F.real(z).contiguous()
          const spectrum = definition(Array.from(real.data(), (v) => [Number(v), 0]).flat(), -1)
          expect(error(F.rfft(real), spectrum.slice(0, 2 * half)), `rfft ${n} ${dtype}`).toBeLessThan(limit)
          expect(error(F.irfft(F.rfft(real), { n }), Array.from(real.data(), Number)), `irfft ${n}`).toBeLessThan(
            2 * limit,
          )
          expect(error(F.hfft(F.ihfft(real), { n }), Array.from(real.data(), Number)), `hfft ${n}`).toBeLessThan(
            2 * limit,
          )
        }
      }
    }))

  test('Parseval, shift and convolution', () =>
    on(() => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(1000), (n, seed) => {
          const [x, y] = [random([n, 2], seed), random([n, 2], seed + 1)]
          const [X, Y] = [F.fft(x), F.fft(y)]
          const energy = x.square().sum().item()
          expect(Math.abs(X.square().sum().item() / n - energy)).toBeLessThan(1e-13 * energy)
          expect(F.fft(x, { norm: 'ortho' }).square().sum().item()).toBeCloseTo(energy, 9)

          const by = seed % n
          const shifted = F.fft(
            random([n, 2], seed).take(tensor(Int32Array.from({ length: n }, (_, i) => (i + by) % n))),
          )
          const phases = tensor(
            Float64Array.from({ length: 2 * n }, (_, i) => {
              const angle = (2 * Math.PI * (((i >> 1) * by) % n)) / n
              return i % 2 === 0 ? Math.cos(angle) : Math.sin(angle)
            }),
            { shape: [n, 2] },
          )
          expect(error(shifted, F.complexMul(X, phases).data() as Float64Array)).toBeLessThan(1e-13)

          const [a, b] = [x.data(), y.data()]
          const circular: number[] = []
          for (let k = 0; k < n; k++) {
            let [re, im] = [0, 0]
            for (let j = 0; j < n; j++) {
              const [p, q] = [2 * j, 2 * ((k - j + n) % n)]
              re += Number(a[p]) * Number(b[q]) - Number(a[p + 1]) * Number(b[q + 1])
              im += Number(a[p]) * Number(b[q + 1]) + Number(a[p + 1]) * Number(b[q])
            }
            circular.push(re, im)
          }
          expect(error(F.ifft(F.complexMul(X, Y)), circular)).toBeLessThan(1e-13)
        }),
        { numRuns: 20 },
      )
    }))

  test('several axes are one after the other', () =>
    on(() => {
      const z = random([3, 4, 5, 2])
      const each = [0, 1, 2].reduce((y, axis) => F.fft(y, { axis }), z)
      expect(error(F.fftn(z), each.data() as Float64Array)).toBeLessThan(1e-14)
      expect(error(F.ifftn(F.fftn(z)), z.data() as Float64Array)).toBeLessThan(1e-14)
      const x = random([3, 4, 5])
      expect(error(F.irfftn(F.rfftn(x), { s: [3, 4, 5] }), x.data() as Float64Array)).toBeLessThan(1e-14)
      expect(error(F.irfft2(F.rfft2(x), { s: [4, 5] }), x.data() as Float64Array)).toBeLessThan(1e-14)
      expect(
        error(F.ifft2(F.fft2(z, { norm: 'forward' }), { norm: 'forward' }), z.data() as Float64Array),
      ).toBeLessThan(1e-14)
      expect(F.rfft2(x, { s: [2, 8] }).shape).toEqual([3, 2, 5, 2])
      expect(F.rfftn(x, { axes: [2, 0] }).shape).toEqual([2, 4, 5, 2])
    }))
})

test('long transforms, which need memory of their own', () => {
  for (const n of [40_000, 65_536, 32_771]) {
    tidy(() => {
      const x = random([3, n, 2], n)
      const energy = x.square().sum().item()
      expect(Math.abs(F.fft(x, { norm: 'ortho' }).square().sum().item() - energy)).toBeLessThan(1e-12 * energy)
      expect(error(F.ifft(F.fft(x)), x.data() as Float64Array)).toBeLessThan(1e-14)
    })
  }
})

test('rows do not touch each other: NaN stays where it is', () => {
  const x = random([3, 8])
  const y = F.rfft(x.add(tensor(new Float64Array([0, Number.NaN, 0]), { shape: [3, 1] })))
  expect(y.at(1).data().every(Number.isNaN)).toBe(true)
  expect(y.at(0).toArray()).toEqual(F.rfft(x).at(0).toArray())
})

test('frequencies and shifts', () => {
  expect(F.fftfreq(5, { d: 0.1, dtype: 'float64' }).toArray()).toEqual([0, 2, 4, -4, -2])
  expect(F.fftfreq(4).toArray()).toEqual([0, 0.25, -0.5, -0.25])
  expect(F.rfftfreq(5, { d: 0.1, dtype: 'float64' }).toArray()).toEqual([0, 2, 4])
  const x = random([5, 4])
  expect(F.ifftshift(F.fftshift(x)).toArray()).toEqual(x.toArray())
  expect(F.fftshift(tensor([0, 1, 2, 3, 4])).toArray()).toEqual([3, 4, 0, 1, 2])
  const z = random([5, 2])
  expect(F.real(F.fftshift(z)).toArray()).toEqual(F.fftshift(F.real(z)).toArray())
  expect(F.fftshift(z, { complex: false, axes: 1 }).toArray()).toEqual(F.complex(F.imag(z), F.real(z)).toArray())
})

test('complex numbers as pairs', () => {
  const z = tensor([
    [3, 4],
    [0, -2],
  ])
  expect(F.complexAbs(z).toArray()).toEqual([5, 2])
  expect(F.angle(z).at(1).item()).toBeCloseTo(-Math.PI / 2, 6)
  expect(F.conj(z).toArray()).toEqual([
    [3, -4],
    [0, 2],
  ])
  expect(F.complexMul(z, F.conj(z)).toArray()).toEqual([
    [25, 0],
    [4, 0],
  ])
  expect(F.complex(tensor([1, 2], { dtype: 'int32' }), 1).toArray()).toEqual([
    [1, 1],
    [2, 1],
  ])
  expect(F.complexAbs(tensor([1e30, 1e30])).item()).toBeCloseTo(Math.SQRT2 * 1e30, -24)
})

test('compiled functions replay transforms, those of new lengths too', () => {
  for (const n of [37, 41, 96]) {
    const f = compile((x: Tensor) => F.fft(x))
    const [a, b] = [random([n, 2], 1), random([n, 2], 2)]
    f(a).dispose()
    expect(f(b).toArray()).toEqual(F.fft(b).toArray())
    f.dispose()
  }
})

test('plans are kept once', () => {
  const once = (): void => tidy(() => void F.fft(random([77, 2])))
  once()
  const before = memoryStats().storages
  once()
  expect(memoryStats().storages).toBe(before)
})

test('long ones give the same with threads', async ({ skip }) => {
  if ((await setNumThreads(2)) < 2) skip(`threads do not run here: ${threadsStatus().reason}`)
  const x = random([5, 40_000, 2])
  const many = F.fft(x).data()
  await setNumThreads(1)
  expect(F.fft(x).data()).toEqual(many)
})
