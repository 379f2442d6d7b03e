// What a compiled training may not freeze: values that callbacks change, branches at random, frozen parameters.
import { memoryStats, ones, randn, type Tensor, tensor } from '@x/tensor'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Linear } from '../layers/linear.ts'
import { Sequential } from '../layers/sequential.ts'
import { Dropout, Tanh } from '../layers/simple.ts'
import { mseLoss } from '../losses/regression.ts'
import { Module, parameter } from '../module.ts'
import { BatchNorm1d } from '../norms/layers.ts'
import { SGD } from '../optim/sgd.ts'
import { type Callback, checkpoint, earlyStopping } from './callbacks.ts'
import { evaluate } from './evaluate.ts'
import { type FitOptions, fit } from './fit.ts'

/** w · beta, and how often it was computed in JavaScript: as often as steps were recorded or not compiled. */
class Scaled extends Module {
  w = parameter(ones([1]))
  beta = 1
  readonly seen: number[] = []
  forward(x: Tensor): Tensor {
    this.seen.push(this.beta)
    return x.mul(0).add(this.w.mul(this.beta))
  }
}

const batch = { x: tensor([[1]]), y: tensor([[0]]) }
const batches = (n: number): (typeof batch)[] => Array.from({ length: n }, () => batch)
const sgd = (model: Module, lr = 0.125): SGD => new SGD(model.parameters(), { lr })

