// What agents with tables have in common: a life counted in steps, and checkpoints.
import { type Tensor, tensor, tidy } from '@x/tensor'
import { loadAgent, saveAgent } from '../agents/checkpoint.ts'
import type { NumpyGenerator } from '../random/generator.ts'
import type { Clock } from '../training/agent.ts'
import type { TabularSettings } from './tables.ts'

/** Numbers of a method by name, in place: one list, or a row per state. */
export type Tables = Readonly<Record<string, Float64Array | readonly Float64Array[]>>

/** Whose tables they are, how large, and what draws its actions. */
export interface TableOwner {
  readonly name: string
  readonly states: { readonly size: number }
  readonly actions: number
  readonly generator: NumpyGenerator
}

/** A method whose knowledge is tables. */
export abstract class Tabular<Settings extends TableOwner = TabularSettings> {
  protected readonly settings: Settings
  protected readonly clock: Clock = { steps: 0 }

  constructor(settings: Settings) {
    this.settings = settings
  }

  /** All that it has learned. */
  protected abstract tables(): Tables

  /** What it knows beside its tables, as JSON holds it. */
  protected memory(): unknown {
    return null
  }

  protected restoreMemory(_memory: unknown): void {}

  /** Environment steps of its life so far. */
  get steps(): number {
    return this.clock.steps
  }

  private get owner(): string {
    const { name, states, actions } = this.settings
    return `${name} with ${states.size} states and ${actions} actions`
  }

  private asTensors(): Record<string, Tensor> {
    return Object.fromEntries(
      Object.entries(this.tables()).map(([name, table]) => [name, tensor(table as Float64Array, { dtype: 'float64' })]),
    )
  }

  /** Tables, counters and the state of the random numbers, as the bytes of a safetensors file. */
  save(): Uint8Array {
    const values = { steps: this.clock.steps, generator: this.settings.generator.save(), memory: this.memory() }
    return tidy(() => saveAgent(this.owner, { tensors: this.asTensors(), values }))
  }

  /** Goes on from what `save` gave. @throws FormatError for a checkpoint of another method, or of other sizes */
  load(checkpoint: Uint8Array): void {
    tidy(() => {
      const tensors = this.asTensors()
      const values = loadAgent(this.owner, { tensors, values: {} }, checkpoint)
      for (const [name, table] of Object.entries(this.tables())) {
        const numbers = tensors[name].data() as Float64Array
        if (table instanceof Float64Array) table.set(numbers)
        else for (const [s, row] of table.entries()) row.set(numbers.subarray(s * row.length, (s + 1) * row.length))
      }
      this.clock.steps = values.steps as number
      this.settings.generator.restore(values.generator as number[])
      this.restoreMemory(values.memory)
    })
  }
}
