// Optimisers: compiled against eager, resumed against uninterrupted, backends and cuts against each other, misuse. That
// they follow PyTorch is recorded in golden/optim.json.
import { grad, valueAndGrad } from '@x/autograd'
import { compile, dispose, manualSeed, memoryStats, randn, type Tensor, tensor, tidy, zeros } from '@x/tensor'
import { js } from '@x/tensor/js'
import { pointer, run } from '@x/tensor/op'
import { loadSafetensors, saveSafetensors } from '@x/tensor/safetensors'
import { assertClose, assertNoLeak, makeInput, withBackend } from '@x/tensor/testing'
import { describe, expect, test } from 'vitest'
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  ASGD,
  NAdam,
  type Optimizer,
  RAdam,
  RMSprop,
  Rprop,
  SGD,
  StateDictError,
} from '../index.ts'
import { js as nnJs } from '../js/index.ts'
import { trainingFamily } from '../kernels.ts'

type Make = (parameters: readonly Tensor[], options?: object) => Optimizer

const optimizers: Readonly<Record<string, Make>> = {
  SGD: (p, o) => new SGD(p, { lr: 0.05, ...o }),
  'SGD with momentum': (p, o) => new SGD(p, { lr: 0.05, momentum: 0.9, dampening: 0.1, weightDecay: 0.1, ...o }),
  'SGD with Nesterov': (p, o) => new SGD(p, { lr: 0.05, momentum: 0.9, nesterov: true, ...o }),
  Adam: (p, o) => new Adam(p, { weightDecay: 0.1, ...o }),
  'Adam with amsgrad': (p, o) => new Adam(p, { amsgrad: true, ...o }),
  AdamW: (p, o) => new AdamW(p, o),
  NAdam: (p, o) => new NAdam(p, { weightDecay: 0.1, ...o }),
  RAdam: (p, o) => new RAdam(p, { weightDecay: 0.1, ...o }),
  Adamax: (p, o) => new Adamax(p, { weightDecay: 0.1, ...o }),
  RMSprop: (p, o) => new RMSprop(p, { weightDecay: 0.1, ...o }),
  'RMSprop centred, with momentum': (p, o) => new RMSprop(p, { centered: true, momentum: 0.5, ...o }),
  Adagrad: (p, o) => new Adagrad(p, { lr: 0.1, lrDecay: 0.1, initialAccumulatorValue: 0.1, ...o }),
  Adadelta: (p, o) => new Adadelta(p, { weightDecay: 0.1, ...o }),
  ASGD: (p, o) => new ASGD(p, { t0: 2, weightDecay: 0.1, ...o }),
  Rprop: (p, o) => new Rprop(p, o),
}
const names = Object.keys(optimizers)

/** Two parameters whose sizes leave a rest in every vector, in one precision. */
function problem(dtype: 'float32' | 'float64'): { parameters: Tensor[]; loss: (x: Tensor) => Tensor } {
  manualSeed(3)
  const [w, b] = [randn([5, 3], { dtype }), randn([3], { dtype })]
  return { parameters: [w, b], loss: (x) => x.matmul(w).add(b).square().mean() }
}

const values = (parameters: readonly Tensor[]): number[][] => parameters.map((p) => [...p.data()])

