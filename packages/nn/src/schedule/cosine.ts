// Schedules along a cosine.

import { checkOptions } from '@x/tensor/op'
import type { ParameterOptimizer } from '../optim/optimizer.ts'
import { inRange, whole } from '../options.ts'
import { RateScheduler } from './scheduler.ts'

/**
 * etaMin + ½(lr − etaMin)(1 + cos(π t / tMax)); it rises again after `tMax`. Computed from the present rate, as in
 * torch.optim.lr_scheduler.CosineAnnealingLR, so that it can be combined with others.
 * Source: Loshchilov and Hutter 2017, arXiv:1608.03983, without restarts.
 * @param options.tMax epochs from the highest rate to the lowest
 * @param options.etaMin the lowest rate. Default 0
 * @throws RangeError for a setting out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { SGD } from '@x/nn'
 * import { CosineAnnealingLR } from '@x/nn/schedules'
 * const sgd = new SGD([tensor([1])], { lr: 0.5 })
 * const schedule = new CosineAnnealingLR(sgd, { tMax: 2 })
 * schedule.step()
 * sgd.lr.toFixed(4) // '0.2500'
 */
export class CosineAnnealingLR extends RateScheduler {
  private readonly tMax: number
  private readonly etaMin: number

  constructor(optimizer: ParameterOptimizer, options: { tMax: number; etaMin?: number }) {
    super(optimizer)
    checkOptions('CosineAnnealingLR', options, ['tMax', 'etaMin'])
    const { tMax, etaMin = 0 } = options
    this.tMax = whole('CosineAnnealingLR: tMax', tMax)
    this.etaMin = inRange('CosineAnnealingLR: etaMin', etaMin, 0)
    this.begin()
  }

  protected override rate(lr: number, base: number): number {
    const { lastEpoch: t, tMax, etaMin } = this
    const height = (t: number): number => 1 + Math.cos((Math.PI * t) / tMax)
    if (t === 0) return lr
    // The epoch before was at the bottom, where the ratio below is 0 / 0.
    if ((t - 1 - tMax) % (2 * tMax) === 0) return lr + ((base - etaMin) * (1 - Math.cos(Math.PI / tMax))) / 2
    return (height(t) / height(t - 1)) * (lr - etaMin) + etaMin
  }
}

/** Options of `CosineAnnealingWarmRestarts`. */
export interface CosineAnnealingWarmRestartsOptions {
  /** Epochs until the first restart. */
  t0: number
  /** Each round takes this many times the epochs of the one before, ≥ 1. Default 1. */
  tMult?: number
  /** The lowest rate. Default 0. */
  etaMin?: number
}

/**
 * etaMin + ½(lr − etaMin)(1 + cos(π t / T)), t and T being epochs since the last restart and between restarts.
 * Source: Loshchilov and Hutter 2017, arXiv:1608.03983, as torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.
 * @throws RangeError for a setting out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { SGD } from '@x/nn'
 * import { CosineAnnealingWarmRestarts } from '@x/nn/schedules'
 * const sgd = new SGD([tensor([1])], { lr: 0.5 })
 * const schedule = new CosineAnnealingWarmRestarts(sgd, { t0: 2 })
 * schedule.step()
 * sgd.lr.toFixed(4) // '0.2500'
 * schedule.step()
 * sgd.lr // 0.5 again
 */
export class CosineAnnealingWarmRestarts extends RateScheduler {
  private readonly t0: number
  private readonly tMult: number
  private readonly etaMin: number

  constructor(optimizer: ParameterOptimizer, options: CosineAnnealingWarmRestartsOptions) {
    super(optimizer)
    checkOptions('CosineAnnealingWarmRestarts', options, ['t0', 'tMult', 'etaMin'])
    const { t0, tMult = 1, etaMin = 0 } = options
    this.t0 = whole('CosineAnnealingWarmRestarts: t0', t0)
    this.tMult = whole('CosineAnnealingWarmRestarts: tMult', tMult)
    this.etaMin = inRange('CosineAnnealingWarmRestarts: etaMin', etaMin, 0)
    this.begin()
  }

  /** @param epoch where to go, which may be a fraction (epoch + batch / batches). Default the next */
  override step(epoch: number = this.lastEpoch + 1): void {
    this.lastEpoch = inRange('CosineAnnealingWarmRestarts: epoch', epoch, 0)
    this.apply()
  }

  protected override rate(_lr: number, base: number): number {
    const { etaMin, tMult } = this
    let [t, length] = [this.lastEpoch, this.t0]
    if (tMult === 1) t %= length
    else
      while (t >= length) {
        t -= length
        length *= tMult
      }
    return etaMin + ((base - etaMin) * (1 + Math.cos((Math.PI * t) / length))) / 2
  }
}
