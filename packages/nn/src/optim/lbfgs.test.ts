// L-BFGS: minima, resuming, misuse. That it follows PyTorch is recorded in golden/optim.json.
import { valueAndGrad } from '@x/autograd'
import { compile, dispose, memoryStats, randn, type Tensor, tensor, tidy } from '@x/tensor'
import { loadSafetensors, saveSafetensors } from '@x/tensor/safetensors'
import { expect, test } from 'vitest'
import { LBFGS, type LBFGSOptions } from '../index.ts'

const rosenbrock = ([x, y]: readonly Tensor[]): Tensor =>
  x.neg().add(1).square().add(y.sub(x.square()).square().mul(100)).sum()

const start = (): Tensor[] => [tensor([-1.2], { dtype: 'float64' }), tensor([1], { dtype: 'float64' })]

test('finds the minimum of Rosenbrock’s function, of two tensors', () => {
  const p = start()
  const lbfgs = new LBFGS(p, { lineSearchFn: 'strong_wolfe', maxIter: 100, toleranceChange: 1e-18 })
  const before = lbfgs.step(() => valueAndGrad(() => rosenbrock(p), p))
  expect(before).toBeCloseTo(24.2, 10)
  expect(p[0].item()).toBeCloseTo(1, 7)
  expect(p[1].item()).toBeCloseTo(1, 7)
})

test.each<LBFGSOptions>([
  { lr: 0.1, maxIter: 3, historySize: 4 },
  { lineSearchFn: 'strong_wolfe', maxIter: 3, historySize: 2 },
])('stopped and resumed it goes the same way (%o)', (options) => {
  const train = (p: Tensor[], lbfgs: LBFGS, steps: number): void => {
    for (let i = 0; i < steps; i++) lbfgs.step(() => valueAndGrad(() => rosenbrock(p), p))
  }
  const whole = start()
  train(whole, new LBFGS(whole, options), 6)
  const parts = start()
  const first = new LBFGS(parts, options)
  train(parts, first, 3)
  const second = new LBFGS(parts, options)
  second.step(() => ({ value: tensor(1), grads: [tensor([1]), tensor([1])] })) // history that loading replaces
  const moved = start()
  const resumed = new LBFGS(moved, options)
  train(moved, new LBFGS(moved, options), 3)
  resumed.loadStateDict(loadSafetensors(saveSafetensors(first.stateDict())).tensors)
  train(moved, resumed, 3)
  expect(moved.map((x) => x.item())).toEqual(whole.map((x) => x.item()))
  second.loadStateDict(resumed.stateDict())
  expect(Object.keys(second.stateDict())).toEqual(Object.keys(resumed.stateDict()))
})

test('what it calls may be compiled; itself it may not be', () => {
  const [w, x] = [tensor([3, -2, 1]), randn([8, 3])]
  const loss = (): Tensor => x.matmul(w).square().mean()
  const evaluate = compile(() => valueAndGrad(loss, [w]))
  const lbfgs = new LBFGS([w], { lineSearchFn: 'strong_wolfe' })
  lbfgs.step(evaluate)
  expect(w.abs().max().item()).toBeLessThan(1e-3)
  expect(() => compile(() => lbfgs.step(() => valueAndGrad(loss, [w])))()).toThrow('compiled')
})

test('steps leave nothing behind but the history, and dispose frees that', () => {
  const before = memoryStats().storages
  const p = start()
  const lbfgs = new LBFGS(p, { lineSearchFn: 'strong_wolfe', maxIter: 2, historySize: 2 })
  const step = (): void => void lbfgs.step(() => tidy(() => valueAndGrad(() => rosenbrock(p), p)))
  for (let i = 0; i < 4; i++) step()
  const { storages } = memoryStats()
  step()
  expect(memoryStats().storages).toBe(storages)
  lbfgs.dispose()
  dispose(p)
  expect(memoryStats().storages - before).toBeLessThanOrEqual(2) // scalars that are kept once made
})

test('a parameter without gradient stays', () => {
  const [a, b] = [tensor([1]), tensor([1])]
  new LBFGS([a, b], { lr: 0.5, maxIter: 1 }).step(() => ({ value: tensor(1), grads: [tensor([1]), null] }))
  expect([a.item(), b.item()]).toEqual([0.5, 1])
})

test.each([
  [() => new LBFGS(start(), { maxIter: 0 }), RangeError, 'LBFGS: maxIter 0 is not in [1, Infinity)'],
  [() => new LBFGS(start(), { historySize: 2.5 }), RangeError, 'LBFGS: historySize 2.5 is not a whole number'],
  [() => new LBFGS(start(), { lineSearchFn: 'armijo' as 'strong_wolfe' }), RangeError, "lineSearchFn 'armijo'"],
  [() => new LBFGS([{ params: start() }, { params: start() }]), RangeError, 'one group of one dtype'],
  [() => new LBFGS([tensor([1]), ...start()]), RangeError, 'one group of one dtype'],
  [() => new LBFGS(start()).step(() => ({ value: tensor(1), grads: [] })), Error, '0 gradients for 2 parameters'],
])('misuse %#', (fn, kind, message) => {
  expect(fn).toThrow(kind)
  expect(fn).toThrow(message)
})
