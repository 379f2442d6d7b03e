// A training under way: where it stands, and how it is written down and taken up again.
import { defaultGenerator, FormatError, type Tensor } from '@x/tensor'
import { loadSafetensors, saveSafetensors } from '@x/tensor/safetensors'
import type { DataLoader } from '../data/loader.ts'
import { type Module, type StateDict, StateDictError } from '../module.ts'
import type { ParameterOptimizer } from '../optim/optimizer.ts'
import type { ReduceLROnPlateau } from '../schedule/plateau.ts'
import type { LRScheduler, SchedulerState } from '../schedule/scheduler.ts'
import type { Callback } from './callbacks.ts'
import { type EpochRecord, History } from './history.ts'

/** A schedule of learning rates; one that waits for a metric gets the loss of the epoch. */
export type Schedule = LRScheduler | ReduceLROnPlateau

/** What a training is made of. */
export interface RunParts {
  /** What is trained. */
  readonly model: Module
  /** What changes it. */
  readonly optimizer: ParameterOptimizer
  /** What sets the learning rate, if it changes. */
  readonly schedule?: Schedule
  /** Where batches come from, if their order is to be resumed. */
  readonly loader?: DataLoader
  /** What hears of updates and epochs. */
  readonly callbacks: readonly Callback[]
}

/** The plain part of a saved training. */
interface Position {
  readonly format: typeof FORMAT
  readonly epoch: number
  readonly batch: number
  readonly step: number
  readonly sum: number
  readonly examples: number
  readonly epochs: readonly EpochRecord[]
  readonly losses: readonly number[]
  readonly random: readonly number[]
  readonly order: readonly number[] | null
  readonly schedule: SchedulerState | null
  /** What each callback remembers, null for nothing. */
  readonly callbacks: readonly unknown[]
  /** Names of the callbacks. Older files lack them: there callbacks are told by their place. */
  readonly names?: readonly (string | null)[]
}

const FORMAT = 'x-nn-fit-1'

/** A training under way, as callbacks get it: where it stands, and how to save it (`save`) or end it (`stop`). */
export class FitRun {
  readonly model: Module
  readonly optimizer: ParameterOptimizer
  /** Epochs to be done in all. */
  readonly epochs: number
  /** The epoch under way, from 1; in `onEpoch`, and between epochs, the one that is over. */
  epoch = 1
  /** Batches of this epoch that are done; 0 again when it is over. */
  batch = 0
  /** Updates of the weights so far. */
  step = 0
  /** The loss of the last batch. */
  loss: number = Number.NaN
  history: History = new History()
  /** Sum of losses over the examples of this epoch, and how many those are. */
  sum = 0
  examples = 0
  private stopped = false
  private over = false
  private readonly parts: RunParts
  /** The loader's order as this epoch began. */
  private order: readonly number[] | null = null
  /** The default generator where the training was saved. */
  private random: readonly number[] | null = null

  constructor(parts: RunParts, epochs: number) {
    this.model = parts.model
    this.optimizer = parts.optimizer
    this.epochs = epochs
    this.parts = parts
  }

  /** Ends the training after this batch. */
  stop(): void {
    this.stopped = true
  }

  get isStopped(): boolean {
    return this.stopped
  }

  /** Called before the first batch of a pass is asked for. */
  begin(): void {
    this.order = this.parts.loader?.generator.save() ?? null
  }

  /** Called when an epoch is through: a file saved from now on goes on with the next. */
  endEpoch(): void {
    Object.assign(this, { over: true, batch: 0, sum: 0, examples: 0 })
    this.begin()
  }

  /** Goes to the next epoch if one is over; false if there is none. */
  nextEpoch(): boolean {
    const epoch = this.epoch + Number(this.over)
    if (this.stopped || epoch > this.epochs) return false
    Object.assign(this, { epoch, over: false })
    return true
  }

  /** Called before the first batch after a resumption is learned: the batches passed over may have drawn numbers. */
  resumeRandom(): void {
    if (this.random) defaultGenerator().restore(this.random)
    this.random = null
  }

