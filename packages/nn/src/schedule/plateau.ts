// A schedule that waits for a metric to stop getting better.

import { checkOptions } from '@x/tensor/op'
import { StateDictError } from '../module.ts'
import type { ParameterOptimizer } from '../optim/optimizer.ts'
import { inRange, oneOf, whole } from '../options.ts'
import { perGroup, type SchedulerState } from './scheduler.ts'

const PLATEAU = ['mode', 'factor', 'patience', 'threshold', 'thresholdMode', 'cooldown', 'minLr', 'eps']

/** Options of `ReduceLROnPlateau`. */
export interface ReduceLROnPlateauOptions {
  /** Whether smaller ('min') or larger ('max') metrics are better. Default 'min'. */
  mode?: 'min' | 'max'
  /** What rates are multiplied with, 0 to under 1. Default 0.1. */
  factor?: number
  /** Epochs without improvement that are waited for. Default 10. */
  patience?: number
  /** The least change that counts as better. Default 1e-4. */
  threshold?: number
  /** Whether the threshold is a share of the best metric ('rel') or absolute ('abs'). Default 'rel'. */
  thresholdMode?: 'rel' | 'abs'
  /** Epochs after a reduction in which none are counted. Default 0. */
  cooldown?: number
  /** Rates do not go below; one for all groups, or one for each. Default 0. */
  minLr?: number | readonly number[]
  /** Changes of a rate that are not larger than this are left out. Default 1e-8. */
  eps?: number
}

/**
 * lr · factor once the metric has not got better for more than `patience` epochs.
 * Source: torch.optim.lr_scheduler.ReduceLROnPlateau.
 * @throws RangeError for settings out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { SGD } from '@x/nn'
 * import { ReduceLROnPlateau } from '@x/nn/schedules'
 * const sgd = new SGD([tensor([1])], { lr: 0.5 })
 * const schedule = new ReduceLROnPlateau(sgd, { patience: 1, factor: 0.5 })
 * for (const loss of [3, 2, 2, 2]) schedule.step(loss)
 * sgd.lr // 0.25
 */
export class ReduceLROnPlateau {
  readonly optimizer: ParameterOptimizer
  /** Calls of `step` so far. */
  lastEpoch = 0
  /** The best metric so far; null before the first. */
  best: number | null = null
  private badEpochs = 0
  private coolingFor = 0
  private readonly settings: Required<Omit<ReduceLROnPlateauOptions, 'minLr'>>
  private readonly minLrs: readonly number[]

  constructor(optimizer: ParameterOptimizer, options: ReduceLROnPlateauOptions = {}) {
    checkOptions('ReduceLROnPlateau', options, PLATEAU)
    const { mode = 'min', factor = 0.1, patience = 10, threshold = 1e-4, thresholdMode = 'rel' } = options
    const { cooldown = 0, minLr = 0, eps = 1e-8 } = options
    if (!(factor >= 0 && factor < 1)) throw new RangeError(`ReduceLROnPlateau: factor ${factor} is not in [0, 1)`)
    oneOf('ReduceLROnPlateau: mode', mode, ['min', 'max'])
    oneOf('ReduceLROnPlateau: thresholdMode', thresholdMode, ['rel', 'abs'])
    whole('ReduceLROnPlateau: patience', patience, 0)
    whole('ReduceLROnPlateau: cooldown', cooldown, 0)
    inRange('ReduceLROnPlateau: threshold', threshold, 0)
    inRange('ReduceLROnPlateau: eps', eps, 0)
    this.optimizer = optimizer
    this.settings = { mode, factor, patience, threshold, thresholdMode, cooldown, eps }
    this.minLrs = perGroup('ReduceLROnPlateau: minLr', minLr, optimizer)
    for (const least of this.minLrs) inRange('ReduceLROnPlateau: minLr', least, 0)
  }

  /** @param metric of the epoch that is over, such as the validation loss */
  step(metric: number): void {
    const { patience, cooldown, factor, eps } = this.settings
    this.lastEpoch++
    if (this.isBetter(metric)) {
      this.best = metric
      this.badEpochs = 0
    } else this.badEpochs++
    if (this.coolingFor > 0) {
      this.coolingFor--
      this.badEpochs = 0
    }
    if (this.badEpochs <= patience) return
    this.optimizer.groups.forEach((group, i) => {
      const next = Math.max(group.lr * factor, this.minLrs[i])
      if (group.lr - next > eps) group.lr = next
    })
    this.coolingFor = cooldown
    this.badEpochs = 0
  }

  /** The learning rates of the groups. */
  get lastLr(): number[] {
    return this.optimizer.groups.map(({ lr }) => lr)
  }

  stateDict(): SchedulerState {
    const { lastEpoch, best, badEpochs, coolingFor } = this
    return { lastEpoch, best, badEpochs, coolingFor }
  }

  /** @throws StateDictError for the state of something else; nothing is changed then */
  loadStateDict({ lastEpoch, best, badEpochs, coolingFor }: SchedulerState): void {
    const numbers = [lastEpoch, badEpochs, coolingFor].every((x) => typeof x === 'number')
    if (!numbers || !(best === null || typeof best === 'number'))
      throw new StateDictError('loadStateDict: not the state of a ReduceLROnPlateau')
    Object.assign(this, { lastEpoch, best, badEpochs, coolingFor })
  }

  private isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.settings
    const { best } = this
    if (best === null) return !Number.isNaN(metric)
    const down = mode === 'min' ? -threshold : threshold
    const bound = thresholdMode === 'rel' ? best * (1 + down) : best + down
    return mode === 'min' ? metric < bound : metric > bound
  }
}
