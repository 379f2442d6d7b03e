// A policy as a network: choices by softmax, continuous actions by a normal distribution.
import { parameter, type Sequential } from '@x/nn'
import { type Generator, normal, type Tensor, uniform, zeros } from '@x/tensor'
import { categoricalEntropy, categoricalLogProb, normalEntropy, normalLogProb } from '../arithmetic/distributions.ts'
import { Box } from '../spaces/box.ts'
import { Discrete } from '../spaces/discrete.ts'
import type { Space } from '../spaces/space.ts'
import { prefixed } from './checkpoint.ts'
import { mlp } from './networks.ts'

export interface ActorOptions {
  /** Whose it is, for messages. */
  readonly agent: string
  /** Numbers of an observation. */
  readonly size: number
  readonly hidden: readonly number[]
  readonly activation: 'tanh' | 'relu'
  readonly generator: Generator
}

/** Observations [B, size] → logits [B, n] of a Discrete space, or means [B, D] of a Box with deviations of their own. */
export class Actor {
  readonly net: Sequential
  /** Logarithms of the deviations of continuous actions, which do not depend on the state; null for choices. */
  readonly logStd: Tensor | null
  readonly parameters: readonly Tensor[]
  private readonly space: Discrete | Box
  private readonly generator: Generator

  /** @throws TypeError for actions that are neither Discrete nor a Box */
  constructor(space: Space, { agent, size, hidden, activation, generator }: ActorOptions) {
    if (!(space instanceof Discrete) && !(space instanceof Box))
      throw new TypeError(`${agent}: actions from ${space} are neither Discrete nor a Box`)
    this.space = space
    this.generator = generator
    const outputs = space instanceof Discrete ? space.n : space.size
    this.net = mlp([size, ...hidden, outputs], { activation, gain: 0.01, generator })
    this.logStd = space instanceof Box ? parameter(zeros([outputs])) : null
    this.parameters = [...this.net.parameters(), ...(this.logStd ? [this.logStd] : [])]
  }

  /** Numbers per action as the environment and the update see it; 0 for a choice. */
  get width(): number {
    return this.logStd?.size ?? 0
  }

  /** Actions drawn from the policy whose logits or means these are. */
  draw(outputs: Tensor): Tensor {
    const { logStd, generator } = this
    if (logStd) return outputs.add(logStd.exp().mul(normal(outputs.shape, { generator })))
    // The largest of logits with Gumbel noise is a draw from their softmax.
    return outputs.sub(uniform(outputs.shape, { generator, low: 1e-20 }).log().neg().log()).argmax(-1)
  }

  /** The likeliest actions. */
  best(outputs: Tensor): Tensor {
    return this.logStd ? outputs : outputs.argmax(-1)
  }

  /** log π of actions [B] or [B, D] → [B]. */
  logProb(outputs: Tensor, actions: Tensor): Tensor {
    return this.logStd ? normalLogProb(actions, outputs, this.logStd) : categoricalLogProb(outputs, actions)
  }

  /** The mean entropy of the policies. */
  entropy(outputs: Tensor): Tensor {
    return this.logStd ? normalEntropy(this.logStd) : categoricalEntropy(outputs).mean()
  }

  /** Actions as environments take them: continuous ones cut to their bounds. */
  toEnv(actions: ArrayLike<number>, count: number): (number | Float32Array)[] {
    const { space } = this
    if (space instanceof Discrete) return Array.from(actions, (a) => a + space.start)
    const { low, high, size } = space
    return Array.from({ length: count }, (_, i) =>
      Float32Array.from({ length: size }, (_, k) => Math.min(Math.max(actions[i * size + k], low[k]), high[k])),
    )
  }

  /** For the log: the mean deviation of continuous actions; nothing for choices. */
  spread(): { 'train/std'?: number } {
    const { logStd } = this
    if (!logStd) return {}
    const deviations = Array.from(logStd.data(), (x) => Math.exp(Number(x)))
    return { 'train/std': deviations.reduce((sum, x) => sum + x, 0) / deviations.length }
  }

  stateDict(): Record<string, Tensor> {
    return { ...prefixed('actor', this.net.stateDict()), ...(this.logStd && { logStd: this.logStd }) }
  }
}
