// Small networks of agents, and the batches they see.
import { init, Linear, type Module, ReLU, Sequential, Tanh } from '@x/nn'
import type { Generator, Tensor } from '@x/tensor'
import { keep, tensor, zeros } from '@x/tensor'
import { assign, elements, lasting } from '@x/tensor/op'
import { Box } from '../spaces/box.ts'
import { Discrete } from '../spaces/discrete.ts'
import type { Space, SpaceDType } from '../spaces/space.ts'
import type { VectorEnv } from '../vector/vectorEnv.ts'
import { checkActivation, checkHidden, checkSetting } from './settings.ts'

export interface NetworkOptions {
  /** Units of every hidden layer. Default [64, 64] */
  hidden?: readonly number[]
  /** Default as the agent says */
  activation?: 'tanh' | 'relu'
}

/** Brings numbers that lie between bounds into [−1, 1], and leaves those without bounds as they are. */
export function scaling({ low, high }: Box<SpaceDType>): (observations: Tensor) => Tensor {
  const isBounded = Array.from(low, (from, i) => Number.isFinite(from) && Number.isFinite(high[i]) && from < high[i])
  const middle = isBounded.map((is, i) => (is ? (low[i] + high[i]) / 2 : 0))
  const factor = isBounded.map((is, i) => (is ? 2 / (high[i] - low[i]) : 1))
  return (observations) => observations.sub(tensor(middle)).mul(tensor(factor))
}

/**
 * A perceptron with orthogonal weights (gain √2, of the last layer `gain`) and no biases at first, as PPO's original
 * implementation has it.
 */
export function orthogonalMlp(
  sizes: readonly number[],
  { activation, gain, generator }: { activation: 'tanh' | 'relu'; gain: number; generator: Generator },
): Sequential {
  checkNetwork(sizes, activation)
  const layers = sizes.slice(1).flatMap((out, i): Module[] => {
    const linear = new Linear(sizes[i], out, { generator })
    const isLast = i === sizes.length - 2
    init.orthogonal(linear.weight, { gain: isLast ? gain : Math.SQRT2, generator })
    init.zeros(linear.bias as Tensor)
    return isLast ? [linear] : [linear, activation === 'tanh' ? new Tanh() : new ReLU()]
  })
  return new Sequential(...layers)
}

/** A perceptron with PyTorch's initial weights. */
export function mlp(
  sizes: readonly number[],
  { activation, generator }: { activation: 'tanh' | 'relu'; generator: Generator },
): Sequential {
  checkNetwork(sizes, activation)
  const layers = sizes.slice(1).flatMap((out, i): Module[] => {
    const linear = new Linear(sizes[i], out, { generator })
    return i === sizes.length - 2 ? [linear] : [linear, activation === 'tanh' ? new Tanh() : new ReLU()]
  })
  return new Sequential(...layers)
}

/** The box that observations are from. @throws TypeError for other spaces */
export function observationBox(agent: string, space: Space): Box<SpaceDType> {
  if (space instanceof Box) return space
  throw new TypeError(
    `${agent}: observations from ${space} are no vectors; put FlattenObservation around the environment`,
  )
}

/** How many numbers an observation has. @throws TypeError unless observations are boxes */
export const observationSize = (agent: string, space: Space): number => observationBox(agent, space).size

/** @throws RangeError for an observation of another number of numbers */
export function checkLength(agent: string, observation: ArrayLike<number>, size: number): void {
  if (observation?.length === size) return
  throw new RangeError(`${agent}: an observation of ${observation?.length ?? 'no'} numbers; there are ${size}`)
}

/** One observation as a row [1, size]. @throws RangeError for another number of numbers, or NaN */
export function rowOf(agent: string, observation: ArrayLike<number>, size: number): Tensor {
  checkLength(agent, observation, size)
  const row = Array.from(observation)
  if (row.some(Number.isNaN)) throw new RangeError(`${agent}: the observation [${row}] has NaN`)
  return tensor([row], { dtype: 'float32' })
}

/** @throws RangeError for an environment whose observations have another size than the agent was made for */
export function checkSize(agent: string, envs: VectorEnv, size: number): void {
  const own = observationSize(agent, envs.singleObservationSpace)
  if (own !== size) throw new RangeError(`${agent}: made for observations of ${size} numbers, given ${own}`)
}

/** The number of choices. @throws TypeError unless actions are whole numbers */
export function choices(agent: string, space: Space): number {
  if (space instanceof Discrete) return space.n
  throw new TypeError(`${agent}: actions from ${space} are not Discrete`)
}

/** A tensor that outlives every tidy and that compiled functions read from where it lies. */
export const lastingZeros = (shape: readonly number[], dtype: 'float32' | 'float64' | 'int32' = 'float32'): Tensor =>
  lasting(() => keep(zeros(shape, { dtype })))

/** Writes numbers into a tensor, from its element `at` on. */
export function write(to: Tensor, values: ArrayLike<number>, at = 0): void {
  const { view, start } = elements(to)
  ;(view as Float32Array).set(values, start + at)
}

/** @throws RangeError for hidden layers or an activation that there cannot be */
function checkNetwork(sizes: readonly number[], activation: string): void {
  checkHidden('network', sizes.slice(1, -1))
  checkActivation('network', activation)
}

/** Moves `target` towards `source`: target ← (1 − τ) target + τ source. @throws RangeError unless 0 < τ ≤ 1 */
export function polyak(target: readonly Tensor[], source: readonly Tensor[], tau: number): void {
  checkSetting('polyak', 'tau', tau)
  target.forEach((x, i) => {
    assign(x, tau === 1 ? source[i] : x.mul(1 - tau).add(source[i].mul(tau)))
  })
}
