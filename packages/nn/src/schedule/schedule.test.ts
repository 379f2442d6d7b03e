// Schedules: what can be computed by hand, resuming, groups, compiled steps, misuse. That they follow PyTorch is recorded
// in golden/schedulers.json.
import { compile, type Tensor, tensor } from '@x/tensor'
import { describe, expect, test } from 'vitest'
import { Adam, SGD, StateDictError } from '../index.ts'
import {
  ChainedScheduler,
  ConstantLR,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  CyclicLR,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  type LRScheduler,
  MultiStepLR,
  noam,
  OneCycleLR,
  PolynomialLR,
  ReduceLROnPlateau,
  SequentialLR,
  StepLR,
} from '../schedules.ts'

const sgd = (lr = 1): SGD => new SGD([tensor([1])], { lr, momentum: 0.9 })

const schedules: Readonly<Record<string, (o: SGD) => LRScheduler>> = {
  StepLR: (o) => new StepLR(o, { stepSize: 3 }),
  MultiStepLR: (o) => new MultiStepLR(o, { milestones: [2, 2, 7] }),
  ExponentialLR: (o) => new ExponentialLR(o, { gamma: 0.9 }),
  ConstantLR: (o) => new ConstantLR(o),
  LinearLR: (o) => new LinearLR(o, { totalIters: 7 }),
  PolynomialLR: (o) => new PolynomialLR(o, { totalIters: 8, power: 2 }),
  CosineAnnealingLR: (o) => new CosineAnnealingLR(o, { tMax: 5 }),
  CosineAnnealingWarmRestarts: (o) => new CosineAnnealingWarmRestarts(o, { t0: 2, tMult: 2 }),
  OneCycleLR: (o) => new OneCycleLR(o, { maxLr: 2, totalSteps: 20 }),
  CyclicLR: (o) => new CyclicLR(o, { baseLr: 0.1, maxLr: 1, stepSizeUp: 3, mode: 'triangular2' }),
  LambdaLR: (o) => new LambdaLR(o, (epoch) => 1 / (epoch + 1)),
  SequentialLR: (o) => {
    const parts = [new LinearLR(o, { totalIters: 4 }), new ExponentialLR(o, { gamma: 0.5 })]
    return new SequentialLR(o, parts, { milestones: [4] })
  },
  ChainedScheduler: (o) => new ChainedScheduler([new ConstantLR(o), new ExponentialLR(o, { gamma: 0.9 })]),
}

test.each(Object.keys(schedules))('%s stopped, saved and resumed gives the same rates', (name) => {
  const make = schedules[name]
  const run = (o: SGD, s: LRScheduler, steps: number): number[][] =>
    Array.from({ length: steps }, () => {
      s.step()
      return [o.lr, o.groups[0].momentum]
    })
  const whole = sgd()
  const expected = run(whole, make(whole), 16)
  const first = sgd()
  const before = make(first)
  const rates = run(first, before, 8)
  const second = sgd()
  const after = make(second)
  second.loadStateDict(first.stateDict())
  after.loadStateDict(JSON.parse(JSON.stringify(before.stateDict())))
  expect([...rates, ...run(second, after, 8)]).toEqual(expected)
  expect(after.lastLr).toEqual([second.lr])
  expect(() => after.loadStateDict({ lastEpoch: 1 })).toThrow(StateDictError)
})

test('the plateau resumes as well', () => {
  const metrics = [3, 2, 2, 2, 1, 1, 1, 1]
  const rates = (stopAt: number): number[] => {
    let [o, s] = [sgd(), null as ReduceLROnPlateau | null]
    return metrics.map((metric, i) => {
      if (s === null) s = new ReduceLROnPlateau(o, { patience: 1, cooldown: 1 })
      if (i === stopAt) {
        const next = sgd()
        const resumed = new ReduceLROnPlateau(next, { patience: 1, cooldown: 1 })
        next.loadStateDict(o.stateDict())
        resumed.loadStateDict(JSON.parse(JSON.stringify(s.stateDict())))
        ;[o, s] = [next, resumed]
      }
      s.step(metric)
      return o.lr
    })
  }
  expect(rates(5)).toEqual(rates(-1))
  expect(rates(-1)[3]).toBe(0.1)
})