describe.each(names)('%s', (name) => {
  const make = optimizers[name]

  test.each(['float32', 'float64'] as const)('compiled steps equal eager ones to the last bit (%s)', (dtype) => {
    const xs = Array.from({ length: 30 }, () => randn([4, 5], { dtype }))
    const history = (compiled: boolean): number[][] => {
      const { parameters, loss } = problem(dtype)
      const optimizer = make(parameters)
      const step = (x: Tensor): void =>
        tidy(() => {
          const { grads } = valueAndGrad(() => loss(x), parameters)
          optimizer.step(grads)
        })
      const go = compiled ? compile(step) : step
      xs.forEach((x, i) => {
        optimizer.lr = 0.02 / (1 + i / 10)
        go(x)
      })
      return values(parameters)
    }
    const eager = history(false)
    expect(eager.flat().every(Number.isFinite)).toBe(true)
    expect(history(true)).toEqual(eager)
  })

  test('stopped, saved and resumed it goes the same way', () => {
    const xs = Array.from({ length: 12 }, () => randn([4, 5]))
    const { parameters, loss } = problem('float32')
    const train = (optimizer: Optimizer, from: number, to: number): void => {
      for (const x of xs.slice(from, to)) tidy(() => optimizer.step(grad(() => loss(x), parameters)))
    }
    const start = parameters.map((p) => p.copy())
    train(make(parameters), 0, 12)
    const whole = values(parameters)
    parameters.forEach((p, i) => {
      restore(p, start[i])
    })
    const first = make(parameters)
    train(first, 0, 6)
    const saved = saveSafetensors(first.stateDict())
    const second = make(parameters, { lr: 123 })
    second.loadStateDict(loadSafetensors(saved).tensors)
    expect(second.lr).toBe(first.lr)
    train(second, 6, 12)
    expect(values(parameters)).toEqual(whole)
  })

  test('going uphill is going downhill on the negative', () => {
    const down = [tensor([1, -2, 3, 0.5, -0.25])]
    const up = [down[0].copy()]
    const [a, b] = [make(down), make(up, { maximize: true })]
    for (let i = 0; i < 8; i++) {
      const g = randn([5])
      a.step([g])
      b.step([g.neg()])
    }
    expect(values(up)).toEqual(values(down))
  })

  test('steps leave nothing behind, and dispose frees the state but not the parameters', () => {
    const before = memoryStats().storages
    const w = tensor([1, 2, 3])
    const g = tensor([0.5, 0.5, -0.5])
    const optimizer = make([w])
    assertNoLeak(name, () => optimizer.step([g]))
    optimizer.dispose()
    expect(w.isDisposed).toBe(false)
    dispose([w, g])
    expect(memoryStats().storages).toBe(before)
  })

  test('no elements, and no gradient', () => {
    const [empty, w] = [zeros([0, 3]), tensor([1, 2])]
    const optimizer = make([empty, w])
    const before = optimizer.stateDict().counters.toArray() as number[][]
    optimizer.step([zeros([0, 3]), null])
    expect(w.toArray()).toEqual([1, 2])
    const after = optimizer.stateDict().counters.toArray() as number[][]
    expect(after[1]).toEqual(before[1])
    expect(after[0][0]).toBe(before[0][0] + 1)
  })
})

/** Writes values over those of a parameter. */
function restore(p: Tensor, from: Tensor): void {
  const sgd = new SGD([p], { lr: 1 })
  tidy(() => sgd.step([p.sub(from)]))
  tidy(() => sgd.step([p.sub(from)]))
  expect(p.toArray()).toEqual(from.toArray())
  sgd.dispose()
}

describe('kernels', () => {
  /** State and coefficients of each; `state` counts arrays besides parameter and gradient. */
  const kernels = {
    sgd: { state: 1, c: [0.1, 0.9, 0.7, 0.01, 0.02] },
    asgd: { state: 1, c: [0.1, 0.99, 0.01, 0.75, 0.25] },
    adam: { state: 3, c: [0.1, 0.9, 0.1, 0.99, 0.01, 0.99, 0.02, 0.01, 1e-3] },
    adamax: { state: 2, c: [0.1, 0.9, 0.1, 0.99, 1e-3, 0.02] },
    rmsprop: { state: 3, c: [0.1, 0.9, 0.1, 1e-3, 0.02, 0.5, -1] },
    adadelta: { state: 2, c: [0.1, 0.9, 0.1, 1e-3, 0.5] },
    rprop: { state: 2, c: [0.5, 1.2, 0.1, 0.3, 1, 0, 1] },
  } as const

  const inputs = (n: number, state: number, dtype: 'float32' | 'float64'): Tensor[] => [
    ...[1, 2].map((seed) => makeInput({ shape: [n], special: [0, -0] }, dtype, seed)),
    // Squares, and a mean that is small beside them.
    ...Array.from({ length: state }, (_, k) =>
      makeInput({ shape: [n], range: k === 1 ? [0, 0.1] : [4, 5] }, dtype, k + 3),
    ),
  ]

  for (const [name, { state, c }] of Object.entries(kernels)) {
    for (const dtype of ['float32', 'float64'] as const) {
      const kernel = trainingFamily(name)[dtype]
      test(`${name} ${dtype}: js and wasm agree`, () => {
        for (const n of [0, 1, 2, 3, 4, 5, 7, 8, 9, 33]) {
          for (const missing of name === 'sgd' || name === 'adam' || name === 'rmsprop' ? [false, true] : [false]) {
            const once = (): Tensor[] => {
              const arrays = inputs(n, state, dtype)
              const places = arrays.map((x, k) => (missing && k === arrays.length - 1 ? 0 : pointer(x)))
              run(kernel, n, n, ...places, pointer(tensor(Float64Array.from(c))))
              return arrays
            }
            const [wasm, reference] = [once(), withBackend([js, nnJs], once)]
            wasm.forEach((x, k) => {
              assertClose(`${name} ${n}: array ${k}`, x, reference[k], 16, 1e-6)
            })
          }
        }
      })

      test(`${name} ${dtype}: the same bits however the work is cut`, () => {
        const whole = inputs(21, state, dtype)
        const coefficients = tensor(Float64Array.from(c))
        run(kernel, 21, 21, ...whole.map(pointer), pointer(coefficients))
        const parts = inputs(21, state, dtype)
        const cuts = [0, 1, 6, 7, 15, 21]
        cuts.slice(1).forEach((end, k) => {
          kernel.fn?.(...parts.map(pointer), pointer(coefficients), cuts[k], end)
        })
        expect(values(parts)).toEqual(values(whole))
      })
    }
  }
})