let warnings: string[] = []
beforeEach(() => {
  warnings = []
  vi.spyOn(console, 'warn').mockImplementation((text) => void warnings.push(text))
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** The weight after training, compiled and not. */
async function both(train: (compile: boolean | undefined) => Promise<number>): Promise<void> {
  const eager = await train(false)
  expect(await train(undefined)).toBe(eager)
}

test.each([1, 2, 7])('what a callback changes at the end of an epoch of %d batches counts from the next', async (n) => {
  const train = async (compile?: boolean): Promise<number> => {
    const model = new Scaled()
    const callbacks: Callback[] = [{ onEpoch: ({ epoch }) => void (model.beta = [0, 2, 0.5, 0][epoch]) }]
    await fit(model, batches(n), { loss: mseLoss, optimizer: sgd(model), epochs: 4, callbacks, compile })
    return model.w.item()
  }
  await both(train)
  expect(warnings).toEqual([])
})

test('what a callback changes after a step counts for the next, in the loss too', async () => {
  await both(async (compile) => {
    const model = new Scaled()
    let k = 1
    const callbacks: Callback[] = [{ onStep: ({ step }) => void (k = 1 / (1 + step)) }]
    const loss = (o: Tensor, t: Tensor): Tensor => mseLoss(o, t).mul(k)
    await fit(model, batches(5), { loss, optimizer: sgd(model), epochs: 2, callbacks, compile, accumulate: 2 })
    return model.w.item()
  })
  expect(warnings).toEqual([])
})

test('without such callbacks a step is recorded a few times in all, with them a few times an epoch', async () => {
  const count = async (options: Partial<FitOptions>, n = 50, epochs = 20): Promise<number> => {
    const model = new Scaled()
    await fit(model, batches(n), { loss: mseLoss, optimizer: sgd(model), epochs, ...options })
    return model.seen.length
  }
  const ours = [checkpoint({ save: () => {} }), earlyStopping({ monitor: 'loss' })]
  const logs: Callback[] = [{ onEpoch: () => {} }]
  expect(await count({})).toBeLessThan(13)
  expect(await count({ callbacks: ours })).toBeLessThan(13)
  expect(await count({ callbacks: logs })).toBeLessThan(20 * 2 + 13)
  expect(await count({ callbacks: [{ readOnly: true, onStep: () => {} }] })).toBeLessThan(13)
  expect(await count({}, 1, 1000)).toBeLessThan(13)
  expect(await count({ compile: false })).toBe(1000)
})

test('a step that draws from Math.random is not compiled, and that is said once', async () => {
  class Forced extends Module {
    w = parameter(ones([1]))
    calls: number[] = []
    forward(x: Tensor): Tensor {
      const forced = Math.random() < 0.5
      this.calls.push(Number(forced))
      return x.mul(this.w).mul(forced ? 1 : 2)
    }
  }
  const random = Math.random
  const model = new Forced()
  const options: FitOptions = { loss: mseLoss, optimizer: sgd(model, 0), epochs: 2, validation: batches(3) }
  await fit(model, batches(20), options)
  expect(model.calls).toHaveLength(2 * 23)
  expect(new Set(model.calls).size).toBe(2)
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toMatch(/^fit: .*Math\.random.*compile: false/)
  expect(Math.random).toBe(random)
  await fit(model, batches(20), { ...options, compile: false })
  expect(warnings).toHaveLength(1)
  await evaluate(model, batches(3), { loss: mseLoss })
  expect(warnings[1]).toMatch(/^evaluate: .*Math\.random/)
  expect(model.calls).toHaveLength(4 * 23 + 3)
})

test('steps whose numbers or branches differ from call to call are not compiled', async () => {
  let calls = 0
  const decayed = (o: Tensor, t: Tensor): Tensor => mseLoss(o, t).mul(1 / ++calls)
  const branching = (o: Tensor, t: Tensor): Tensor => (++calls % 3 === 0 ? mseLoss(o, t) : o.sub(t).abs().mean())
  const listed = (o: Tensor, t: Tensor): Tensor => mseLoss(o.mul(tensor([[++calls]])), t)
  const sliced = (o: Tensor, t: Tensor): Tensor => mseLoss(o, t).pow(2 + (++calls % 2))
  for (const loss of [decayed, branching, listed, sliced]) {
    calls = 0
    const model = new Scaled()
    await fit(model, batches(40), { loss, optimizer: sgd(model, 0.01) })
    expect(warnings).toHaveLength(1)
    expect(warnings.pop()).toMatch(/^fit: .*compile: false/)
    expect(calls).toBeGreaterThan(30)
  }
})

test('a module that counts its own calls is not compiled', async () => {
  class Annealed extends Module {
    w = parameter(ones([1]))
    calls = 0
    forward(x: Tensor): Tensor {
      return x.mul(this.w).mul(++this.calls > 5 ? 2 : 1)
    }
  }
  await both(async (compile) => {
    const model = new Annealed()
    await fit(model, batches(12), { loss: mseLoss, optimizer: sgd(model, 0.01), compile })
    return model.w.item()
  })
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toContain("'calls'")
})

test.each(['a flag', 'ops'])('%s at the first use, and randomness of tensors, are no difference', async (first) => {
  class Lazy extends Module {
    table: Tensor[] = []
    inner = new Sequential(new Linear(3, 8), new BatchNorm1d(8), new Tanh(), new Dropout(0.3), new Linear(8, 1))
    runs = [0]
    isReady = false
    forward(x: Tensor): Tensor {
      this.runs[0]++
      if (first === 'a flag') this.isReady = true
      else if (this.runs[0] === 1) x = x.add(0)
      const noise = randn(x.shape as number[])
      return this.inner.forward(x.add(noise.mul(0.1)).mul(tensor([1, 2, 3])))
    }
  }
  const model = new Lazy()
  const data = Array.from({ length: 40 }, () => ({ x: randn([4, 3]), y: randn([4, 1]) }))
  await fit(model, data, { loss: mseLoss, optimizer: sgd(model, 0.01) })
  expect(warnings).toEqual([])
  expect(model.runs[0]).toBeLessThan(12)
  const before = memoryStats().storages
  await fit(model, data, { loss: mseLoss, optimizer: sgd(model, 0.01) })
  expect(memoryStats().storages - before).toBeLessThan(8) // the optimiser's own
})

test.each([true, false])('frozen parameters stay, from whenever they are frozen (compile %s)', async (compile) => {
  const model = new Sequential(new Linear(1, 2), new Linear(2, 1))
  const [first, second] = model.layers as Linear[]
  const optimizer = new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 })
  const options: FitOptions = { loss: mseLoss, optimizer, compile, clipNorm: 1 }
  const values = (): number[][] => [first, second].map(({ weight }) => Array.from(weight.data() as Float32Array))
  first.freeze()
  const [a, b] = values()
  await fit(model, batches(4), options)
  expect(values()[0]).toEqual(a)
  expect(values()[1]).not.toEqual(b)
  first.unfreeze()
  const at: number[][][] = []
  const callbacks: Callback[] = [
    {
      onStep({ step }) {
        at.push(values())
        if (step === 3) first.freeze()
        if (step === 5) first.unfreeze()
      },
    },
  ]
  await fit(model, batches(14), { ...options, callbacks, accumulate: 2 })
  expect(at[2][0]).not.toEqual(at[1][0])
  expect(at[4][0]).toEqual(at[2][0])
  expect(at[4][1]).not.toEqual(at[2][1])
  expect(at[5][0]).not.toEqual(at[4][0])
  model.freeze()
  await expect(fit(model, batches(1), options)).rejects.toThrow(/^fit: all parameters .* frozen/)
})

test('batches of many shapes train as without compiling', async () => {
  const data = Array.from({ length: 11 }, (_, i) => ({ x: ones([i + 1, 1]), y: ones([i + 1, 1]).mul(i / 8) }))
  await both(async (compile) => {
    const model = new Scaled()
    await fit(model, data, { loss: mseLoss, optimizer: sgd(model), epochs: 4, compile })
    // Eight shapes are recorded, and each a few times again; three are computed anew in every epoch.
    if (compile === undefined) expect(model.seen.length).toBeLessThan(8 * 3 + 3 * 4 + 1)
    return model.w.item()
  })
  expect(warnings).toEqual([])
})
