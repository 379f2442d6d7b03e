// A learned model of an environment: a small network that predicts how the observation changes and what the step pays.

import { valueAndGrad } from '@x/autograd'
import { Adam, Linear, mseLoss, ReLU, Sequential } from '@x/nn'
import {
  type Compiled,
  compile,
  concat,
  Generator,
  keep,
  ones,
  slice,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from '@x/tensor'
import { assign, lasting } from '@x/tensor/op'
import { type AgentState, prefixed } from '../agents/checkpoint.ts'
import { knownOptions } from '../env/errors.ts'
import { above0, wholes } from '../env/numbers.ts'
import { NumpyGenerator } from '../random/generator.ts'
import { Box } from '../spaces/box.ts'
import type { Space } from '../spaces/space.ts'
import { type Controls, controlsOf, type Model } from './model.ts'

export interface LearnedModelOptions {
  /** Numbers in each of the two hidden layers, ≥ 1. Default 64 */
  hidden?: number
  /** Learning rate of Adam, > 0. Default 1e-3 */
  lr?: number
  /** Transitions per update, ≥ 1. Default 64 */
  batchSize?: number
  /** Seeds the first weights and the choice of transitions. Default 0 */
  seed?: number
}

/**
 * (s', r) ≈ (s + Δ, r) with (Δ, r) = σ_y · net((x − μₓ) / σₓ) + μ_y, x = [s, a]: a network with two hidden layers, fitted to
 * transitions by the mean squared error of what it predicts, in units of their deviation. Episodes are taken to go on: it
 * does not predict that they terminate.
 * Source: Nagabandi et al. 2018, "Neural Network Dynamics for Model-Based Deep Reinforcement Learning with Model-Free
 * Fine-Tuning", arXiv:1708.02596, section IV-A, equations 1 and 2; the reward is learned here too.
 * @example
 * import { make } from '@x/rl'
 * import { LearnedModel, MPC } from '@x/rl/planning'
 * const env = make('Pendulum-v1')
 * const model = new LearnedModel(env, { hidden: 16 })
 * let [observation] = env.reset({ seed: 0 })
 * for (let t = 0; t < 100; t++) {
 *   const action = env.actionSpace.sample()
 *   const [next, reward] = env.step(action)
 *   model.add(observation, action, { reward, next })
 *   observation = next
 * }
 * model.fit({ epochs: 2 })
 * new MPC(model, { horizon: 5, samples: 10 }).act(observation) // a torque
 */
export class LearnedModel<A> implements Model<ArrayLike<number>, A> {
  readonly controls: Controls<A>
  readonly net: Sequential
  private readonly size: number
  private readonly batchSize: number
  private readonly optimizer: Adam
  private readonly generator: NumpyGenerator
  /** Mean and deviation of inputs and outputs, set by `fit`. */
  private readonly scales: Readonly<Record<'inMean' | 'inStd' | 'outMean' | 'outStd', Tensor>>
  private readonly inputs: Float64Array[] = []
  private readonly outputs: Float64Array[] = []
  private readonly step: Compiled<[x: Tensor, y: Tensor], Tensor>
  private readonly rollout: Compiled<[s: Tensor, plans: Tensor], Tensor>

  /** @throws TypeError for observations that are not a Box, or actions that a planner cannot choose; RangeError */
  constructor(
    env: { readonly observationSpace: Space<never> | Space; readonly actionSpace: Space<A> },
    options: LearnedModelOptions = {},
  ) {
    knownOptions('LearnedModel', options, ['hidden', 'lr', 'batchSize', 'seed'])
    const { hidden = 64, lr = 1e-3, batchSize = 64, seed = 0 } = options
    const space: unknown = env.observationSpace
    if (!(space instanceof Box)) throw new TypeError(`LearnedModel: observations in ${space}, not in a Box`)
    wholes('LearnedModel', { hidden, batchSize })
    above0('LearnedModel: lr', lr)
    this.controls = controlsOf(env.actionSpace)
    this.size = space.size
    this.batchSize = batchSize
    this.generator = new NumpyGenerator(seed)
    const [into, out] = [space.size + this.controls.size, space.size + 1]
    const weights = new Generator(seed)
    const layer = (from: number, to: number): Linear => new Linear(from, to, { generator: weights })
    this.net = new Sequential(layer(into, hidden), new ReLU(), layer(hidden, hidden), new ReLU(), layer(hidden, out))
    weights.dispose()
    this.scales = lasting(() => ({
      inMean: keep(zeros([into])),
      inStd: keep(ones([into])),
      outMean: keep(zeros([out])),
      outStd: keep(ones([out])),
    }))
    const parameters = this.net.parameters()
    this.optimizer = new Adam(parameters, { lr })
    this.step = compile((x: Tensor, y: Tensor) => {
      const { outMean, outStd } = this.scales
      const target = y.sub(outMean).div(outStd)
      const { value, grads } = valueAndGrad(() => mseLoss(this.predict(x), target), parameters)
      this.optimizer.step(grads)
      return value
    })
    this.rollout = compile((s: Tensor, plans: Tensor) => this.sums(s, plans))
  }

  /** Transitions seen. */
  get transitions(): number {
    return this.inputs.length
  }

  /** Remembers a transition, for `fit`. */
  add(observation: ArrayLike<number>, action: A, outcome: { reward: number; next: ArrayLike<number> }): void {
    const { size } = this
    const numbers = this.encode(action)
    this.inputs.push(
      Float64Array.from({ length: size + numbers.length }, (_, i) => observation[i] ?? numbers[i - size]),
    )
    this.outputs.push(
      Float64Array.from({ length: size + 1 }, (_, i) => (i < size ? outcome.next[i] - observation[i] : outcome.reward)),
    )
  }

  /**
   * Goes through all transitions `epochs` times, in random order.
   * @returns the mean loss of the last epoch
   * @throws RangeError with fewer transitions than a batch has
   */
  fit(options: { epochs?: number } = {}): number {
    knownOptions('LearnedModel.fit', options, ['epochs'])
    const { epochs = 10 } = options
    wholes('LearnedModel.fit', { epochs })
    const { inputs, outputs, batchSize } = this
    if (inputs.length < batchSize)
      throw new RangeError(`LearnedModel.fit: ${inputs.length} transitions, but a batch takes ${batchSize}`)
    this.measure()
    const batches = Math.floor(inputs.length / batchSize)
    let loss = 0
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = this.generator.permutation(inputs.length)
      loss = 0
      for (let b = 0; b < batches; b++) {
        const batch = order.subarray(b * batchSize, (b + 1) * batchSize)
        loss += tidy(() => this.step(rows(inputs, batch), rows(outputs, batch)).item()) / batches
      }
    }
    return loss
  }

  returns(observation: ArrayLike<number>, plans: readonly Float64Array[]): Float64Array {
    const all = new Float32Array(plans.length * plans[0].length)
    plans.forEach((plan, i) => {
      all.set(this.asActions(plan), i * plan.length)
    })
    return tidy(() => {
      const s = tensor(Float32Array.from(observation))
      return Float64Array.from(this.rollout(s, tensor(all, { shape: [plans.length, plans[0].length] })).data(), Number)
    })
  }

  /** What a checkpoint holds of it: tensors to be written over, and transitions with the state of the random numbers. */
  get state(): AgentState {
    const { net, optimizer, scales, inputs, outputs, generator } = this
    const lists = { inputs: inputs.map((row) => [...row]), outputs: outputs.map((row) => [...row]) }
    return {
      tensors: {
        ...prefixed('net', net.stateDict()),
        ...prefixed('optimizer', optimizer.stateDict()),
        ...prefixed('scales', scales),
      },
      values: { ...lists, generator: generator.save() },
    }
  }

  /** Takes over the values of such a state; its tensors are there already. */
  restore({ inputs, outputs, generator }: AgentState['values']): void {
    const take = (to: Float64Array[], rows: readonly number[][]): void => {
      to.splice(0, to.length, ...rows.map((row) => Float64Array.from(row)))
    }
    take(this.inputs, inputs as number[][])
    take(this.outputs, outputs as number[][])
    this.generator.restore(generator as number[])
  }

  /** Frees what is held. */
  dispose(): void {
    this.step.dispose()
    this.rollout.dispose()
    this.optimizer.dispose()
    this.net.dispose()
    for (const x of Object.values(this.scales)) x.dispose()
  }

  /** What the network says, in units of the deviation. x [B, O + C] → [B, O + 1] */
  private predict(x: Tensor): Tensor {
    return this.net.forward(x.sub(this.scales.inMean).div(this.scales.inStd))
  }

  /** The sum of predicted rewards along plans [N, H · C] from s [O]: [N]. */
  private sums(s: Tensor, plans: Tensor): Tensor {
    const { size: O, controls, scales } = this
    const [N, length] = plans.shape
    let state = zeros([N, 1]).add(s) // [N, O]
    let sum = zeros([N])
    for (let at = 0; at < length; at += controls.size) {
      const action = plans.at(slice(), slice(at, at + controls.size)) // [N, C]
      const y = this.predict(concat([state, action], 1))
        .mul(scales.outStd)
        .add(scales.outMean)
      state = state.add(y.at(slice(), slice(0, O)))
      sum = sum.add(y.at(slice(), O))
    }
    return sum
  }

  /** An action as the network sees it: the numbers of a Box, 1 in the place of a discrete one. */
  private encode(action: A): ArrayLike<number> {
    if (typeof action !== 'number') return action as ArrayLike<number>
    const { size } = this.controls
    const scores = new Float64Array(size)
    for (let i = 0; i < size; i++) {
      scores.fill(0)[i] = 1
      if (this.controls.decode(scores, 0) === action) return scores
    }
    throw new RangeError(`LearnedModel.add: ${action} is none of ${size} actions`)
  }

  /** A plan with what its actions come down to in place of their scores. */
  private asActions(plan: Float64Array): Float64Array {
    const { size } = this.controls
    const taken = new Float64Array(plan.length)
    for (let at = 0; at < plan.length; at += size)
      taken.set(Array.from(this.encode(this.controls.decode(plan, at))), at)
    return taken
  }

  private measure(): void {
    tidy(() => {
      const sets = [
        ['in', this.inputs],
        ['out', this.outputs],
      ] as const
      for (const [name, data] of sets) {
        const mean = data[0].map((_, j) => data.reduce((sum, row) => sum + row[j], 0) / data.length)
        const std = mean.map((m, j) => Math.sqrt(data.reduce((sum, row) => sum + (row[j] - m) ** 2, 0) / data.length))
        assign(this.scales[`${name}Mean`], tensor(Float32Array.from(mean)))
        // What never changes is left as it is.
        assign(this.scales[`${name}Std`], tensor(Float32Array.from(std, (v) => (v > 1e-8 ? v : 1))))
      }
    })
  }
}

/** Chosen rows of a table [n][k] as a tensor [B, k]. */
function rows(table: readonly Float64Array[], chosen: Int32Array): Tensor {
  const width = table[0].length
  const values = new Float32Array(chosen.length * width)
  chosen.forEach((row, i) => {
    values.set(table[row], i * width)
  })
  return tensor(values, { shape: [chosen.length, width] })
}