describe('groups', () => {
  test('have settings of their own, and gradients come in the order of all parameters', () => {
    const [a, b, c] = [tensor([1]), tensor([1]), tensor([1])]
    const sgd = new SGD([{ params: [a], lr: 0.5 }, { params: [b, c] }], { lr: 0.25 })
    sgd.step([tensor([1]), tensor([1]), tensor([2])])
    expect([a, b, c].map((x) => x.item())).toEqual([0.5, 0.75, 0.5])
    sgd.groups[1].lr = 1
    expect([sgd.lr, sgd.groups[1].lr]).toEqual([0.5, 1])
    sgd.lr = 0.125
    expect(sgd.groups.map(({ lr }) => lr)).toEqual([0.125, 0.125])
    expect(sgd.groups.map(({ params }) => params.length)).toEqual([1, 2])
  })

  test('a compiled step sees every changed setting, and skips what has no gradient', () => {
    const [a, b] = [tensor([1]), tensor([1])]
    const sgd = new SGD([{ params: [a] }, { params: [b] }], { lr: 0.5, momentum: 0.5 })
    const step = compile((g: Tensor) => sgd.step([g, null]))
    step(tensor([1]))
    sgd.groups[0].momentum = 0
    sgd.groups[0].lr = 0.25
    step(tensor([1]))
    expect([a.item(), b.item()]).toEqual([0.25, 1])
  })

  test('amsgrad of one group only', () => {
    const adam = new Adam([{ params: [tensor([1])], amsgrad: true }, { params: [tensor([1])] }])
    expect(Object.keys(adam.stateDict())).toEqual(['hyper', 'counters', 'm.0', 'm.1', 'v.0', 'v.1', 'vMax.0'])
    adam.step([tensor([1]), tensor([1])])
    expect(adam.parameters.map((p) => p.item())).toEqual([Math.fround(0.999), Math.fround(0.999)])
  })
})

test('the averages of ASGD begin after t0', () => {
  const w = tensor([4], { dtype: 'float64' })
  const asgd = new ASGD([w], { lr: 1, lambd: 0, t0: 1 })
  const seen: number[] = []
  for (let i = 0; i < 4; i++) {
    asgd.step([tensor([1], { dtype: 'float64' })])
    seen.push(w.item())
  }
  expect(seen).toEqual([3, 2, 1, 0])
  // μ is 1, 1, 1, ½ in steps 1 to 4.
  expect(asgd.averages()[0].item()).toBe(0.5)
})

test('the products of NAdam are rounded to float32, as those of torch 1.13', () => {
  const w = tensor([1, -2], { dtype: 'float64' })
  const nadam = new NAdam([w], { lr: 0.1, betas: [0.7, 0.9], momentumDecay: 0.1, eps: 1e-4 })
  for (let i = 0; i < 15; i++) nadam.step([w.copy()])
  const [a, b] = w.data()
  expect(Math.abs(a - 0.04051784586186573)).toBeLessThan(1e-15)
  expect(Math.abs(b + 0.740626789487088)).toBeLessThan(1e-15)
})

