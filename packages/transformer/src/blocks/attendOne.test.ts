// Attention of one query per head against the composed form: both backends, gradients, any number of threads.
import { vjp } from '@x/autograd'
import { attentionWeights } from '@x/nn'
import { js as nnJs } from '@x/nn/js'
import { randn, slice, type Tensor, tensor } from '@x/tensor'
import { js } from '@x/tensor/js'
import { assertClose, assertSame, checkOp } from '@x/tensor/testing'
import { setNumThreads } from '@x/tensor/threads'
import { afterAll, expect, test } from 'vitest'
import { js as own } from '../js/index.ts'
import { attendOne, takesOne } from './attendOne.ts'

/** What it stands for: q [B, 1, H, D], k and v [B, Hk, S, D]. */
function plain(q: Tensor, k: Tensor, v: Tensor, attnMask: Tensor | null): Tensor {
  const [B, , H, D] = q.shape
  const [, Hk, S] = k.shape
  const each = (t: Tensor): Tensor =>
    t
      .unsqueeze(2)
      .expand([B, Hk, H / Hk, S, D])
      .reshape([B, H, S, D])
  const w = attentionWeights(q.transpose(1, 2), each(k), { attnMask })
  return w.matmul(each(v)).transpose(1, 2)
}

/** [B, H, Hk, S, D, has a mask] */
const CASES = [
  [1, 1, 1, 1, 8, 0],
  [2, 4, 2, 5, 8, 1],
  [1, 3, 3, 66, 24, 1],
  [2, 6, 1, 131, 16, 0],
  [1, 2, 2, 300, 64, 1],
] as const

const shapesOf = ([B, H, Hk, S, D, masked]: readonly number[]): number[][] => [
  [B, 1, H, D],
  [B, Hk, S, D],
  [B, Hk, S, D],
  ...(masked ? [[B, 1, 1, S]] : []),
]

const run = (q: Tensor, k: Tensor, v: Tensor, mask?: Tensor): Tensor =>
  attendOne(q, [k, v], mask ?? null, 1 / Math.sqrt(q.shape[3]))

afterAll(async () => void (await setNumThreads(1)))

test.each(CASES)('%i texts, %i heads on %i of %i keys of %i numbers', (...sizes) => {
  const shapes = shapesOf(sizes)
  const inputs = shapes.map((shape) => ({ shape, range: [-1, 1] as const }))
  checkOp({ name: 'attendOne', inputs, run, dtypes: ['float32'], ulp: 64, atol: 1e-6 }, { js: [js, nnJs, own] })
  const [q, k, v, mask] = shapes.map((shape) => randn(shape))
  expect(takesOne(q, k, v, mask ?? null)).toBe(true)
  assertClose('composed', run(q, k, v, mask), plain(q, k, v, mask ?? null), 64, 2e-6)
  const dy = randn(q.shape)
  const names = mask ? { q, k, v, mask } : { q, k, v }
  const [a, b] = [run, plain].map(
    (f) =>
      vjp((x: Record<string, Tensor>) => f(x.q, x.k, x.v, x.mask ?? null), names as Record<string, Tensor>, dy).grads,
  ) as Record<string, Tensor>[]
  for (const name of Object.keys(names)) assertClose(`gradient of ${name}`, a[name], b[name], 64, 5e-6)
})

test('keys that are hidden', () => {
  const [B, H, S, D] = [2, 3, 37, 16]
  const [q, k, v] = [randn([B, 1, H, D]), randn([B, H, S, D]), randn([B, H, S, D])]
  // Padding before the second text.
  const visible = Array.from({ length: B * S }, (_, i) => (i >= S && i < S + 30 ? Number.NEGATIVE_INFINITY : 0))
  const mask = tensor(visible, { shape: [B, 1, 1, S] })
  const y = run(q, k, v, mask)
  assertClose('composed', y, plain(q, k, v, mask), 64, 2e-6)
  const seen = (t: Tensor): Tensor => t.at(slice(1), slice(), slice(30))
  assertClose('without them', y.at(slice(1)), run(q.at(slice(1)), seen(k), seen(v)), 64, 2e-6)
})

test('views of a longer cache', () => {
  const [q, k, v] = [randn([2, 1, 4, 8]), randn([2, 2, 50, 8]), randn([2, 2, 50, 8])]
  const [a, b] = [k, v].map((t) => t.at(slice(), slice(), slice(0, 33)))
  assertClose('views', run(q, a, b), run(q, a.copy(), b.copy()), 0)
})

test.runIf(typeof SharedArrayBuffer !== 'undefined')('the same bits with two threads', async () => {
  const [q, k, v] = [randn([4, 1, 16, 64]), randn([4, 16, 500, 64]), randn([4, 16, 500, 64])]
  const one = run(q, k, v)
  await setNumThreads(2)
  assertSame('two', run(q, k, v), one)
})

test('what it does not take goes another way', () => {
  const [q, k] = [randn([1, 1, 2, 8]), randn([1, 2, 4, 8])]
  expect(takesOne(randn([1, 2, 2, 8]), k, k, null)).toBe(false)
  expect(takesOne(randn([1, 1, 2, 6]), randn([1, 2, 4, 6]), randn([1, 2, 4, 6]), null)).toBe(false)
  expect(takesOne(q, k, randn([1, 2, 4, 16]), null)).toBe(false)
  expect(takesOne(q.cast('float64'), k.cast('float64'), k.cast('float64'), null)).toBe(false)
})
