// What schedules of the learning rate share: an optimiser, where they stand, and state that can be saved.
import { StateDictError } from '../module.ts'
import type { ParameterOptimizer } from '../optim/optimizer.ts'

/** Where a schedule stands, as plain values that JSON can hold. */
export interface SchedulerState {
  readonly [name: string]: number | null | readonly number[] | readonly SchedulerState[]
}

/**
 * Base of schedules. One is made after its optimiser, whose learning rates it sets at once for epoch 0; `step` goes to the
 * next epoch (or batch, if that is what it counts). Rates lie in memory, so that compiled steps follow.
 *
 * To resume, make optimiser and schedule as before, then load the state of both.
 */
export abstract class LRScheduler {
  readonly optimizer: ParameterOptimizer
  /** Calls of `step` so far. */
  lastEpoch = 0
  /** The rates the optimiser had before any schedule, one per group. */
  protected baseLrs: number[]

  protected constructor(optimizer: ParameterOptimizer) {
    if (!optimizer?.groups) throw new TypeError(`${new.target.name}: ${optimizer} is no optimiser`)
    this.optimizer = optimizer
    this.baseLrs = optimizer.groups.map((group) => {
      group.initialLr ??= group.lr
      return group.initialLr
    })
  }

  /** Goes to the next epoch and sets its learning rates. */
  step(): void {
    this.lastEpoch++
    this.apply()
  }

  /** Goes back to epoch 0, on top of the present rates. */
  begin(): void {
    this.lastEpoch = 0
    this.apply()
  }

  /** Goes back to epoch 0 and to the rates before any schedule. */
  restart(): void {
    this.optimizer.groups.forEach((group, i) => {
      group.lr = this.baseLrs[i]
    })
    this.begin()
  }

  /** The learning rates of the groups. */
  get lastLr(): number[] {
    return this.optimizer.groups.map(({ lr }) => lr)
  }

  stateDict(): SchedulerState {
    return { lastEpoch: this.lastEpoch, baseLrs: [...this.baseLrs] }
  }

  /** @throws StateDictError for the state of something else; nothing is changed then */
  loadStateDict(state: SchedulerState): void {
    const { lastEpoch, baseLrs } = state
    const { groups } = this.optimizer
    if (typeof lastEpoch !== 'number' || !Array.isArray(baseLrs) || baseLrs.length !== groups.length)
      throw new StateDictError(`loadStateDict: not the state of a schedule for ${groups.length} groups`)
    this.lastEpoch = lastEpoch
    this.baseLrs = [...(baseLrs as number[])]
    groups.forEach((group, i) => {
      group.initialLr = this.baseLrs[i]
    })
  }

  /** Sets what belongs to `lastEpoch`. */
  protected abstract apply(): void
}

/** Base of schedules that are a formula for each group's rate. The subclass calls `begin` at the end of its constructor. */
export abstract class RateScheduler extends LRScheduler {
  /**
   * The rate of epoch `lastEpoch`. Formulas that start from `lr` can be combined with others.
   * @param lr the group's present rate
   * @param base its rate before any schedule
   */
  protected abstract rate(lr: number, base: number, group: number): number

  protected override apply(): void {
    this.optimizer.groups.forEach((group, i) => {
      group.lr = this.rate(group.lr, this.baseLrs[i], i)
    })
  }
}

/** One value per group, from one for all or a list. @throws RangeError for a list of another length */
export function perGroup<T>(name: string, value: T | readonly T[], { groups }: ParameterOptimizer): readonly T[] {
  if (!Array.isArray(value)) return groups.map(() => value as T)
  if (value.length !== groups.length)
    throw new RangeError(`${name} has ${value.length} values for ${groups.length} groups`)
  return value
}
