// What holds whatever the values are: algebraic laws and round trips on random shapes and numbers, fixed seed.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as x from './index.ts'
import { einsum } from './linalg.ts'
import { assertNoLeak, assertSame } from './testing.ts'

type Tensor = x.Tensor

const shapes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 })
const seeds = fc.noBias(fc.nat({ max: 2 ** 31 }))
const dtypes = fc.constantFrom('float32', 'float64')

/** Normal numbers, a few of them large, small or zero. */
function numbers(shape: readonly number[], seed: number, dtype: 'float32' | 'float64' = 'float64'): Tensor {
  const generator = new x.Generator(seed)
  const z = x.randn(shape, { generator, dtype })
  const scale = x.rand(shape, { generator, dtype }).mul(8).sub(4).floor().exp()
  const kept = x.rand(shape, { generator }).gt(0.1)
  generator.dispose()
  return z.mul(scale).mul(kept)
}

/** @throws Error unless |a − b| is at most `ulp` units of the largest of both, or of the sum of the sizes of `terms` */
function near(what: string, a: Tensor, b: Tensor, ulp = 64, terms?: Tensor): void {
  expect([what, a.shape, a.dtype]).toEqual([what, b.shape, b.dtype])
  const unit = a.dtype === 'float32' ? 2 ** -23 : 2 ** -52
  const top = Math.max(terms?.abs().sum().item() ?? 1e-300, ...[a, b].map((t) => (t.size ? t.abs().max().item() : 0)))
  const worst = a.size ? a.sub(b).abs().max().item() : 0
  if (!(worst <= ulp * unit * top)) throw new Error(`${what}: ${worst} apart, of ${top}`)
}

type Law = (a: Tensor, b: Tensor, c: Tensor, pick: (below: number) => number) => void

/** Runs a law on three tensors of one random shape, and sees that it leaves nothing behind. */
function law(name: string, check: Law, runs = 40): void {
  test(name, () => {
    const property = fc.property(shapes, dtypes, seeds, (shape, dtype, seed) => {
      assertNoLeak(name, () => {
        const [a, b, c] = [1, 2, 3].map((k) => numbers(shape, seed + k, dtype as 'float32'))
        check(a, b, c, (below) => seed % below)
      })
    })
    fc.assert(property, { seed: 7, numRuns: runs })
  })
}

law('addition and multiplication commute, and distribute', (a, b, c) => {
  assertSame('a + b', a.add(b), b.add(a))
  assertSame('a b', a.mul(b), b.mul(a))
  near('(a + b) + c', a.add(b).add(c), a.add(b.add(c)))
  near('a (b + c)', a.mul(b.add(c)), a.mul(b).add(a.mul(c)))
  assertSame('a − b', a.sub(b), b.sub(a).neg())
  assertSame('−−a', a.neg().neg(), a)
  near('a / b · b', a.div(b.abs().add(1)).mul(b.abs().add(1)), a)
})

law('order and choice', (a, b) => {
  assertSame('max + min', a.maximum(b).add(a.minimum(b)), a.add(b))
  assertSame('where', a.lt(b).where(a, b), a.minimum(b))
  assertSame('not <', a.lt(b).logicalNot(), a.ge(b))
  assertSame('= and ≠', a.eq(b).logicalXor(a.ne(b)), a.eq(a))
  assertSame('|a|', a.abs(), a.maximum(a.neg()))
  assertSame('clamp', x.clamp(a, -1, 1), a.maximum(-1).minimum(1))
})

law('inverse functions', (a, b) => {
  const small = a.mul(x.tensor(0.01, { dtype: a.dtype }))
  near('ln eᵃ', small.exp().log().add(1), small.add(1), 256)
  near('(eᵃ − 1) + 1', small.expm1().log1p(), small, 256)
  near('√a²', a.square().sqrt(), a.abs())
  near('cos² + sin²', a.sin().square().add(a.cos().square()), a.mul(0).add(1))
  const [up, down] = [small.exp(), small.neg().exp()]
  near('tanh', small.tanh().add(1), up.sub(down).div(up.add(down)).add(1), 256)
  near('σ(a) + σ(−a)', a.sigmoid().add(a.neg().sigmoid()), a.mul(0).add(1))
  near('floor + fraction', a.floor().add(x.remainder(a, 1)), a, 64, a.abs().add(1))
  near('pow', a.abs().add(1).pow(b.tanh().add(2)).pow(b.tanh().add(2).reciprocal()), a.abs().add(1), 4096)
})

