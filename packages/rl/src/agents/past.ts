// What agents keep that learn from a replay buffer: the steps of the past, and how far they have come.
import type { Tensor } from '@x/tensor'
import { knownOptions } from '../env/errors.ts'
import { NumpyGenerator } from '../random/generator.ts'
import { Replay, type ReplayOptions, type ReplayState } from '../training/replay.ts'
import { type AgentState, loadAgent, prefixed, saveAgent } from './checkpoint.ts'

export interface SaveOptions {
  /** Whether the steps of the past are kept too, without which learning goes on from an empty buffer. Default false */
  memory?: boolean
}

/** An agent for messages, what of it may be loaded where, its tensors, and counters beside those of the past. */
export interface PastOwner {
  readonly name: string
  readonly kind: string
  readonly tensors: Readonly<Record<string, Tensor>>
  readonly values?: Readonly<Record<string, number>>
}

/** The counters, the draws and the replay buffer of an agent, and what its checkpoints have of them. */
export class Past {
  /** Environment steps. */
  steps = 0
  updates = 0
  /** Draws exploration and samples. */
  readonly draws: NumpyGenerator
  readonly replay: Replay

  constructor(seed: number, options: ReplayOptions) {
    this.draws = new NumpyGenerator(seed)
    this.replay = new Replay(options)
  }

  private state({ tensors, values }: PastOwner, hasMemory: boolean): AgentState {
    const { steps, updates, draws, replay } = this
    const own = { steps, updates, ...values, draws: draws.save() }
    if (!hasMemory) return { tensors, values: own }
    const memory = prefixed('replay', replay.stateDict())
    return { tensors, memory, values: { ...own, replay: replay.save() } }
  }

  /** The owner with its past as the bytes of a safetensors file. @throws RangeError for an option that there is not */
  save(owner: PastOwner, options: SaveOptions): Uint8Array {
    knownOptions(`${owner.name}.save`, options, ['memory'])
    return saveAgent(owner.kind, this.state(owner, options.memory ?? false))
  }

  /** Goes on from what `save` gave, and returns the owner's counters. @throws FormatError as `loadAgent` */
  load(owner: PastOwner, checkpoint: Uint8Array): Readonly<Record<string, unknown>> {
    const values = loadAgent(owner.kind, this.state(owner, true), checkpoint)
    this.steps = values.steps as number
    this.updates = values.updates as number
    this.draws.restore(values.draws as number[])
    if (values.replay) this.replay.restore(values.replay as ReplayState)
    return values
  }

  dispose(): void {
    this.replay.dispose()
  }
}
