// Attention over one tensor against that over its three parts, fused and composed.
import { vjp } from '@x/autograd'
import { type DType, randn, ShapeError, type Tensor, tensor } from '@x/tensor'
import { assertClose } from '@x/tensor/testing'
import { expect, test } from 'vitest'
import { scaledDotProductAttention } from './attention.ts'
import { selfAttention } from './selfAttention.ts'

/** [B, T, heads, numbers of a head, dtype]: fused, of another size, in double precision. */
const CASES: readonly (readonly [number, number, number, number, DType])[] = [
  [2, 5, 2, 8, 'float32'],
  [1, 4, 3, 6, 'float32'],
  [1, 4, 2, 8, 'float64'],
]

test.each(CASES)('%i texts of %i, %i heads of %i in %s', (B, T, H, D, dtype) => {
  const qkv = randn([B, T, 3 * H * D], { dtype })
  const attnMask = tensor(
    Array.from({ length: T * T }, (_, i) => i % T <= i / T || i % 3 === 0),
    { shape: [T, T] },
  )
  const parts = (x: Tensor, options: object): Tensor => {
    const [q, k, v] = [0, 1, 2].map((i) => x.reshape([B, T, 3, H, D]).permute([2, 0, 3, 1, 4]).at(i))
    return scaledDotProductAttention(q, k, v, options)
      .transpose(1, 2)
      .reshape([B, T, H * D])
  }
  for (const options of [{}, { isCausal: true }, { attnMask }, { scale: 0.3 }]) {
    const dy = randn([B, T, H * D], { dtype })
    const [a, b] = [selfAttention(qkv, H, options), parts(qkv, options)]
    assertClose(JSON.stringify(Object.keys(options)), a, b, 64, 1e-6)
    const [da, db] = [(x: Tensor) => selfAttention(x, H, options), (x: Tensor) => parts(x, options)].map(
      (f) => vjp(f, qkv, dy).grads as Tensor,
    )
    assertClose('gradient', da, db, 64, 3e-6)
  }
})

test('misuse is named', () => {
  expect(() => selfAttention(randn([2, 3, 10]), 2)).toThrow(ShapeError)
  expect(() => selfAttention(randn([2, 3, 12]), 2, { enableGqa: true } as object)).toThrow(
    "there is no option 'enableGqa'",
  )
})