law('views come back', (a, _b, _c, pick) => {
  const axes = a.shape.map((_, i) => i)
  const order = [...axes.slice(pick(axes.length)), ...axes.slice(0, pick(axes.length))]
  const back = axes.map((i) => order.indexOf(i))
  assertSame('permute', a.permute(order).permute(back), a)
  assertSame('permute, copied', a.permute(order).copy().permute(back).copy(), a)
  assertSame('reshape', a.reshape([-1]).reshape(a.shape), a)
  assertSame('reshape of a transposed', a.permute(order).reshape([-1]).reshape(a.permute(order).shape).permute(back), a)
  assertSame('flip', x.flip(x.flip(a, 0), 0), a)
  assertSame('at ::-1', a.at(x.slice(null, null, -1)), x.flip(a, 0))
  assertSame('roll', x.roll(x.roll(a, 3, 0), -3, 0), a)
  assertSame('squeeze', a.unsqueeze(0).squeeze(0), a)
  assertSame('expand', a.expand([3, ...a.shape]).at(2), a)
})

law('parts make the whole', (a, b, _c, pick) => {
  const at = pick(a.shape[0] + 1)
  const [head, tail] = [a.at(x.slice(0, at)), a.at(x.slice(at, null))]
  assertSame('concat', x.concat([head, tail]), a)
  assertSame('stack', x.stack([a, b]).at(1), b)
  near('sum', head.sum().add(tail.sum()), a.sum(), 8, a)
  near('sum of sums', a.sum(0).sum(), a.sum(), 8, a)
  near('mean', a.mean().mul(a.size), a.sum(), 8, a)
  near('variance', a.variance(null, { correction: 0 }), a.square().mean().sub(a.mean().square()), 64, a.square())
  assertSame('max', a.max(0).max(), a.max())
  assertSame('argmax', a.reshape([-1]).take(a.reshape([-1]).argmax()), a.max())
  near('cumsum', x.cumsum(a, 0).at(-1), a.sum(0), 8, a)
  near('diff of cumsum', x.diff(x.cumsum(a, 0), 0), a.at(x.slice(1, null)), 8, a)
  assertSame(
    'pad',
    x
      .pad(
        a,
        a.shape.map(() => [1, 2] as const),
      )
      .at(...a.shape.map((n) => x.slice(1, n + 1))),
    a,
  )
})

law('softmax and its kin', (a) => {
  near('adds up to 1', a.softmax().sum(-1), a.sum(-1).mul(0).add(1))
  near('does not see a shift', a.add(3).softmax(), a.softmax(), 512)
  near('logarithm', a.logSoftmax().exp(), a.softmax(), 512)
  near('logsumexp', a.sub(a.logsumexp(-1, { keepdims: true })), a.logSoftmax(), 512)
})

law('sorting permutes', (a) => {
  const sorted = x.sort(a, -1)
  const order = x.argsort(a, -1)
  assertSame('by positions', a.gather(order, -1), sorted)
  near('same sum', sorted.sum(), a.sum(), 8, a)
  assertSame(
    'each position once',
    x.sort(order, -1),
    x
      .arange(a.shape[a.ndim - 1], undefined, { dtype: 'int32' })
      .expand(a.shape)
      .copy(),
  )
  expect(x.diff(sorted, -1).ge(0).all().item()).toBe(1)
  assertSame('twice', x.sort(sorted, -1), sorted)
  assertSame('topk', x.topk(a, 1, -1).values, a.max(-1, { keepdims: true }))
  assertSame('descending', x.sort(a, -1, { descending: true }), x.sort(a.neg(), -1).neg())
  const flat = a.reshape([-1])
  assertSame('unique', x.unique(x.concat([flat, flat])), x.unique(flat))
})

