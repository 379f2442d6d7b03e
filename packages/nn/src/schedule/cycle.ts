// Schedules that raise and lower the learning rate, and the momentum against it.

import { checkOptions } from '@x/tensor/op'
import type { ParameterGroup, ParameterOptimizer } from '../optim/optimizer.ts'
import { inRange, oneOf, positive, whole } from '../options.ts'
import { LRScheduler, perGroup } from './scheduler.ts'

/** One number for all groups, or one for each. */
export type PerGroup = number | readonly number[]

type MomentumGroup = ParameterGroup<{ lr: number; momentum?: number; betas?: readonly [number, number] }>

/** Sets `momentum`, or the first of `betas`. @throws RangeError when the optimiser has neither */
function setMomentum(name: string, group: MomentumGroup, value: number): void {
  if (group.momentum !== undefined) group.momentum = value
  else if (group.betas !== undefined) group.betas = [value, group.betas[1]]
  else throw new RangeError(`${name}: cycleMomentum needs an optimiser with momentum or betas; set it to false`)
}

/** Options of `OneCycleLR`. */
export interface OneCycleLROptions {
  /** The highest rate. */
  maxLr: PerGroup
  /** Steps of the whole cycle: epochs · batches. */
  totalSteps: number
  /** Share of the steps in which the rate rises, 0 to 1. Default 0.3. */
  pctStart?: number
  /** How rates change: 'cos' or 'linear'. Default 'cos'. */
  annealStrategy?: 'cos' | 'linear'
  /** Whether the momentum (or the first of `betas`) goes against the rate. Default true. */
  cycleMomentum?: boolean
  /** The momentum at the highest rate. Default 0.85. */
  baseMomentum?: PerGroup
  /** The momentum at the lowest rate. Default 0.95. */
  maxMomentum?: PerGroup
  /** The first rate is maxLr / divFactor. Default 25. */
  divFactor?: number
  /** The last rate is the first / finalDivFactor. Default 1e4. */
  finalDivFactor?: number
  /** Falls to the first rate as fast as it rose, then to the last; else straight to the last. Default false. */
  threePhase?: boolean
}

const MOMENTUM = ['cycleMomentum', 'baseMomentum', 'maxMomentum']
const ONE_CYCLE = [
  ...['maxLr', 'totalSteps', 'pctStart', 'annealStrategy', 'divFactor', 'finalDivFactor', 'threePhase'],
  ...MOMENTUM,
]

/** From one value to another until step `end`. */
interface Phase {
  readonly end: number
  readonly lr: readonly [from: 'first' | 'max' | 'last', to: 'first' | 'max' | 'last']
  readonly momentum: readonly [from: 'base' | 'max', to: 'base' | 'max']
}

/**
 * Up to `maxLr` and down to almost nothing, once; step after every batch.
 * Source: Smith and Topin 2018, arXiv:1708.07120, as torch.optim.lr_scheduler.OneCycleLR. SGD must have been made with
 * momentum > 0 for it to be cycled.
 * @throws RangeError for settings out of range, and for more than `totalSteps` steps
 * @example
 * import { tensor } from '@x/tensor'
 * import { AdamW } from '@x/nn'
 * import { OneCycleLR } from '@x/nn/schedules'
 * const adam = new AdamW([tensor([1])])
 * const schedule = new OneCycleLR(adam, { maxLr: 0.01, totalSteps: 100 })
 * for (let i = 0; i < 29; i++) schedule.step()
 * adam.lr // 0.01
 * adam.groups[0].betas // [0.85, 0.999]
 */
export class OneCycleLR extends LRScheduler {
  private readonly totalSteps: number
  private readonly lrs: readonly Record<'first' | 'max' | 'last', number>[]
  private readonly momenta: readonly Record<'base' | 'max', number>[] | null
  private readonly phases: readonly Phase[]
  private readonly between: (from: number, to: number, share: number) => number

