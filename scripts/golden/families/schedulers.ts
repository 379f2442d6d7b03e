// Learning rates by step.
import { SGD } from '@x/nn'
import {
  ConstantLR,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  CyclicLR,
  ExponentialLR,
  LinearLR,
  type LRScheduler,
  MultiStepLR,
  noam,
  OneCycleLR,
  type OneCycleLROptions,
  PolynomialLR,
  ReduceLROnPlateau,
  SequentialLR,
  StepLR,
} from '@x/nn/schedules'
import { dispose, tensor } from '@x/tensor'
import { agreeValues } from '../compare.ts'
import { camelCase } from './optim.ts'
import { type Args, type Check, readingAll, type Table } from './table.ts'

/** Runs `fn` on an optimiser of the recorded rate, with momentum for those who cycle it. */
function withOptimizer(lr: number, fn: (optimizer: SGD) => void): void {
  const optimizer = new SGD([tensor([1])], { lr, momentum: 0.5 })
  try {
    fn(optimizer)
  } finally {
    dispose(optimizer)
  }
}

type Make = (optimizer: SGD, args: Args) => LRScheduler

const following = (make: Make): Check => ({
  check: ({ args, rest }) =>
    withOptimizer(rest.base_lr, (optimizer) => {
      const schedule = readingAll(args, (args) => make(optimizer, args))
      const momenta: number[] = []
      const lrs = (rest.lrs as number[]).map(() => {
        const { lr } = optimizer
        momenta.push(optimizer.groups[0].momentum)
        schedule.step()
        return lr
      })
      agreeValues('the rates', lrs, rest.lrs, { exact: true })
      if (rest.momenta) agreeValues('the momenta', momenta, rest.momenta, { exact: true })
    }),
})

const plateau: Check = {
  check: ({ args, rest }) =>
    withOptimizer(rest.base_lr, (optimizer) => {
      const schedule = readingAll(args, (args) => new ReduceLROnPlateau(optimizer, camelCase(args)))
      const lrs = [optimizer.lr]
      for (const metric of rest.metrics) {
        schedule.step(metric)
        lrs.push(optimizer.lr)
      }
      agreeValues('the rates', lrs, rest.lrs, { exact: true })
    }),
}

const CLASSES = {
  StepLR,
  MultiStepLR,
  ExponentialLR,
  ConstantLR,
  LinearLR,
  CyclicLR,
  PolynomialLR,
}
type Class = new (optimizer: SGD, options: object) => LRScheduler

export const schedulers: Table = {
  ...Object.fromEntries(
    Object.entries(CLASSES).map(([name, Schedule]) => [
      `torch.optim.lr_scheduler.${name}`,
      following((optimizer, args) => new (Schedule as Class)(optimizer, camelCase(args))),
    ]),
  ),
  'torch.optim.lr_scheduler.CosineAnnealingLR': following(
    (optimizer, { T_max: tMax, eta_min: etaMin }) => new CosineAnnealingLR(optimizer, { tMax, etaMin }),
  ),
  'torch.optim.lr_scheduler.CosineAnnealingWarmRestarts': following(
    (optimizer, { T_0: t0, T_mult: tMult, eta_min: etaMin }) =>
      new CosineAnnealingWarmRestarts(optimizer, { t0, tMult, etaMin }),
  ),
  'torch.optim.lr_scheduler.OneCycleLR': following((optimizer, { epochs, steps_per_epoch, ...args }) => {
    const { totalSteps = epochs * steps_per_epoch, ...options } = camelCase(args)
    return new OneCycleLR(optimizer, { ...options, totalSteps } as OneCycleLROptions)
  }),
  'torch.optim.lr_scheduler.ReduceLROnPlateau': plateau,
  'SequentialLR(LinearLR(.1,total 5), CosineAnnealingLR(T_max=15), milestones=[5])': following((optimizer) => {
    const warmUp = new LinearLR(optimizer, { startFactor: 0.1, totalIters: 5 })
    const decay = new CosineAnnealingLR(optimizer, { tMax: 15 })
    return new SequentialLR(optimizer, [warmUp, decay], { milestones: [5] })
  }),
  'noam: d^-0.5*min(step^-0.5, step*warmup^-1.5), step from 1': {
    check: ({ args: { d_model: modelSize, warmup }, rest }) => {
      const lrs = (rest.lrs as number[]).map((_, k) => noam(k + 1, { modelSize, warmup }))
      agreeValues('the rates', lrs, rest.lrs, { exact: true })
    },
  },
}
