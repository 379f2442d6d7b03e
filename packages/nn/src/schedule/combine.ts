// Schedules made of others: one after the other, or at once.

import { checkOptions } from '@x/tensor/op'
import { StateDictError } from '../module.ts'
import type { ParameterOptimizer } from '../optim/optimizer.ts'
import { whole } from '../options.ts'
import { LRScheduler, type SchedulerState } from './scheduler.ts'

abstract class Combined extends LRScheduler {
  protected readonly schedulers: readonly LRScheduler[]

  constructor(name: string, optimizer: ParameterOptimizer, schedulers: readonly LRScheduler[]) {
    super(optimizer)
    schedulers.forEach((s, i) => {
      if (!(s instanceof LRScheduler))
        throw new RangeError(`${name}: scheduler ${i} is not a schedule that steps without a metric`)
      if (s.optimizer !== optimizer) throw new RangeError(`${name}: scheduler ${i} belongs to another optimiser`)
    })
    this.schedulers = [...schedulers]
  }

  override stateDict(): SchedulerState {
    return { ...super.stateDict(), schedulers: this.schedulers.map((s) => s.stateDict()) }
  }

  override loadStateDict(state: SchedulerState): void {
    const { schedulers } = state
    if (!Array.isArray(schedulers) || schedulers.length !== this.schedulers.length)
      throw new StateDictError(`loadStateDict: not the state of ${this.schedulers.length} schedules`)
    // The parts first: they throw before anything of this one has changed.
    this.schedulers.forEach((s, i) => {
      s.loadStateDict(schedulers[i])
    })
    super.loadStateDict(state)
  }
}

/**
 * One schedule after the other: the next begins at each milestone, from the rates before any schedule.
 * Source: torch.optim.lr_scheduler.SequentialLR.
 * @param schedulers of the same optimiser, not ReduceLROnPlateau
 * @param options.milestones epochs, rising, one less than there are schedules
 * @throws RangeError for schedules that do not belong together
 * @example
 * import { tensor } from '@x/tensor'
 * import { SGD } from '@x/nn'
 * import { CosineAnnealingLR, LinearLR, SequentialLR } from '@x/nn/schedules'
 * const sgd = new SGD([tensor([1])], { lr: 0.5 })
 * const warmUp = new LinearLR(sgd, { startFactor: 0.1, totalIters: 5 })
 * const decay = new CosineAnnealingLR(sgd, { tMax: 95 })
 * const schedule = new SequentialLR(sgd, [warmUp, decay], { milestones: [5] })
 * for (let epoch = 0; epoch < 5; epoch++) schedule.step()
 * sgd.lr // 0.5
 */
export class SequentialLR extends Combined {
  private readonly milestones: readonly number[]

  constructor(
    optimizer: ParameterOptimizer,
    schedulers: readonly LRScheduler[],
    options: { milestones: readonly number[] },
  ) {
    super('SequentialLR', optimizer, schedulers)
    checkOptions('SequentialLR', options, ['milestones'])
    const { milestones } = options
    if (milestones.length !== schedulers.length - 1)
      throw new RangeError(`SequentialLR: ${milestones.length} milestones for ${schedulers.length} schedulers`)
    milestones.forEach((m, i) => {
      whole('SequentialLR: milestones', m, i === 0 ? 1 : milestones[i - 1] + 1)
    })
    this.milestones = [...milestones]
    this.begin()
  }

  protected override apply(): void {
    const index = this.milestones.filter((m) => m <= this.lastEpoch).length
    const start = index === 0 ? 0 : this.milestones[index - 1]
    if (this.lastEpoch === start) this.schedulers[index].restart()
    else this.schedulers[index].step()
  }
}

/**
 * Several schedules at once: their factors multiply.
 * Source: torch.optim.lr_scheduler.ChainedScheduler.
 * @param schedulers of one optimiser, not ReduceLROnPlateau
 * @throws RangeError for schedules that do not belong together
 * @example
 * import { tensor } from '@x/tensor'
 * import { SGD } from '@x/nn'
 * import { ChainedScheduler, ConstantLR, ExponentialLR } from '@x/nn/schedules'
 * const sgd = new SGD([tensor([1])], { lr: 1 })
 * const both = [new ConstantLR(sgd, { factor: 0.5, totalIters: 4 }), new ExponentialLR(sgd, { gamma: 0.5 })]
 * new ChainedScheduler(both).step()
 * sgd.lr // 0.25
 */
export class ChainedScheduler extends Combined {
  constructor(schedulers: readonly LRScheduler[]) {
    if (schedulers.length === 0) throw new RangeError('ChainedScheduler: there is no scheduler')
    super('ChainedScheduler', schedulers[0].optimizer, schedulers)
  }

  override begin(): void {
    this.lastEpoch = 0
    for (const s of this.schedulers) s.begin()
  }

  protected override apply(): void {
    for (const s of this.schedulers) s.step()
  }
}