  constructor(optimizer: ParameterOptimizer, options: OneCycleLROptions) {
    super(optimizer)
    checkOptions('OneCycleLR', options, ONE_CYCLE)
    const { maxLr, totalSteps, pctStart = 0.3, annealStrategy = 'cos', threePhase = false } = options
    const { cycleMomentum = true, baseMomentum = 0.85, maxMomentum = 0.95 } = options
    const { divFactor = 25, finalDivFactor = 1e4 } = options
    this.totalSteps = whole('OneCycleLR: totalSteps', totalSteps)
    inRange('OneCycleLR: pctStart', pctStart, 0, 1)
    positive('OneCycleLR: divFactor', divFactor)
    positive('OneCycleLR: finalDivFactor', finalDivFactor)
    oneOf('OneCycleLR: annealStrategy', annealStrategy, ['cos', 'linear'])
    this.between = annealStrategy === 'cos' ? alongCosine : alongLine
    this.lrs = perGroup('OneCycleLR: maxLr', maxLr, optimizer).map((max) => {
      const first = inRange('OneCycleLR: maxLr', max, 0) / divFactor
      return { first, max, last: first / finalDivFactor }
    })
    this.momenta = cycleMomentum ? momentumRanges('OneCycleLR', optimizer, baseMomentum, maxMomentum) : null
    const rise = pctStart * totalSteps
    const top: Phase = { end: rise - 1, lr: ['first', 'max'], momentum: ['max', 'base'] }
    this.phases = threePhase
      ? [
          top,
          { end: 2 * rise - 2, lr: ['max', 'first'], momentum: ['base', 'max'] },
          { end: totalSteps - 1, lr: ['first', 'last'], momentum: ['max', 'max'] },
        ]
      : [top, { end: totalSteps - 1, lr: ['max', 'last'], momentum: ['base', 'max'] }]
    this.begin()
  }

  protected override apply(): void {
    const { lastEpoch: t, phases, totalSteps, between } = this
    if (t > totalSteps) throw new RangeError(`OneCycleLR: step ${t} of a cycle of ${totalSteps} steps`)
    const found = phases.findIndex(({ end }) => t <= end)
    const index = found < 0 ? phases.length - 1 : found
    const start = index === 0 ? 0 : phases[index - 1].end
    const { end, lr, momentum } = phases[index]
    const share = Math.min((t - start) / (end - start || 1), 1)
    this.optimizer.groups.forEach((group, i) => {
      const rates = this.lrs[i]
      group.lr = between(rates[lr[0]], rates[lr[1]], share)
      const range = this.momenta?.[i]
      if (range) setMomentum('OneCycleLR', group, between(range[momentum[0]], range[momentum[1]], share))
    })
  }
}

const alongCosine = (from: number, to: number, share: number): number =>
  to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share))

const alongLine = (from: number, to: number, share: number): number => from + (to - from) * share

const CYCLIC = [
  ...['baseLr', 'maxLr', 'stepSizeUp', 'stepSizeDown', 'mode', 'gamma', 'scaleFn', 'scaleMode'],
  ...MOMENTUM,
]

/** Options of `CyclicLR`. */
export interface CyclicLROptions {
  /** The lowest rate. */
  baseLr: PerGroup
  /** The highest rate. */
  maxLr: PerGroup
  /** Steps in which the rate rises. Default 2000. */
  stepSizeUp?: number
  /** Steps in which it falls. Default `stepSizeUp`. */
  stepSizeDown?: number
  /** 'triangular', 'triangular2' (half as high in every cycle), 'exp_range' (gammaᵗ as high). Default 'triangular'. */
  mode?: 'triangular' | 'triangular2' | 'exp_range'
  /** See mode. Default 1. */
  gamma?: number
  /** Height of the cycle instead of `mode`: a factor of its number, from 1, or of the step, as `scaleMode` says. */
  scaleFn?: (x: number) => number
  /** What `scaleFn` is given. Default 'cycle'. */
  scaleMode?: 'cycle' | 'iterations'
  /** Whether the momentum (or the first of `betas`) goes against the rate. Default true. */
  cycleMomentum?: boolean
  /** The momentum at the highest rate. Default 0.8. */
  baseMomentum?: PerGroup
  /** The momentum at the lowest rate. Default 0.9. */
  maxMomentum?: PerGroup
}