describe('by hand', () => {
  test('each group keeps its own rate', () => {
    const o = new SGD([{ params: [tensor([1])], lr: 1 }, { params: [tensor([1])] }], { lr: 0.5 })
    const s = new LambdaLR(o, [(epoch) => epoch + 1, () => 2])
    s.step()
    expect(s.lastLr).toEqual([2, 1])
    expect(o.groups.map(({ initialLr }) => initialLr)).toEqual([1, 0.5])
    const cycle = new CyclicLR(o, { baseLr: [0, 1], maxLr: [1, 2], stepSizeUp: 2, cycleMomentum: false })
    cycle.step()
    expect(cycle.lastLr).toEqual([0.5, 1.5])
  })

  test('a chain multiplies', () => {
    const o = sgd()
    const chain = new ChainedScheduler([
      new ConstantLR(o, { factor: 0.5, totalIters: 2 }),
      new StepLR(o, { stepSize: 1 }),
    ])
    expect(o.lr).toBe(0.5)
    chain.step()
    expect(o.lr).toBeCloseTo(0.05, 12)
    chain.step()
    expect(o.lr).toBeCloseTo(0.01, 12)
    chain.restart()
    expect(o.lr).toBe(0.5)
  })

  test('the cosine comes up again, and restarts may be asked for within an epoch', () => {
    const o = sgd()
    const s = new CosineAnnealingLR(o, { tMax: 2 })
    const rates = Array.from({ length: 8 }, () => {
      s.step()
      return o.lr
    })
    expect(rates.map((x) => Number(x.toFixed(12)))).toEqual([0.5, 0, 0.5, 1, 0.5, 0, 0.5, 1])
    const p = sgd()
    const warm = new CosineAnnealingWarmRestarts(p, { t0: 2, tMult: 3 })
    warm.step(1.5)
    expect(p.lr).toBeCloseTo(0.5 * (1 + Math.cos((Math.PI * 3) / 4)), 12)
    warm.step(5)
    expect(p.lr).toBeCloseTo(0.5, 12)
  })

  test('betas take the place of momentum', () => {
    const adam = new Adam([tensor([1])])
    new OneCycleLR(adam, { maxLr: 1, totalSteps: 10 })
    expect(adam.groups[0].betas).toEqual([0.95, 0.999])
    new CyclicLR(adam, { baseLr: 0.1, maxLr: 1 })
    expect(adam.groups[0].betas).toEqual([0.9, 0.999])
    new OneCycleLR(adam, { maxLr: 1, totalSteps: 10, cycleMomentum: false })
    expect(adam.groups[0].betas).toEqual([0.9, 0.999])
  })

  test('a height of one’s own', () => {
    const o = sgd()
    const scaleFn = (x: number): number => 1 / (x + 1)
    const s = new CyclicLR(o, { baseLr: 0, maxLr: 1, stepSizeUp: 1, scaleFn, scaleMode: 'iterations' })
    s.step()
    expect(o.lr).toBe(0.5)
  })

  test('a metric that is NaN is never the best', () => {
    const s = new ReduceLROnPlateau(sgd(), { mode: 'max', thresholdMode: 'abs', threshold: 1 })
    s.step(Number.NaN)
    expect(s.best).toBe(null)
    s.step(2)
    s.step(2.5)
    expect(s.best).toBe(2)
  })

  test('compiled steps follow', () => {
    const w = tensor([8])
    const o = new SGD([w], { lr: 4 })
    const s = new ExponentialLR(o, { gamma: 0.5 })
    const step = compile((g: Tensor) => o.step([g]))
    for (let i = 0; i < 3; i++) {
      step(tensor([1]))
      s.step()
    }
    expect(w.item()).toBe(8 - 4 - 2 - 1)
  })
})

test.each([
  [() => new StepLR(sgd(), { stepSize: 0 }), 'StepLR: stepSize 0 is not a whole number ≥ 1'],
  [() => new MultiStepLR(sgd(), { milestones: [1.5] }), 'MultiStepLR: milestones 1.5'],
  [() => new ExponentialLR(sgd(), { gamma: -1 }), 'ExponentialLR: gamma -1'],
  [() => new ConstantLR(sgd(), { factor: 2 }), 'ConstantLR: factor 2'],
  [() => new LinearLR(sgd(), { startFactor: 0 }), 'LinearLR: startFactor 0'],
  [() => new PolynomialLR(sgd(), { totalIters: 0 }), 'PolynomialLR: totalIters 0'],
  [() => new CosineAnnealingLR(sgd(), { tMax: -1 }), 'CosineAnnealingLR: tMax -1'],
  [() => new CosineAnnealingWarmRestarts(sgd(), { t0: 1, tMult: 0 }), 'CosineAnnealingWarmRestarts: tMult 0'],
  [() => new LambdaLR(sgd(), []), 'LambdaLR: factor has 0 values for 1 groups'],
  [() => new LambdaLR(sgd(), () => -1), 'SGD: lr -1'],
  [() => noam(0, { modelSize: 1, warmup: 1 }), 'noam: step 0'],
  [() => new OneCycleLR(sgd(), { maxLr: 1, totalSteps: 9, pctStart: 2 }), 'OneCycleLR: pctStart 2'],
  [() => new OneCycleLR(new SGD([tensor([1])]), { maxLr: 1, totalSteps: 9 }), 'SGD: momentum 0.95 needs state'],
  [() => new CyclicLR(sgd(), { baseLr: 1, maxLr: 2, mode: 'square' as 'triangular' }), "CyclicLR: mode 'square'"],
  [() => new ReduceLROnPlateau(sgd(), { factor: 1 }), 'ReduceLROnPlateau: factor 1 is not in [0, 1)'],
  [() => new SequentialLR(sgd(), [], { milestones: [1] }), 'SequentialLR: 1 milestones for 0 schedulers'],
  [() => new ChainedScheduler([]), 'ChainedScheduler: there is no scheduler'],
  [
    () => new ChainedScheduler([new StepLR(sgd(), { stepSize: 1 }), new StepLR(sgd(), { stepSize: 1 })]),
    'ChainedScheduler: scheduler 1 belongs to another optimiser',
  ],
  [
    () => {
      const s = new OneCycleLR(sgd(), { maxLr: 1, totalSteps: 2 })
      for (let i = 0; i < 3; i++) s.step()
    },
    'OneCycleLR: step 3 of a cycle of 2 steps',
  ],
])('misuse %# names option and value', (fn, message) => {
  expect(fn).toThrow(RangeError)
  expect(fn).toThrow(message)
})
