// Actions between bounds, as networks give them: between −1 and 1.
import type { Sequential } from '@x/nn'
import { concat, type Tensor } from '@x/tensor'
import type { NumpyGenerator } from '../random/generator.ts'
import { Box } from '../spaces/box.ts'
import type { Space } from '../spaces/space.ts'
import { type MlpOptions, mlp } from './networks.ts'

/** The bounds of actions. */
export class ActionBounds {
  readonly size: number
  private readonly low: Float64Array
  private readonly half: Float64Array

  /** @throws TypeError unless actions are a Box with finite bounds */
  constructor(agent: string, space: Space) {
    if (!(space instanceof Box) || !space.isBounded())
      throw new TypeError(`${agent}: actions from ${space} are no Box with finite bounds`)
    this.size = space.size
    this.low = Float64Array.from(space.low, Number)
    this.half = Float64Array.from(space.high, (high, k) => (Number(high) - Number(space.low[k])) / 2)
  }

  /** Numbers between −1 and 1 for `count` actions at random, row after row. */
  random(count: number, draws: NumpyGenerator): Float64Array {
    return draws.uniforms(count * this.size, -1, 1)
  }

  /** Rows of numbers between −1 and 1 as actions of the environment. */
  toEnv(actions: ArrayLike<number>): Float32Array[] {
    const { size, low, half } = this
    return Array.from({ length: actions.length / size }, (_, i) =>
      Float32Array.from({ length: size }, (_, k) => low[k] + half[k] * (actions[i * size + k] + 1)),
    )
  }
}

/** Values of observations with actions, estimated as often as there are networks: critics that start differently. */
export class Critics {
  readonly nets: readonly Sequential[]
  readonly parameters: Tensor[]

  constructor(count: number, sizes: readonly number[], options: MlpOptions) {
    this.nets = Array.from({ length: count }, () => mlp(sizes, options))
    this.parameters = this.nets.flatMap((net) => net.parameters())
  }

  /** observations [B, n], actions [B, D] → a value [B] of every critic. */
  values(observations: Tensor, actions: Tensor): Tensor[] {
    const both = concat([observations, actions], -1)
    return this.nets.map((net) => net.forward(both).squeeze(-1))
  }

  stateDict(): Record<string, Tensor> {
    return Object.fromEntries(
      this.nets.flatMap((net, i) => Object.entries(net.stateDict()).map(([name, x]) => [`${i + 1}.${name}`, x])),
    )
  }
}
