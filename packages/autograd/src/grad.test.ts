// grad, valueAndGrad, vjp: structure, nesting, memory, misuse.
import { dispose, memoryStats, ones, ShapeError, type Tensor, tensor, tidy } from '@x/tensor'
import { listen } from '@x/tensor/op'
import { assertNoLeak } from '@x/tensor/testing'
import { describe, expect, test } from 'vitest'
import { customGrad, grad, gradcheck, numericGradient, stopGradient, valueAndGrad, vjp } from './index.ts'

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
  expect(grad(() => tidy(() => x.exp().log().mul(x)).sum(), x).data()[0]).toBeCloseTo(4, 5)
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

test('customGrad: several inputs, none for some, gradients undone to their shapes', () => {
  const scale = customGrad({ forward: (x, s) => x.mul(s), backward: ({ dy, inputs: [x] }) => [null, dy.mul(x)] })
  const [x, s] = [f64([1, 2, 3]), f64([10])]
  const grads = grad(() => scale(x, s).sum(), { x, s })
  expect([grads.x.toArray(), grads.s.toArray()]).toEqual([[0, 0, 0], [6]])
})

test('customGrad may return an input: gradient reversal', () => {
  const reverse = customGrad({ forward: (x) => x, backward: ({ dy }) => [dy.neg()] })
  const x = f64([1, 2])
  expect(grad(() => reverse(x).mul(x).sum(), x).toArray()).toEqual([0, 0])
  expect(grad(() => reverse(x.mul(3)).sum(), x).toArray()).toEqual([-3, -3])
  expect(x.toArray()).toEqual([1, 2])
})

test('a tidy in the forward of customGrad frees at once, though gradients are being recorded', () => {
  const x = ones([100])
  let left = 0
  const f = customGrad({
    forward: (x) => {
      const before = memoryStats().storages
      const y = tidy(() => x.exp().log().exp().log())
      left = memoryStats().storages - before
      return y
    },
    backward: ({ dy }) => [dy],
  })
  grad(() => f(x).sum(), x).dispose()
  expect(left).toBe(1)
})

test('modules give their gradients by name, or in the order of their list', () => {
  const [weight, bias] = [tensor([[1, 2]]), tensor([5])]
  const named = { namedParameters: () => ({ 'a.weight': weight, 'a.bias': bias }), parameters: () => [weight, bias] }
  const listed = { parameters: () => [weight, bias] }
  const f = (): Tensor => weight.sum().mul(bias).sum()
  const { value, grads } = valueAndGrad((model) => f().mul(model.parameters().length), named)
  expect(value.item()).toBe(30)
  expect(grads['a.weight'].toArray()).toEqual([[10, 10]])
  expect(grads['a.bias'].toArray()).toEqual([6])
  expect(Object.keys(grads)).toEqual(['a.weight', 'a.bias'])
  const tree = grad(f, { models: [listed, named], weight })
  expect(tree.models[0]).toHaveLength(2)
  expect((tree.models[1] as unknown as Record<string, Tensor>)['a.bias'].toArray()).toEqual([3])
  expect(tree.weight.toArray()).toEqual([[5, 5]])
})

test('gradients that share memory with values and with each other survive what is freed on the way', () => {
  const [a, b] = [f64([1, 2]), f64([3, 4])]
  const pass = customGrad({ forward: (x) => x.mul(2), backward: ({ inputs: [x] }) => [x] })
  const shared = grad(() => pass(a.add(b)).sum(), { a, b })
  expect([shared.a.toArray(), shared.b.toArray()]).toEqual([
    [4, 6],
    [4, 6],
  ])
  const views = grad(() => a.add(b).reshape([2, 1]).mT.add(b).at(0).mul(a).sum(), { a, b })
  expect([views.a.toArray(), views.b.toArray()]).toEqual([
    [8, 12],
    [2, 4],
  ])
  const value = valueAndGrad(() => a.mul(2).reshape([1, 2]).at(0, 1), a)
  expect([value.value.item(), value.grads.toArray()]).toEqual([4, [0, 2]])
})

test('measured: a backward pass needs little more than the values that it goes back over', () => {
  const x = ones([4096])
  const before = memoryStats().bytes
  let most = 0
  const { value, grads } = listen(
    () => {
      most = Math.max(most, memoryStats().bytes - before)
    },
    () =>
      valueAndGrad(
        (x) =>
          Array.from({ length: 50 })
            .reduce<Tensor>((y) => y.sin().tanh(), x)
            .sum(),
        x,
      ),
  )
  expect(most / x.storage.bytes).toBeLessThan(106)
  dispose([value, grads])
})

test('numericGradient: the slope of each element, of a sum unless weighed', () => {
  const x = f64([0.7])
  const slope = numericGradient((x) => x.sin().mul(x.exp()), x, null, { eps: 1e-5 })
  expect(slope.item()).toBeCloseTo(2.8374981373091575, 9)
  const weighed = numericGradient((x) => x.mul(f64([1, 2])), x, f64([10, 1]))
  expect(weighed.item()).toBeCloseTo(12, 6)
  expect(() => numericGradient((x) => x, x, f64([1, 2]))).toThrow(ShapeError)
  expect(() => numericGradient((x) => x, x, null, { eps: 0 })).toThrow(RangeError)
  assertNoLeak('gradcheck', () => gradcheck((x) => x.exp(), [x], { second: true }))
})

test('each gradient has memory of its own', () => {
  const [a, b, dy] = [tensor([1, 2]), tensor([3, 4]), tensor([[5], [6]])]
  const [ga, gb] = grad(() => a.add(b).sum(), [a, b])
  ga.dispose()
  expect(gb.toArray()).toEqual([1, 1])
  const { grads } = vjp(() => a.reshape([2, 1]), a, dy)
  dy.dispose()
  expect(grads.toArray()).toEqual([5, 6])
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
    expect(() => grad(() => x.argmax(), x)).toThrow('grad: fn returned dtype int32; only floating tensors')
    expect(() => grad(() => x.sum(), { a: [x, 3 as never] })).toThrow("grad: parameter 'a.1' is 3, neither a tensor")
    expect(() => grad(() => x.sum(), new Map([['x', x]]))).toThrow(TypeError)
    const short = customGrad({ forward: (a, b) => a.add(b), backward: ({ dy }) => [dy] })
    expect(() => grad(() => short(x, x).sum(), x)).toThrow('backward returned 1 gradients for 2 inputs')
    const misshapen = customGrad({ forward: (a) => a.mul(2), backward: () => [tensor([1, 2, 3])] })
    expect(() => grad(() => misshapen(x).sum(), x)).toThrow('a gradient of shape [3] does not belong to an input [2]')
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

test('what is handed out beside the value keeps its numbers, and nothing leaks', () => {
  const w = tensor([1, 2, 3])
  const before = memoryStats().storages
  const run = () => {
    const { value, grads, aux } = valueAndGrad(() => {
      const squares = w.square()
      const roots = squares.mul(2).sqrt()
      return [roots.sum(), { squares, note: 'seen' }]
    }, w)
    expect(value.item()).toBeCloseTo(6 * Math.SQRT2, 5)
    expect(aux.squares.toArray()).toEqual([1, 4, 9])
    expect(aux.note).toBe('seen')
    for (const x of [value, grads, aux.squares]) x.dispose()
  }
  run()
  const after = memoryStats().storages
  run()
  expect(memoryStats().storages).toBe(after)
  expect(after - before).toBeLessThan(4) // constants
})
