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
  readonly callbacks: readonly unknown[]
}

const FORMAT = 'x-nn-fit-1'

/** A training under way, as callbacks get it: where it stands, and how to save it (`save`) or end it (`stop`). */
export class FitRun {
  readonly model: Module
  readonly optimizer: ParameterOptimizer
  /** Epochs to be done in all. */
  readonly epochs: number
  /** The epoch under way, from 1. */
  epoch = 1
  /** Batches of this epoch that are done. */
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

  /** Goes to the next epoch. */
  nextEpoch(): void {
    Object.assign(this, { epoch: this.epoch + 1, batch: 0, sum: 0, examples: 0 })
    this.begin()
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
    const position: Position = {
      format: FORMAT,
      ...{ epoch: this.epoch, batch: this.batch, step: this.step, sum: this.sum, examples: this.examples },
      ...{ epochs: this.history.epochs, losses: this.history.losses },
      random: defaultGenerator().save(),
      order: this.order,
      schedule: schedule?.stateDict() ?? null,
      callbacks: callbacks.map((callback) => callback.state?.() ?? null),
    }
    const remembered = callbacks.map((callback, i) => prefixed(`callbacks.${i}.`, callback.tensors?.() ?? {}))
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
        throw new StateDictError('resume: the training was saved with another kind of data or schedule')
      if (position.callbacks.length !== callbacks.length)
        throw new StateDictError(
          `resume: the training had ${position.callbacks.length} callbacks, not ${callbacks.length}`,
        )
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
      callbacks.forEach((callback, i) => {
        callback.restore?.(position.callbacks[i], within(`callbacks.${i}.`, tensors))
      })
      Object.assign(this, { epoch: position.epoch, batch: position.batch, step: position.step })
      Object.assign(this, { sum: position.sum, examples: position.examples })
      this.history = new History(position.epochs, position.losses)
    } finally {
      for (const x of Object.values(tensors)) x.dispose()
    }
  }
}

function positionOf(text: string | undefined): Position {
  const bad = (): FormatError =>
    new FormatError('resume: the file is not a saved training: its metadata lack "training"')
  if (text === undefined) throw bad()
  const position = JSON.parse(text) as Position
  if (position.format !== FORMAT) throw bad()
  return position
}

const prefixed = (prefix: string, state: StateDict): StateDict =>
  Object.fromEntries(Object.entries(state).map(([name, x]) => [prefix + name, x]))

const within = (prefix: string, state: StateDict): StateDict =>
  Object.fromEntries(
    Object.entries(state)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, x]) => [name.slice(prefix.length), x]),
  )
