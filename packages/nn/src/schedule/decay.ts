// Schedules that multiply the learning rate: by steps, along lines and powers, by a function.

import { checkOptions } from '@x/tensor/op'
import type { ParameterOptimizer } from '../optim/optimizer.ts'
import { inRange, positive, whole } from '../options.ts'
import { perGroup, RateScheduler } from './scheduler.ts'

/**
 * lr · gamma every `stepSize` epochs. Source: torch.optim.lr_scheduler.StepLR.
 * @param options.stepSize epochs, ≥ 1
 * @param options.gamma default 0.1
 * @throws RangeError for a setting out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { SGD } from '@x/nn'
 * import { StepLR } from '@x/nn/schedules'
 * const sgd = new SGD([tensor([1])], { lr: 0.5 })
 * const schedule = new StepLR(sgd, { stepSize: 2, gamma: 0.5 })
 * schedule.step()
 * schedule.step()
 * sgd.lr // 0.25
 */
export class StepLR extends RateScheduler {
  private readonly stepSize: number
  private readonly gamma: number

  constructor(optimizer: ParameterOptimizer, options: { stepSize: number; gamma?: number }) {
    super(optimizer)
    checkOptions('StepLR', options, ['stepSize', 'gamma'])
    const { stepSize, gamma = 0.1 } = options
    this.stepSize = whole('StepLR: stepSize', stepSize)
    this.gamma = inRange('StepLR: gamma', gamma, 0)
    this.begin()
  }

  protected override rate(lr: number): number {
    const { lastEpoch: t } = this
    return t > 0 && t % this.stepSize === 0 ? lr * this.gamma : lr
  }
}

/**
 * lr · gamma at each of the milestones. Source: torch.optim.lr_scheduler.MultiStepLR.
 * @param options.milestones epochs; one that is given twice counts twice
 * @param options.gamma default 0.1
 * @throws RangeError for a setting out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { SGD } from '@x/nn'
 * import { MultiStepLR } from '@x/nn/schedules'
 * const sgd = new SGD([tensor([1])], { lr: 0.5 })
 * const schedule = new MultiStepLR(sgd, { milestones: [1, 30], gamma: 0.5 })
 * schedule.step()
 * sgd.lr // 0.25
 */
export class MultiStepLR extends RateScheduler {
  private readonly milestones: readonly number[]
  private readonly gamma: number

  constructor(optimizer: ParameterOptimizer, options: { milestones: readonly number[]; gamma?: number }) {
    super(optimizer)
    checkOptions('MultiStepLR', options, ['milestones', 'gamma'])
    const { milestones, gamma = 0.1 } = options
    this.milestones = milestones.map((m) => whole('MultiStepLR: milestones', m, 0))
    this.gamma = inRange('MultiStepLR: gamma', gamma, 0)
    this.begin()
  }

  protected override rate(lr: number): number {
    return lr * this.gamma ** this.milestones.filter((m) => m === this.lastEpoch).length
  }
}

/**
 * lr · gamma every epoch. Source: torch.optim.lr_scheduler.ExponentialLR.
 * @throws RangeError for a negative gamma
 * @example
 * import { tensor } from '@x/tensor'
 * import { SGD } from '@x/nn'
 * import { ExponentialLR } from '@x/nn/schedules'
 * const sgd = new SGD([tensor([1])], { lr: 0.5 })
 * new ExponentialLR(sgd, { gamma: 0.5 }).step()
 * sgd.lr // 0.25
 */
export class ExponentialLR extends RateScheduler {
  private readonly gamma: number

  constructor(optimizer: ParameterOptimizer, options: { gamma: number }) {
    super(optimizer)
    checkOptions('ExponentialLR', options, ['gamma'])
    this.gamma = inRange('ExponentialLR: gamma', options.gamma, 0)
    this.begin()
  }

  protected override rate(lr: number): number {
    return this.lastEpoch === 0 ? lr : lr * this.gamma
  }
}

/**
 * lr · factor for the first `totalIters` epochs. Source: torch.optim.lr_scheduler.ConstantLR.
 * @param options.factor over 0 to 1, default ⅓
 * @param options.totalIters epochs, default 5
 * @throws RangeError for a setting out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { SGD } from '@x/nn'
 * import { ConstantLR } from '@x/nn/schedules'
 * const sgd = new SGD([tensor([1])], { lr: 0.5 })
 * const schedule = new ConstantLR(sgd, { factor: 0.5, totalIters: 1 }) // sgd.lr is 0.25
 * schedule.step()
 * sgd.lr // 0.5
 */
export class ConstantLR extends RateScheduler {
  private readonly factor: number
  private readonly totalIters: number

  constructor(optimizer: ParameterOptimizer, options: { factor?: number; totalIters?: number } = {}) {
    super(optimizer)
    checkOptions('ConstantLR', options, ['factor', 'totalIters'])
    const { factor = 1 / 3, totalIters = 5 } = options
    this.factor = inRange('ConstantLR: factor', positive('ConstantLR: factor', factor), 0, 1)
    this.totalIters = whole('ConstantLR: totalIters', totalIters)
    this.begin()
  }

  protected override rate(lr: number): number {
    if (this.lastEpoch === 0) return lr * this.factor
    return this.lastEpoch === this.totalIters ? lr * (1 / this.factor) : lr
  }
}

