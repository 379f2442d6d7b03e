// Replay buffers: steps of the past, where compiled updates read them.

import type { Tensor } from '@x/tensor'
import { importanceWeights, SumTree } from '../arithmetic/priorities.ts'
import { share, whole } from '../env/numbers.ts'
import type { NumpyGenerator } from '../random/generator.ts'
import { lastingZeros, write } from './lasting.ts'

export interface ReplayOptions {
  /** How many steps are kept. */
  capacity: number
  /** Numbers of an observation. */
  observationSize: number
  /** Numbers of a continuous action; 0 for choices. Default 0 */
  actionSize?: number
  /** Discount in [0, 1]. */
  gamma: number
  /** Steps whose rewards are added up before a value is asked for. Default 1 */
  nStep?: number
  /** Environments that steps come from side by side. Default 1 */
  environments?: number
  /** Exponent of the priorities of surprising transitions; null to sample all alike. Default null */
  alpha?: number | null
}

/** A step of one environment. */
interface Pending {
  readonly observation: ArrayLike<number>
  readonly action: ArrayLike<number>
  readonly reward: number
}

/** Where a ring stands, for checkpoints; its tensors are saved beside it. */
export interface ReplayState {
  readonly size: number
  readonly position: number
  readonly priorities: { readonly weights: readonly number[]; readonly largest: number } | null
}

/**
 * A ring of transitions in tensors: observation, action, the sum of up to n discounted rewards, the observation after
 * them, and what its value is discounted with (0 after termination).
 */
export class Replay {
  readonly capacity: number
  readonly observations: Tensor
  readonly actions: Tensor
  readonly rewards: Tensor
  readonly next: Tensor
  readonly discounts: Tensor
  /** Transitions there are. */
  size = 0
  /** Where the next one goes. */
  position = 0
  private readonly width: number
  private readonly actionWidth: number
  private readonly gamma: number
  private readonly nStep: number
  private readonly pending: Pending[][]
  private readonly priorities: Priorities | null

  /** @throws RangeError for a capacity or a number of steps below 1, or a discount outside [0, 1] */
  constructor(options: ReplayOptions) {
    const { capacity, observationSize, actionSize = 0, gamma, nStep = 1, environments = 1, alpha = null } = options
    whole('Replay: capacity', capacity)
    share('Replay: gamma', gamma)
    whole('Replay: nStep', nStep)
    this.capacity = capacity
    this.width = observationSize
    this.actionWidth = Math.max(1, actionSize)
    this.gamma = gamma
    this.nStep = nStep
    this.observations = lastingZeros([capacity, observationSize])
    this.next = lastingZeros([capacity, observationSize])
    this.actions = actionSize ? lastingZeros([capacity, actionSize]) : lastingZeros([capacity], 'int32')
    this.rewards = lastingZeros([capacity])
    this.discounts = lastingZeros([capacity])
    this.pending = Array.from({ length: environments }, () => [])
    this.priorities = alpha === null ? null : new Priorities(capacity, { alpha })
  }

  /**
   * Takes in a step of an environment, and writes down the transitions that it completes.
   * @param next the observation after the step: of an episode that ended, its last one
   * @returns how many transitions were written, at the places before `position`
   */
  add(
    environment: number,
    observation: ArrayLike<number>,
    action: ArrayLike<number>,
    step: { reward: number; next: ArrayLike<number>; terminated: boolean; truncated: boolean },
  ): number {
    const queue = this.pending[environment]
    queue.push({ observation, action, reward: step.reward })
    if (step.terminated || step.truncated) {
      const count = queue.length
      while (queue.length > 0) this.complete(queue, step.next, step.terminated)
      return count
    }
    if (queue.length < this.nStep) return 0
    this.complete(queue, step.next, false)
    return 1
  }

  /** Writes down the transition that the first step of the queue began. */
  private complete(queue: Pending[], next: ArrayLike<number>, terminated: boolean): void {
    const { position: at, width, actionWidth } = this
    let sum = 0
    let discount = 1
    for (const { reward } of queue) {
      sum += discount * reward
      discount *= this.gamma
    }
    const [{ observation, action }] = queue
    queue.shift()
    write(this.observations, observation, at * width)
    write(this.actions, action, at * actionWidth)
    write(this.next, next, at * width)
    write(this.rewards, [sum], at)
    write(this.discounts, [terminated ? 0 : discount], at)
    this.priorities?.added(at)
    this.position = (at + 1) % this.capacity
    this.size = Math.min(this.size + 1, this.capacity)
  }