law('products', (a, b, c) => {
  const [p, q, r] = [a.reshape([a.shape[0], -1]), b.reshape([b.shape[0], -1]), c.reshape([c.shape[0], -1])]
  near('(p qᵀ) r', p.matmul(q.mT).matmul(r), p.matmul(q.mT.matmul(r)), 1024)
  near('(p qᵀ)ᵀ', p.matmul(q.mT).mT.copy(), q.matmul(p.mT))
  near('p (q + r)ᵀ', p.matmul(q.add(r).mT), p.matmul(q.mT).add(p.matmul(r.mT)), 256)
  near('einsum', einsum('ij,kj->ik', p, q), p.matmul(q.mT))
  near('identity', p.matmul(x.eye(p.shape[1], { dtype: p.dtype })), p)
  near('as sums', p.unsqueeze(1).mul(q).sum(-1), p.matmul(q.mT), 256)
})

law('what is taken and what is put', (a, b, _c, pick) => {
  assertSame('take', a.take(x.arange(a.shape[0], undefined, { dtype: 'int32' })), a)
  const row = pick(a.shape[0])
  assertSame('set', x.indexPut(a, [row], b.at(row)).at(row), b.at(row))
  assertSame('mask', x.maskedSelect(a, a.eq(a)), a.reshape([-1]))
  const first = x.zeros(a.shape, { dtype: 'int32' })
  near('scatterAdd', x.scatterAdd(a.mul(0), first, a, { axis: 0 }).at(0), a.sum(0), 8, a)
})

test('every dtype survives what holds it', () => {
  const whole = fc.array(fc.integer({ min: -128, max: 127 }), { minLength: 1, maxLength: 30 })
  const property = fc.property(whole, (values) => {
    const a = x.tensor(values, { dtype: 'int8' })
    for (const dtype of ['int16', 'int32', 'int64', 'float16', 'bfloat16', 'float32', 'float64'] as const) {
      assertSame(dtype, a.cast(dtype).cast('int8'), a)
    }
    const half = x.tensor(values, { dtype: 'float32' }).div(3).cast('float16')
    assertSame('float16', half.cast('float64').cast('float16'), half)
  })
  fc.assert(property, { seed: 7, numRuns: 50 })
})

test('products of whole numbers wrap as those of single elements do', () => {
  const a = x.tensor([[100_000, 3]], { dtype: 'int32' })
  const b = x.tensor([[100_000], [-7]], { dtype: 'int32' })
  expect(a.matmul(b).toArray()).toEqual([[1_410_065_408 - 21]])
  expect(a.matmul(b).toArray()).toEqual(a.mul(b.mT).sum(1, { keepdims: true }).toArray())
  const bits = x.tensor([[200, 1]], { dtype: 'uint8' })
  expect(bits.matmul(bits.mT).toArray()).toEqual([[(200 * 200 + 1) % 256]])
  const before = x.memoryStats().storages
  expect(a.matmul(b).shape).toEqual([1, 1])
  expect(x.memoryStats().storages - before).toBe(1)
})

test('an element is the same whatever stands beside it', () => {
  const values = [-1, 0.5, 3, 1e10, -1e10, Number.POSITIVE_INFINITY, Number.NaN, 100, -100, 1e-40, 7, -0.25, 2, -3]
  const ones = [
    x.sin,
    x.cos,
    x.tan,
    x.exp,
    x.expm1,
    x.log,
    x.log1p,
    x.tanh,
    x.sigmoid,
    x.erf,
    x.gelu,
    x.geluTanh,
    x.sinh,
  ]
  const pairs = [x.pow, x.atan2, x.fmod, x.remainder, x.floorDivide, x.hypot, x.logaddexp]
  const functions = [
    ...ones.map((f) => (v: readonly number[], dtype: x.DType) => f(x.tensor(v, { dtype })).data()),
    ...pairs.flatMap((f) =>
      [3, -2, 0.5, Number.POSITIVE_INFINITY].map(
        (b) => (v: readonly number[], dtype: x.DType) => f(x.tensor(v, { dtype }), b).data(),
      ),
    ),
  ]
  for (const f of functions) {
    for (const dtype of ['float32', 'float64'] as const) {
      expect([...f(values, dtype)]).toEqual(values.map((value) => f([value], dtype)[0]))
    }
  }
})