/**
 * lr times a factor that goes along a line from `startFactor` to `endFactor` in `totalIters` epochs: a warm-up.
 * Source: torch.optim.lr_scheduler.LinearLR.
 * @param options.startFactor over 0 to 1, default ⅓
 * @param options.endFactor 0 to 1, default 1
 * @param options.totalIters epochs, default 5
 * @throws RangeError for a setting out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { SGD } from '@x/nn'
 * import { LinearLR } from '@x/nn/schedules'
 * const sgd = new SGD([tensor([1])], { lr: 0.5 })
 * const schedule = new LinearLR(sgd, { startFactor: 0.5, totalIters: 2 }) // sgd.lr is 0.25
 * schedule.step()
 * sgd.lr // 0.375
 */
export class LinearLR extends RateScheduler {
  private readonly startFactor: number
  private readonly endFactor: number
  private readonly totalIters: number

  constructor(
    optimizer: ParameterOptimizer,
    options: { startFactor?: number; endFactor?: number; totalIters?: number } = {},
  ) {
    super(optimizer)
    checkOptions('LinearLR', options, ['startFactor', 'endFactor', 'totalIters'])
    const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = options
    this.startFactor = inRange('LinearLR: startFactor', positive('LinearLR: startFactor', startFactor), 0, 1)
    this.endFactor = inRange('LinearLR: endFactor', endFactor, 0, 1)
    this.totalIters = whole('LinearLR: totalIters', totalIters)
    this.begin()
  }

  protected override rate(lr: number): number {
    const { lastEpoch: t, startFactor, endFactor, totalIters } = this
    if (t === 0) return lr * startFactor
    if (t > totalIters) return lr
    const rise = endFactor - startFactor
    return lr * (1 + rise / (totalIters * startFactor + (t - 1) * rise))
  }
}

/**
 * lr · (1 − t/totalIters)^power, 0 from `totalIters` on. Source: torch.optim.lr_scheduler.PolynomialLR.
 * @param options.totalIters epochs, default 5
 * @param options.power default 1
 * @throws RangeError for a setting out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { SGD } from '@x/nn'
 * import { PolynomialLR } from '@x/nn/schedules'
 * const sgd = new SGD([tensor([1])], { lr: 0.5 })
 * new PolynomialLR(sgd, { totalIters: 2, power: 2 }).step()
 * sgd.lr // 0.125
 */
export class PolynomialLR extends RateScheduler {
  private readonly totalIters: number
  private readonly power: number

  constructor(optimizer: ParameterOptimizer, options: { totalIters?: number; power?: number } = {}) {
    super(optimizer)
    checkOptions('PolynomialLR', options, ['totalIters', 'power'])
    const { totalIters = 5, power = 1 } = options
    this.totalIters = whole('PolynomialLR: totalIters', totalIters)
    this.power = inRange('PolynomialLR: power', power, 0)
    this.begin()
  }

  protected override rate(lr: number): number {
    const { lastEpoch: t, totalIters: end } = this
    return t === 0 || t > end ? lr : lr * ((1 - t / end) / (1 - (t - 1) / end)) ** this.power
  }
}

/** A factor of the learning rate for an epoch, counted from 0. */
export type RateFactor = (epoch: number) => number

/**
 * The rate before any schedule times `factor(epoch)`. Source: torch.optim.lr_scheduler.LambdaLR. The functions are not
 * part of the saved state.
 * @param factor one for all groups, or one for each
 * @throws RangeError for a list of another length than there are groups
 * @example
 * import { tensor } from '@x/tensor'
 * import { Adam } from '@x/nn'
 * import { LambdaLR, noam } from '@x/nn/schedules'
 * const adam = new Adam([tensor([1])], { lr: 1 })
 * new LambdaLR(adam, (epoch) => noam(epoch + 1, { modelSize: 64, warmup: 10 }))
 * adam.lr.toFixed(6) // '0.003953'
 */
export class LambdaLR extends RateScheduler {
  private readonly factors: readonly RateFactor[]

  constructor(optimizer: ParameterOptimizer, factor: RateFactor | readonly RateFactor[]) {
    super(optimizer)
    this.factors = perGroup('LambdaLR: factor', factor, optimizer)
    for (const f of this.factors)
      if (typeof f !== 'function') throw new TypeError(`LambdaLR: factor ${f} is no function of the epoch`)
    this.begin()
  }

  protected override rate(_lr: number, base: number, group: number): number {
    return base * this.factors[group](this.lastEpoch)
  }
}

/**
 * The rate of the original transformer: modelSize^−½ · min(step^−½, step · warmup^−1.5), which rises for `warmup` steps
 * and falls as 1/√step then.
 * Source: Vaswani et al. 2017, arXiv:1706.03762, equation 3.
 * @param step from 1
 * @param options.modelSize width of the model
 * @param options.warmup steps
 * @throws RangeError for a setting out of range
 * @example
 * import { noam } from '@x/nn/schedules'
 * noam(10, { modelSize: 64, warmup: 10 }).toFixed(6) // '0.039528', the highest
 */
export function noam(step: number, options: { modelSize: number; warmup: number }): number {
  checkOptions('noam', options, ['modelSize', 'warmup'])
  const { modelSize, warmup } = options
  inRange('noam: step', step, 1)
  positive('noam: warmup', warmup)
  positive('noam: modelSize', modelSize)
  return modelSize ** -0.5 * Math.min(step ** -0.5, step * warmup ** -1.5)
}
