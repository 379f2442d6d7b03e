// The network of DQN: the value of every action, as a mean or by quantiles, of one piece or of a value and advantages.
import { Linear, Module, type Sequential } from '@x/nn'
import type { Generator, Tensor } from '@x/tensor'
import { dueling } from '../arithmetic/losses.ts'
import { mlp } from './networks.ts'

export interface QNetworkOptions {
  readonly size: number
  readonly actions: number
  /** Numbers per action whose mean is its value. */
  readonly samples: number
  readonly hidden: readonly number[]
  readonly activation: 'tanh' | 'relu'
  readonly dueling: boolean
  /** What is done with observations first. */
  readonly inputs: (observations: Tensor) => Tensor
  readonly generator: Generator
}

/** Action values of observations [B, n] → [B, A]. */
export class QNetwork extends Module {
  readonly body: Sequential
  readonly value: Linear | null
  readonly advantage: Linear | null
  private readonly samples: number
  private readonly inputs: (observations: Tensor) => Tensor

  constructor({ size, actions, samples, hidden, activation, dueling, inputs, generator }: QNetworkOptions) {
    super()
    const features = hidden[hidden.length - 1] ?? size
    this.body = mlp([size, ...hidden, ...(dueling ? [] : [samples * actions])], { activation, generator })
    this.value = dueling ? new Linear(features, samples, { generator }) : null
    this.advantage = dueling ? new Linear(features, samples * actions, { generator }) : null
    this.samples = samples
    this.inputs = inputs
  }

  /** All there is of every action: [B, samples, A]. */
  all(observations: Tensor): Tensor {
    const y = this.body.forward(this.inputs(observations))
    const apart = (x: Tensor): Tensor => x.reshape([x.shape[0], this.samples, -1])
    if (!this.value || !this.advantage) return apart(y)
    const features = y.relu()
    return dueling(apart(this.value.forward(features)), apart(this.advantage.forward(features)))
  }

  forward(observations: Tensor): Tensor {
    return this.all(observations).mean(1)
  }
}
