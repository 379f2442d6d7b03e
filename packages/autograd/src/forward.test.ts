// jvp, hvp, jacobian, hessian: values against formulas, structure, misuse, memory.
import { ShapeError, type Tensor, tensor, tidy } from '@x/tensor'
import { assertNoLeak } from '@x/tensor/testing'
import { describe, expect, test } from 'vitest'
import { checkpoint, grad, hessian, hvp, jacobian, jvp, vjp } from './index.ts'

const f64 = (values: number[] | number[][]): Tensor => tensor(values, { dtype: 'float64' })
const numbers = (x: Tensor): number[] => Array.from(x.data())

describe('jvp', () => {
  test('is the derivative along the direction', () => {
    const [x, v] = [f64([0.3, -1.2, 2]), f64([1, 0.5, -2])]
    const { value, tangent } = jvp((x) => x.sin().mul(x.exp()), x, v)
    const slope = (t: number): number => Math.exp(t) * (Math.sin(t) + Math.cos(t))
    expect(numbers(value)).toEqual(numbers(x.sin().mul(x.exp())))
    numbers(tangent).forEach((d, i) => {
      expect(d).toBeCloseTo(slope(numbers(x)[i]) * numbers(v)[i], 12)
    })
  })
  test('over a tree: the product rule, of a sum over both', () => {
    const params = { a: f64([[1, 2]]), b: [f64([[3], [4]])] }
    const directions = { a: f64([[10, 0]]), b: [f64([[0], [100]])] }
    const { tangent } = jvp(({ a, b: [b] }) => a.matmul(b), params, directions)
    expect(tangent.toArray()).toEqual([[10 * 3 + 2 * 100]])
  })
  test('agrees with vjp: u·(J v) = (Jᵀ u)·v', () => {
    const [x, v, u] = [f64([0.5, -0.25, 1.5]), f64([1, 2, 3]), f64([-1, 0.5, 2])]
    const f = (x: Tensor): Tensor => x.softmax().mul(x.tanh()).div(x.square().add(1))
    const left = jvp(f, x, v).tangent.mul(u).sum().item()
    expect(vjp(f, x, u).grads.mul(v).sum().item()).toBeCloseTo(left, 12)
  })
  test('of what returns its input, a constant, or the same parameter twice', () => {
    const [x, v] = [f64([1, 2]), f64([3, 4])]
    expect(jvp((x) => x, x, v).tangent.toArray()).toEqual([3, 4])
    expect(jvp(() => f64([7]), x, v).tangent.toArray()).toEqual([0])
    expect(jvp(() => x.mul(2), [x, x], [v, v]).tangent.toArray()).toEqual([12, 16])
  })
  test('nests in gradients, and gradients in it', () => {
    const [x, v] = [f64([2]), f64([10])]
    expect(grad((x) => jvp((x) => x.pow(3), x, v).tangent.sum(), x).toArray()).toEqual([120]) // 6x · v
    expect(jvp((x) => grad((x) => x.pow(3).sum(), x), x, v).tangent.toArray()).toEqual([120])
  })
  test('misuse is named', () => {
    const x = f64([1, 2])
    expect(() => jvp((x) => x, x, f64([1]))).toThrow(ShapeError)
    expect(() => jvp(() => x, { x, y: x }, { x } as never)).toThrow("no tensor for parameter 'y'")
    expect(() => jvp(() => x, { x }, { x, y: x } as never)).toThrow('2 directions for 1 parameters')
    expect(() => jvp((x) => x.gt(0), x, x)).toThrow('fn returned dtype bool')
  })
})

describe('jacobian and hessian', () => {
  const x = f64([1, -2, 0.5])
  const quadratic = (x: Tensor): Tensor => {
    const [x1, x2, x3] = [0, 1, 2].map((i) => x.at(i))
    return x1.square().add(x1.mul(x2)).add(x2.square().mul(3)).add(x3.square().mul(5))
  }
  test('softmax: diag(s) − s sᵀ', () => {
    const s = numbers(x.softmax())
    const want = s.map((a, i) => s.map((b, j) => (i === j ? a : 0) - a * b))
    numbers(jacobian((x) => x.softmax(), x)).forEach((d, k) => {
      expect(d).toBeCloseTo(want.flat()[k], 14)
    })
  })
  test('wide, tall, of matrices, of scalars, of constants, of nothing', () => {
    const a = f64([
      [1, 3, 2],
      [0, -3, 1],
    ])
    expect(jacobian((x) => a.matmul(x), x).toArray()).toEqual(a.toArray())
    const tall = jacobian((x) => a.mT.matmul(x).square(), f64([1, 2]))
    expect(tall.toArray()).toEqual([
      [2, 0],
      [-18, 18],
      [16, 8],
    ])
    expect(jacobian((x) => x.mT, a).shape).toEqual([3, 2, 2, 3])
    expect(jacobian((x) => x.sum(), a).toArray()).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ])
    expect(jacobian(() => f64([1, 2, 3, 4]), x).toArray()).toEqual(Array.from({ length: 4 }, () => [0, 0, 0]))
    expect(jacobian((x) => x.at(0).mul(f64([])), x).shape).toEqual([0, 3])
  })
  test("the notes' quadratic form", () => {
    expect(quadratic(x).item()).toBe(12.25)
    expect(grad(quadratic, x).toArray()).toEqual([0, -11, 5])
    expect(hessian(quadratic, x).toArray()).toEqual([
      [2, 1, 0],
      [1, 6, 0],
      [0, 0, 10],
    ])
    expect(hvp(quadratic, x, f64([1, 10, 100])).toArray()).toEqual([12, 61, 1000])
  })
  test('hvp keeps the structure, and has zeros for what does not matter', () => {
    const params = { w: f64([2]), list: [f64([3]), f64([5])] }
    const h = hvp(({ w, list }) => w.mul(list[0]).sum(), params, { w: f64([1]), list: [f64([10]), f64([1])] })
    expect([h.w.toArray(), h.list.map((t) => t.toArray())]).toEqual([[10], [[1], [0]]])
    expect(() => hvp((x) => x, x, x)).toThrow('hvp: fn returned shape [3]; reduce it to one element')
  })
  test('differentiates again', () => {
    expect(grad((x) => hessian((x) => x.pow(3).sum(), x).sum(), x).toArray()).toEqual([6, 6, 6])
    expect(jacobian((x) => jacobian((x) => x.square(), x), x).shape).toEqual([3, 3, 3])
  })
})

test('nothing is left behind', () => {
  const [x, v] = [f64([1, 2, 3]), f64([3, 2, 1])]
  const f = (x: Tensor): Tensor => x.exp().mul(x.sum())
  assertNoLeak('jvp', () => void jvp(f, x, v))
  assertNoLeak('jacobian', () => void jacobian(f, x))
  assertNoLeak('tall jacobian', () => void jacobian((x) => x.unsqueeze(1).mul(f64([1, 2])), x))
  assertNoLeak('hessian', () => void hessian((x) => f(x).sum(), x))
  assertNoLeak('hvp of a checkpoint', () => {
    const cut = checkpoint((x) => f(x).sum())
    tidy(() => hvp(cut, x, v))
  })
})