/**
 * Up and down between two rates along lines, again and again; step after every batch.
 * Source: Smith 2017, arXiv:1506.01186, as torch.optim.lr_scheduler.CyclicLR, which however cycles no betas. SGD must have
 * been made with momentum > 0 for it to be cycled.
 * @throws RangeError for settings out of range
 * @example
 * import { tensor } from '@x/tensor'
 * import { SGD } from '@x/nn'
 * import { CyclicLR } from '@x/nn/schedules'
 * const sgd = new SGD([tensor([1])], { momentum: 0.9 })
 * const schedule = new CyclicLR(sgd, { baseLr: 0.25, maxLr: 0.75, stepSizeUp: 2 })
 * schedule.step()
 * sgd.lr // 0.5
 */
export class CyclicLR extends LRScheduler {
  private readonly lrs: readonly Record<'base' | 'max', number>[]
  private readonly momenta: readonly Record<'base' | 'max', number>[] | null
  private readonly up: number
  private readonly down: number
  private readonly scale: (cycle: number, step: number) => number

  constructor(optimizer: ParameterOptimizer, options: CyclicLROptions) {
    super(optimizer)
    checkOptions('CyclicLR', options, CYCLIC)
    const { baseLr, maxLr, stepSizeUp = 2000, stepSizeDown = stepSizeUp, mode = 'triangular', gamma = 1 } = options
    const { scaleFn, scaleMode = 'cycle' } = options
    const { cycleMomentum = true, baseMomentum = 0.8, maxMomentum = 0.9 } = options
    const highest = perGroup('CyclicLR: maxLr', maxLr, optimizer)
    this.lrs = perGroup('CyclicLR: baseLr', baseLr, optimizer).map((base, i) => ({
      base: inRange('CyclicLR: baseLr', base, 0),
      max: inRange('CyclicLR: maxLr', highest[i], 0),
    }))
    this.up = positive('CyclicLR: stepSizeUp', stepSizeUp)
    this.down = positive('CyclicLR: stepSizeDown', stepSizeDown)
    const modes = {
      triangular: () => 1,
      triangular2: (cycle: number) => 1 / 2 ** (cycle - 1),
      exp_range: (_cycle: number, step: number) => gamma ** step,
    }
    oneOf('CyclicLR: mode', mode, ['triangular', 'triangular2', 'exp_range'])
    oneOf('CyclicLR: scaleMode', scaleMode, ['cycle', 'iterations'])
    this.scale = scaleFn ? (cycle, step) => scaleFn(scaleMode === 'cycle' ? cycle : step) : modes[mode]
    this.momenta = cycleMomentum ? momentumRanges('CyclicLR', optimizer, baseMomentum, maxMomentum) : null
    this.begin()
  }

  protected override apply(): void {
    const { lastEpoch: t, up, down } = this
    const total = up + down
    const cycle = Math.floor(1 + t / total)
    const x = 1 + t / total - cycle
    const top = up / total
    const height = (x <= top ? x / top : (x - 1) / (top - 1)) * this.scale(cycle, t)
    this.optimizer.groups.forEach((group, i) => {
      const { base, max } = this.lrs[i]
      group.lr = base + (max - base) * height
      const range = this.momenta?.[i]
      if (range) setMomentum('CyclicLR', group, range.max - (range.max - range.base) * height)
    })
  }
}

function momentumRanges(
  name: string,
  optimizer: ParameterOptimizer,
  base: PerGroup,
  max: PerGroup,
): readonly Record<'base' | 'max', number>[] {
  const highest = perGroup(`${name}: maxMomentum`, max, optimizer)
  return perGroup(`${name}: baseMomentum`, base, optimizer).map((lowest, i) => ({
    base: inRange(`${name}: baseMomentum`, lowest, 0, 1),
    max: inRange(`${name}: maxMomentum`, highest[i], 0, 1),
  }))
}