describe('misuse', () => {
  const p = [tensor([1, 2])]

  test.each([
    [() => new SGD(p, { lr: -1 }), 'SGD: lr -1 is not in [0, Infinity)'],
    [() => new SGD(p, { lr: Number.NaN }), 'SGD: lr NaN'],
    [() => new SGD(p, { momentum: -0.5 }), 'SGD: momentum -0.5'],
    [() => new SGD(p, { weightDecay: -1 }), 'SGD: weightDecay -1'],
    [() => new SGD(p, { nesterov: true }), 'SGD: nesterov needs momentum > 0 and dampening 0, not 0 and 0'],
    [() => new SGD(p, { maximize: 1 as unknown as boolean }), 'SGD: maximize 1 is not true or false'],
    [() => new SGD(p, { learningRate: 1 } as object), "SGD: there is no option 'learningRate'; there are lr, momentum"],
    [() => new SGD([]), 'SGD: an optimiser needs at least one parameter'],
    [() => new SGD([...p, ...p]), 'SGD: parameter 1 is parameter 0 again'],
    [() => new SGD([{ params: p }, { params: [tensor([1])], lr: -2 }]), 'SGD: lr -2'],
    [() => new Adam(p, { betas: [0.9, 1] }), 'Adam: betas[1] 1 is not in [0, 1)'],
    [() => new Adam(p, { eps: -1 }), 'Adam: eps -1'],
    [() => new AdamW(p, { weightDecay: -1 }), 'AdamW: weightDecay -1'],
    [() => new NAdam(p, { momentumDecay: -1 }), 'NAdam: momentumDecay -1'],
    [() => new RAdam(p, { betas: [1, 0.9] }), 'RAdam: betas[0] 1'],
    [() => new Adamax(p, { lr: -1 }), 'Adamax: lr -1'],
    [() => new RMSprop(p, { alpha: 2 }), 'RMSprop: alpha 2'],
    [() => new Adagrad(p, { lrDecay: -1 }), 'Adagrad: lrDecay -1'],
    [() => new Adadelta(p, { rho: 1.5 }), 'Adadelta: rho 1.5'],
    [() => new ASGD(p, { lambd: -1 }), 'ASGD: lambd -1'],
    [() => new Rprop(p, { etas: [1.5, 2] }), 'Rprop: etas[0] 1.5'],
    [() => new Rprop(p, { stepSizes: [2, 1] }), 'Rprop: stepSizes [2, 1] are in the wrong order'],
  ])('%# names option and value', (fn, message) => {
    const { storages } = memoryStats()
    expect(fn).toThrow(RangeError)
    expect(fn).toThrow(message)
    expect(memoryStats().storages).toBeLessThanOrEqual(storages + 2) // the tensors that the calls make themselves
  })

  test('settings are checked when they change, and state cannot come later', () => {
    const [sgd, adam] = [new SGD(p), new Adam(p)]
    expect(() => {
      sgd.lr = -1
    }).toThrow('SGD: lr -1')
    expect(() => {
      sgd.groups[0].momentum = 0.9
    }).toThrow('SGD: momentum 0.9 needs state that is made with the optimiser')
    expect(() => {
      adam.groups[0].amsgrad = true
    }).toThrow('Adam: amsgrad true needs state')
    expect([sgd.lr, sgd.groups[0].momentum, adam.groups[0].amsgrad]).toEqual([1e-3, 0, false])
  })

  test('gradients that do not fit', () => {
    const sgd = new SGD(p)
    expect(() => sgd.step([])).toThrow('step: 0 gradients for 1 parameters')
    expect(() => sgd.step([tensor([1])])).toThrow('step: gradient 0 is float32 [1], its parameter float32 [2]')
    expect(() => sgd.step([tensor([1, 2], { dtype: 'float64' })])).toThrow('gradient 0 is float64')
  })

  test('parameters that cannot be trained', () => {
    expect(() => new SGD([tensor([1], { dtype: 'int32' })])).toThrow(TypeError)
    expect(() => new SGD([randn([2, 3]).mT])).toThrow('contiguous')
    expect(() => new SGD([p[0], { params: p }] as unknown as Tensor[])).toThrow('either tensors or groups')
  })

  test('state of something else', () => {
    const [plain, ams] = [new Adam(p), new Adam(p, { amsgrad: true })]
    expect(() => plain.loadStateDict(ams.stateDict())).toThrow("loadStateDict: 'vMax.0' is not part of this optimiser")
    expect(() => ams.loadStateDict(plain.stateDict())).toThrow("loadStateDict: 'vMax.0' is missing")
    expect(() => plain.loadStateDict(new Adam([tensor([1])]).stateDict())).toThrow(StateDictError)
  })
})