  /** Forgets steps that wait for those after them: environments begin anew. */
  restart(): void {
    for (const queue of this.pending) queue.length = 0
  }

  /**
   * Places of transitions: all equally likely and of weight 1, or by priority, with weights that undo its bias by the
   * exponent `beta`.
   * @throws RangeError unless the count is a whole number ≥ 1
   */
  sample(count: number, generator: NumpyGenerator, beta = 1): { places: Int32Array; weights: Float32Array } {
    whole('Replay: batchSize', count)
    const sampled = this.priorities?.sample(count, this.size, beta, generator)
    return {
      places: sampled?.places ?? generator.integersMany(count, 0, this.size),
      weights: sampled ? Float32Array.from(sampled.weights) : new Float32Array(count).fill(1),
    }
  }

  /** The transitions at places [B], inside of compiled functions too. */
  take(places: Tensor): [s: Tensor, a: Tensor, r: Tensor, s2: Tensor, discount: Tensor] {
    const { observations, actions, rewards, next, discounts } = this
    const [s, a, r, s2, discount] = [observations, actions, rewards, next, discounts].map((x) => x.take(places))
    return [s, a, r, s2, discount]
  }

  /** Sets the priorities of what was sampled to the sizes of its temporal differences. */
  update(places: Int32Array, differences: ArrayLike<number>): void {
    this.priorities?.update(places, differences)
  }

  /** Where it stands, beside its tensors. */
  save(): ReplayState {
    const { size, position, priorities } = this
    return { size, position, priorities: priorities?.save(size) ?? null }
  }

  /** Goes on from what `save` gave; its tensors are there already. */
  restore({ size, position, priorities }: ReplayState): void {
    this.size = size
    this.position = position
    if (priorities) this.priorities?.restore(priorities)
    this.restart()
  }

  /** The tensors by name: what a checkpoint holds of the buffer. */
  stateDict(): Record<string, Tensor> {
    const { observations, actions, rewards, next, discounts } = this
    return { observations, actions, rewards, next, discounts }
  }

  /** Frees the memory now. */
  dispose(): void {
    for (const x of Object.values(this.stateDict())) x.dispose()
  }
}

/**
 * Sampling in proportion to |temporal difference|^α, with weights that undo its bias.
 * Source: Schaul et al. 2016, arXiv:1511.05952, section 3.3.
 */
export class Priorities {
  readonly tree: SumTree
  private readonly alpha: number
  private readonly epsilon: number
  private largest = 1

  constructor(capacity: number, { alpha = 0.6, epsilon = 1e-6 }: { alpha?: number; epsilon?: number } = {}) {
    this.tree = new SumTree(capacity)
    this.alpha = alpha
    this.epsilon = epsilon
  }

  /** Gives new transitions the highest priority there was. */
  added(place: number): void {
    this.tree.set(place, this.largest ** this.alpha)
  }

  sample(
    count: number,
    size: number,
    beta: number,
    generator: NumpyGenerator,
  ): { places: Int32Array; weights: Float64Array } {
    const places = this.tree.stratified(generator.uniforms(count))
    const probabilities = Array.from(places, (i) => this.tree.get(i) / this.tree.total)
    return { places, weights: importanceWeights(probabilities, { count: size, beta }) }
  }

  /** What a checkpoint holds: the weights of so many places, and the highest priority. */
  save(size: number): { weights: number[]; largest: number } {
    return { weights: Array.from({ length: size }, (_, i) => this.tree.get(i)), largest: this.largest }
  }

  /** Goes on from what `save` gave. */
  restore({ weights, largest }: { weights: readonly number[]; largest: number }): void {
    const { tree } = this
    for (let i = 0; i < tree.capacity; i++) if (i < weights.length || tree.get(i) > 0) tree.set(i, weights[i] ?? 0)
    this.largest = largest
  }

  /** Sets priorities to the sizes of temporal differences. */
  update(places: Int32Array, differences: ArrayLike<number>): void {
    places.forEach((place, k) => {
      const priority = Math.abs(differences[k]) + this.epsilon
      this.largest = Math.max(this.largest, priority)
      this.tree.set(place, priority ** this.alpha)
    })
  }
}
