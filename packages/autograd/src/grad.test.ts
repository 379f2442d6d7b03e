// grad, valueAndGrad, vjp: structure, nesting, memory, misuse.
import { memoryStats, ones, ShapeError, type Tensor, tensor, tidy } from '@x/tensor'
import { describe, expect, test } from 'vitest'
import { customGrad, grad, gradcheck, stopGradient, valueAndGrad, vjp } from './index.ts'

const f64 = (values: number[] | number[][]): Tensor => tensor(values, { dtype: 'float64' })

test('gradients have the structure of the parameters', () => {
  const params = { w: tensor([1, 2]), layers: [tensor(3), tensor([4])], unused: tensor([5, 6]) }
  const { value, grads } = valueAndGrad(() => params.w.sum().mul(params.layers[0]).add(params.layers[1]).sum(), params)
  expect(value.item()).toBe(13)
  expect(grads.w.toArray()).toEqual([3, 3])
  expect(grads.layers.map((g) => g.toArray())).toEqual([3, [1]])
  expect(grads.unused.toArray()).toEqual([0, 0])
})

test('broadcasting is undone and shared values add up', () => {
  const [a, b] = [ones([2, 3]), tensor([[1], [2]])]
  const grads = grad(() => a.mul(b).add(b.mul(b)).sum(), { a, b })
  expect(grads.a.toArray()).toEqual([
    [1, 1, 1],
    [2, 2, 2],
  ])
  expect(grads.b.toArray()).toEqual([[9], [15]])
})

test('calls nest: second and third derivatives', () => {
  const x = f64([1, 2, 3])
  const second = grad(() => grad(() => x.pow(3).sum(), x).sum(), x)
  expect(second.toArray()).toEqual([6, 12, 18])
  const third = grad(() => grad(() => grad(() => x.square().mul(x).sum(), x).sum(), x).sum(), x)
  expect(third.toArray()).toEqual([6, 6, 6])
})

test('the weight between two layers by hand: y = tanh(w·x)', () => {
  const [w, x] = [f64([[0.5, -0.25]]), f64([[2], [4]])]
  const g = grad(() => w.matmul(x).tanh().sum(), w)
  expect(g.toArray()).toEqual([[2, 4]]) // tanh′(0) = 1
})

test('stopGradient makes a constant, a tidy inside keeps what gradients need', () => {
  const x = tensor([2, 3])
  expect(grad(() => x.mul(stopGradient(x)).sum(), x).toArray()).toEqual([2, 3])
  expect(grad(() => tidy(() => x.exp().log().mul(x)).sum(), x).toArray()[0]).toBeCloseTo(4, 5)
})

test('customGrad follows its own rule, also twice', () => {
  const cube = customGrad({
    forward: (x) => x.mul(x).mul(x),
    backward: ({ dy, inputs: [x] }) => [dy.mul(x).mul(x).mul(3)],
  })
  const x = f64([2])
  expect(grad(() => cube(x).sum(), x).toArray()).toEqual([12])
  expect(grad(() => grad(() => cube(x).sum(), x).sum(), x).toArray()).toEqual([12])
  gradcheck((t) => cube(t), [x])
})

test('vjp weighs the outputs', () => {
  const x = tensor([1, 2])
  const { value, grads } = vjp(() => x.square(), x, tensor([10, 100]))
  expect([value.toArray(), grads.toArray()]).toEqual([
    [1, 4],
    [20, 400],
  ])
})

describe('misuse', () => {
  const x = tensor([1, 2])
  test('is named', () => {
    expect(() => grad(() => x.mul(2), x)).toThrow(ShapeError)
    expect(() => grad(() => x.mul(2), x)).toThrow('reduce it to one element')
    expect(() => grad(() => x.sum(), tensor([1], { dtype: 'int32' }))).toThrow('only floating tensors have gradients')
    expect(() => grad(() => 3 as never, x)).toThrow('fn returned no tensor')
    expect(() => vjp(() => x, x, tensor([1]))).toThrow(ShapeError)
    expect(() => gradcheck((t) => t, [x])).toThrow('finite differences need float64')
  })
  test('a wrong gradient is found', () => {
    const wrong = customGrad({ forward: (t) => t.square(), backward: ({ dy, inputs: [t] }) => [dy.mul(t)] })
    expect(() => gradcheck((t) => wrong(t), [f64([1, 2])])).toThrow(/gradcheck: input 0 \[2\], element 0: gradient/)
  })
})

test('only the value and the gradients are left', () => {
  const w = tensor([1, 2, 3])
  const before = memoryStats().storages
  const { value, grads } = valueAndGrad(() => w.mul(2).exp().sum(), w)
  expect(memoryStats().storages - before).toBe(2)
  value.dispose()
  grads.dispose()
  expect(memoryStats().storages).toBe(before)
})
