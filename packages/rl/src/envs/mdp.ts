// Finite Markov decision processes as tables, and environments that live on one.
import type { Info, ResetOptions, StepResult } from '../env/env.ts'
import { invalidAction, resetNeeded } from '../env/errors.ts'
import { categoricalSample } from '../random/sample.ts'
import { BuiltInEnv, type RenderOptions } from '../render/rendered.ts'
import { Discrete } from '../spaces/discrete.ts'
import type { Vectorizable, Vectorized } from '../vector/vectorized.ts'

/** One outcome of an action. After `terminated` nothing follows: the value of `next` does not count. */
export type Transition = readonly [probability: number, next: number, reward: number, terminated: boolean]

/** A finite Markov decision process, as planning takes it. */
export interface FiniteMdp {
  /** Outcomes by state and action; the same outcome may be listed more than once. */
  readonly P: readonly (readonly (readonly Transition[])[])[]
  /** Probability of starting in each state. */
  readonly start: ArrayLike<number>
}

/** A uniform start in the states that `isStart` names. */
export function uniformStart(states: number, isStart: (s: number) => boolean): Float64Array {
  const start = Float64Array.from({ length: states }, (_, s) => Number(isStart(s)))
  const count = start.reduce((n, v) => n + v, 0)
  return start.map((v) => v / count)
}

/** Base of environments whose dynamics are a table: states and actions are numbers. `mdp` is what planning takes. */
export abstract class TabularEnv extends BuiltInEnv<number, number, number> implements Vectorizable {
  readonly observationSpace: Discrete
  readonly actionSpace: Discrete
  readonly mdp: FiniteMdp
  protected s: number | null = null
  protected lastAction: number | null = null
  private readonly name: string

  constructor(name: string, mdp: FiniteMdp, { renderMode }: RenderOptions) {
    super(renderMode, name)
    this.name = name
    this.mdp = mdp
    this.observationSpace = new Discrete(mdp.P.length)
    this.actionSpace = new Discrete(mdp.P[0].length)
  }

  /** What the kernel of many of them takes; null where the table does not say it all. */
  get vectorized(): Vectorized | null {
    return { kernel: 'tabular', states: 1, numbers: [], mdp: this.mdp }
  }

  /** The state; null before the first reset. */
  get state(): number | null {
    return this.s
  }

  set state(s: number) {
    if (!this.observationSpace.contains(s))
      throw new RangeError(`${this.name}: state ${s} is not in ${this.observationSpace}`)
    this.s = s
  }

  protected shown(): number | null {
    return this.s
  }

  /** What `info` tells beside the probability of the transition. */
  protected about(_s: number): Info {
    return {}
  }

  reset(given?: ResetOptions): [observation: number, info: Info] {
    this.beginReset(given, this.name)
    const s = categoricalSample(this.mdp.start, this.npRandom)
    this.s = s
    this.lastAction = null
    return [s, { prob: 1, ...this.about(s) }]
  }

  /** @throws ResetNeededError, InvalidActionError */
  step(action: number): StepResult<number> {
    if (this.s === null) throw resetNeeded(this.name)
    const outcomes = this.mdp.P[this.s][action]
    if (outcomes === undefined) throw invalidAction(this.name, action, this.actionSpace)
    const i = categoricalSample(
      outcomes.map(([p]) => p),
      this.npRandom,
    )
    const [prob, next, reward, terminated] = outcomes[i]
    this.s = this.arrive(next)
    this.lastAction = action
    return [this.s, reward, terminated, false, { prob, ...this.about(this.s) }]
  }

  /** The state that a transition to `next` really leads to; hook for what the table cannot say. */
  protected arrive(next: number): number {
    return next
  }
}
