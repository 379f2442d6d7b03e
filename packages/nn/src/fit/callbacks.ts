// What may happen beside a training: stopping early, keeping files.
import { keep, type Tensor } from '@x/tensor'
import { checkOptions, lasting } from '@x/tensor/op'
import type { StateDict } from '../module.ts'
import { checkSizes, inRange, oneOf, whole } from '../options.ts'
import type { FitRun } from './run.ts'

/** Is told of a training's progress; what it returns is waited for. */
export interface Callback {
  /** Of callbacks with a state, by which they are found again when the training is resumed. Default: none. */
  readonly name?: string
  /**
   * Whether it changes nothing that a step depends on. Compiled steps are recorded anew after `onStep` and `onEpoch` of
   * others, so that what those change counts; which costs time. Default false.
   */
  readonly readOnly?: boolean
  /** After every update of the weights. */
  onStep?(run: FitRun): void | Promise<void>
  /** After every epoch, when its record stands in the history. */
  onEpoch?(run: FitRun): void | Promise<void>
  /** At the end, however it came. */
  onEnd?(run: FitRun): void | Promise<void>
  /** What it has to remember when the training is saved, as JSON holds it; null for nothing. */
  state?(): unknown
  /** Tensors that it has to remember. */
  tensors?(): StateDict
  /** Takes up what `state` and `tensors` gave; the tensors are disposed afterwards. */
  restore?(state: unknown, tensors: StateDict): void
}

/** Which number of an epoch's record is watched. */
export interface Monitor {
  /** Name in the record: `'loss'`, `'validation loss'`, a metric. Default `'validation loss'`. */
  monitor?: string
  /** Whether small or large values are good. Default `'min'`. */
  mode?: 'min' | 'max'
  /** The least change that counts as better, ≥ 0. Default 0. */
  minDelta?: number
}

/** Follows the best value of a number. */
class Best {
  value: number | null = null
  private readonly name: string
  private readonly sign: number
  private readonly minDelta: number

  constructor(owner: string, { monitor = 'validation loss', mode = 'min', minDelta = 0 }: Monitor) {
    oneOf(`${owner}: mode`, mode, ['min', 'max'])
    inRange(`${owner}: minDelta`, minDelta, 0)
    this.name = monitor
    this.sign = mode === 'min' ? 1 : -1
    this.minDelta = minDelta
  }

  /** Whether the last epoch was the best so far. @throws RangeError when its record lacks the number */
  improved({ history }: FitRun): boolean {
    const value = history.last[this.name]
    if (value === undefined) {
      throw new RangeError(`fit: there is no '${this.name}' to watch among ${Object.keys(history.last).join(', ')}`)
    }
    const better = this.value === null || this.sign * (this.value - value) > this.minDelta
    if (better) this.value = value
    return better
  }
}

/** Options of `earlyStopping`. */
export interface EarlyStoppingOptions extends Monitor {
  /** Epochs without improvement that are waited for, ≥ 0. Default 5. */
  patience?: number
  /** Whether the weights of the best epoch are put back at the end. Default true. */
  restoreBest?: boolean
}

/**
 * Ends a training that has stopped getting better.
 * @throws RangeError
 * @example
 * import { earlyStopping } from '@x/nn/training'
 * const callbacks = [earlyStopping({ patience: 3 })] // for fit(…, { callbacks, validation })
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  checkOptions('earlyStopping', options, ['monitor', 'mode', 'minDelta', 'patience', 'restoreBest'])
  const { patience = 5, restoreBest = true } = options
  whole('earlyStopping: patience', patience, 0)
  const best = new Best('earlyStopping', options)
  let waited = 0
  let weights: StateDict | null = null
  const forget = (): void => {
    for (const x of Object.values(weights ?? {})) x.dispose()
    weights = null
  }
  return {
    name: 'earlyStopping',
    readOnly: true,
    onEpoch(run) {
      if (best.improved(run)) {
        waited = 0
        forget()
        if (restoreBest) weights = copied(run.model.stateDict())
      } else if (++waited > patience) run.stop()
    },
    onEnd(run) {
      if (weights) run.model.loadStateDict(weights)
      forget()
    },
    state: () => ({ best: best.value, waited }),
    tensors: () => weights ?? {},
    restore(state, tensors) {
      const saved = state as { best: number | null; waited: number }
      best.value = saved.best
      waited = saved.waited
      forget()
      if (Object.keys(tensors).length > 0) weights = copied(tensors)
    },
  }
}

const copied = (state: StateDict): StateDict =>
  Object.fromEntries(Object.entries(state).map(([name, x]): [string, Tensor] => [name, keep(lasting(() => x.copy()))]))

/** Options of `checkpoint`. */
export interface CheckpointOptions extends Monitor {
  /** Takes the saved training, which `fit(…, { resume })` reads. It is to leave the model alone. */
  save: (file: Uint8Array<ArrayBuffer>, run: FitRun) => void | Promise<void>
  /** Epochs from one file to the next, ≥ 1. Default 1. */
  every?: number
  /** Updates of the weights from one file to the next, beside those of the epochs. Default: none. */
  everySteps?: number
  /** Only when the watched number is the best so far. Default false. */
  onlyBest?: boolean
}

/**
 * Hands out the training in a file, again and again.
 * @throws RangeError
 * @example
 * import { writeFileSync } from 'node:fs'
 * import { checkpoint } from '@x/nn/training'
 * const callbacks = [checkpoint({ every: 5, save: (file) => writeFileSync('training.safetensors', file) })]
 */
export function checkpoint(options: CheckpointOptions): Callback {
  checkOptions('checkpoint', options, [...['monitor', 'mode', 'minDelta', 'save', 'every', 'everySteps', 'onlyBest']])
  const { save, every = 1, everySteps, onlyBest = false } = options
  if (typeof save !== 'function') throw new TypeError('checkpoint: save is no function that takes the file')
  checkSizes('checkpoint', { every, everySteps: everySteps ?? 1 })
  const best = new Best('checkpoint', options)
  return {
    name: 'checkpoint',
    readOnly: true,
    async onStep(run) {
      if (everySteps !== undefined && run.step % everySteps === 0) await save(run.save(), run)
    },
    async onEpoch(run) {
      const due = onlyBest ? best.improved(run) : run.history.epochs.length % every === 0
      if (due) await save(run.save(), run)
    },
    state: () => best.value,
    restore(state) {
      best.value = state as number | null
    },
  }
}
