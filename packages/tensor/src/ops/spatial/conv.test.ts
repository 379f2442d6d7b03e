// What the cases of convolution do not show: gradients of many channels, accuracy, windows larger than any workspace.
import { afterEach, describe, expect, test } from 'vitest'
import { conv2d, convGeometry, convInput, convWeight } from '../../conv.ts'
import { deterministic, manualSeed, randn, type Tensor, tensor, tidy, zeros } from '../../index.ts'
import { js } from '../../js/index.ts'
import { assertClose, withBackend } from '../../testing.ts'

afterEach(() => deterministic(false))

/** The largest difference to the same in float64, relative to the largest value. */
function errorOf(run: (cast: (x: Tensor) => Tensor) => Tensor): number {
  return tidy(() => {
    const exact = run((x) => x.cast('float64'))
    return run((x) => x)
      .cast('float64')
      .sub(exact)
      .abs()
      .max()
      .div(exact.abs().max())
      .item()
  })
}

describe("Winograd's method", () => {
  test.each([
    [[1, 16, 8, 16], 16, 1],
    [[3, 16, 7, 7], 33, 0],
    [[2, 24, 13, 17], 20, [1, 0]],
    [[6, 16, 4, 5], 16, 2],
    [[5, 16, 3, 30], 16, 3],
    [[2, 150, 12, 12], 250, 1],
  ] as const)('x %j, %i outputs, padding %j: as exact as sums are', (shape, outputs, padding) => {
    manualSeed(1)
    const x = randn(shape)
    const w = randn([outputs, shape[1], 3, 3])
    const g = convGeometry(x, w, { padding })
    const dy = randn(g.y)
    for (const strict of [false, true]) {
      deterministic(strict)
      expect(errorOf((c) => conv2d(c(x), c(w), { padding }))).toBeLessThan(3e-6)
      expect(errorOf((c) => convInput([c(dy), c(w)], g))).toBeLessThan(3e-6)
    }
  })

  test('sees nothing beyond its images', () => {
    const values = new Float32Array(3 * 16 * 12 * 12).fill(Number.NaN)
    values.fill(1, values.length / 3, (2 * values.length) / 3)
    const x = tensor(values, { shape: [3, 1, 16, 12, 12] }).at(1)
    expect(
      conv2d(x, randn([16, 16, 3, 3]), { padding: 1 })
        .data()
        .every(Number.isFinite),
    ).toBe(true)
  })
})

test.each([
  [[1, 40, 90, 90], [3, 40, 3, 3], { dilation: 40, padding: 20 }],
  [[1, 2, 400, 400], [2, 2, 2, 2], { dilation: 390 }],
  [[1, 2, 3, 9000], [3, 2, 2, 3], { dilation: [1, 4000], padding: [1, 0] }],
  [[2, 3, 50, 50], [4, 3, 40, 40], { stride: 3 }],
] as const)('x %j, w %j, %j: no workspace holds what one output sees', (shape, kernels, options) => {
  manualSeed(2)
  const x = randn(shape, { dtype: 'float64' })
  const w = randn(kernels, { dtype: 'float64' })
  const g = convGeometry(x, w, options)
  const dy = randn(g.y, { dtype: 'float64' })
  for (const run of [() => conv2d(x, w, options), () => convInput([dy, w], g), () => convWeight([x, dy], g)])
    assertClose('wasm against js', run(), withBackend([js], run), 16, 1e-11)
})

test('images of an empty batch give an empty batch, and no gradient', () => {
  const x = zeros([0, 2, 5, 5])
  const w = randn([3, 2, 3, 3])
  const g = convGeometry(x, w, {})
  expect(conv2d(x, w).shape).toEqual([0, 3, 3, 3])
  expect(
    convWeight([x, zeros(g.y)], g)
      .abs()
      .max()
      .item(),
  ).toBe(0)
})