  /**
   * Everything a later `fit` needs to go on as if there had been no interruption: weights, optimiser, schedule, position,
   * random state, history. A safetensors file.
   */
  save(): Uint8Array<ArrayBuffer> {
    const { model, optimizer, schedule, callbacks } = this.parts
    const rememberers = callbacks.map((callback): Callback => (callback.restore ? callback : {}))
    const position: Position = {
      format: FORMAT,
      epoch: this.epoch + Number(this.over),
      ...{ batch: this.batch, step: this.step, sum: this.sum, examples: this.examples },
      ...{ epochs: this.history.epochs, losses: this.history.losses },
      random: defaultGenerator().save(),
      order: this.order,
      schedule: schedule?.stateDict() ?? null,
      callbacks: rememberers.map((callback) => callback.state?.() ?? null),
      names: callbacks.map(({ name = null }) => name),
    }
    const remembered = rememberers.map((callback, i) => prefixed(`callbacks.${i}.`, callback.tensors?.() ?? {}))
    const tensors = { ...prefixed('model.', model.stateDict()), ...prefixed('optimizer.', optimizer.stateDict()) }
    return saveSafetensors(Object.assign(tensors, ...remembered), { training: JSON.stringify(position) })
  }

  /**
   * Goes on where `save` was called.
   * @throws FormatError for another kind of file, StateDictError for the training of another model; nothing is changed then
   */
  resume(file: Uint8Array): void {
    const { tensors, metadata } = loadSafetensors(file)
    try {
      const position = positionOf(metadata.training)
      const { model, optimizer, schedule, loader, callbacks } = this.parts
      const copies = Object.entries(model.stateDict()).map(([name, x]): [string, Tensor] => [name, x.copy()])
      if ((position.order === null) !== !loader || (position.schedule === null) !== !schedule)
        throw new StateDictError('resume: the training had another kind of data or schedule')
      const remembered = position.callbacks.map((_, i) => within(`callbacks.${i}.`, tensors))
      const takers = takersOf(position, remembered, callbacks)
      model.loadStateDict(within('model.', tensors))
      try {
        optimizer.loadStateDict(within('optimizer.', tensors))
        if (schedule && position.schedule) schedule.loadStateDict(position.schedule)
      } catch (error) {
        model.loadStateDict(Object.fromEntries(copies))
        throw error
      } finally {
        for (const [, x] of copies) x.dispose()
      }
      this.random = position.random
      if (loader && position.order) loader.generator.restore(position.order)
      takers.forEach((callback, i) => {
        callback?.restore?.(position.callbacks[i], remembered[i])
      })
      const { epoch, batch, step, sum, examples } = position
      // Saved between two epochs: the first of them is over.
      const over = batch === 0 && epoch > 1
      Object.assign(this, { epoch: epoch - Number(over), over, batch, step, sum, examples })
      this.history = new History(position.epochs, position.losses)
    } finally {
      for (const x of Object.values(tensors)) x.dispose()
    }
  }
}

function positionOf(text = '{}'): Position {
  const position = JSON.parse(text) as Position
  if (position.format === FORMAT) return position
  throw new FormatError('resume: the file is not a saved training: its metadata lack "training"')
}

/** Who takes up what each saved callback remembers; undefined where that is nothing. @throws StateDictError */
function takersOf(
  { callbacks: states, names }: Position,
  remembered: readonly StateDict[],
  callbacks: readonly Callback[],
): (Callback | undefined)[] {
  const free = [...callbacks]
  return states.map((state, i) => {
    if (state === null && Object.keys(remembered[i]).length === 0) return undefined
    const atPlace = states.length === callbacks.length ? free.indexOf(callbacks[i]) : -1
    const at = names ? free.findIndex(({ name = null, restore }) => restore && name === names[i]) : atPlace
    if (at >= 0) return free.splice(at, 1)[0]
    throw new StateDictError(`resume: callback ${i} (${names?.[i] ?? 'no name'}) has a state; give it again`)
  })
}

const prefixed = (prefix: string, state: StateDict): StateDict =>
  Object.fromEntries(Object.entries(state).map(([name, x]) => [prefix + name, x]))

const within = (prefix: string, state: StateDict): StateDict =>
  Object.fromEntries(
    Object.entries(state)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, x]) => [name.slice(prefix.length), x]),
  )
