// Small networks of agents, and the batches they see.
import { init, Linear, type Module, ReLU, Sequential, Tanh } from '@x/nn'
import type { Generator, Tensor } from '@x/tensor'
import { tensor } from '@x/tensor'
import { assign } from '@x/tensor/op'
import { Box } from '../spaces/box.ts'
import { Discrete } from '../spaces/discrete.ts'
import type { Space, SpaceDType } from '../spaces/space.ts'
import { type Spaces, sameStepEnvs } from '../training/vector.ts'
import type { VectorEnv } from '../vector/vectorEnv.ts'

export interface NetworkOptions {
  /** Units of every hidden layer, whole numbers ≥ 1. Default [64, 64], of Reinforce [64] */
  hidden?: readonly number[]
  /** What follows on hidden layers. Default 'tanh' where the policy is drawn from (PPO, A2C, A3C, Reinforce), else 'relu' */
  activation?: 'tanh' | 'relu'
}

/** Brings numbers that lie between bounds into [−1, 1], and leaves those without bounds as they are. */
export function scaling({ low, high }: Box<SpaceDType>): (observations: Tensor) => Tensor {
  const isBounded = Array.from(low, (from, i) => Number.isFinite(from) && Number.isFinite(high[i]) && from < high[i])
  const middle = isBounded.map((is, i) => (is ? (low[i] + high[i]) / 2 : 0))
  const factor = isBounded.map((is, i) => (is ? 2 / (high[i] - low[i]) : 1))
  return (observations) => observations.sub(tensor(middle)).mul(tensor(factor))
}

export interface MlpOptions {
  readonly activation: 'tanh' | 'relu'
  readonly generator: Generator
  /** Orthogonal weights at first, of the last layer with this gain, of the others √2, and no biases. Default: as PyTorch's */
  readonly gain?: number
}

/** A perceptron of layers with so many units, inputs and outputs among them. */
export function mlp(sizes: readonly number[], { activation, generator, gain }: MlpOptions): Sequential {
  const layers = sizes.slice(1).flatMap((out, i): Module[] => {
    const linear = new Linear(sizes[i], out, { generator })
    const isLast = i === sizes.length - 2
    if (gain !== undefined) {
      init.orthogonal(linear.weight, { gain: isLast ? gain : Math.SQRT2, generator })
      init.zeros(linear.bias as Tensor)
    }
    return isLast ? [linear] : [linear, activation === 'tanh' ? new Tanh() : new ReLU()]
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

/** Rows of observations [n, …] as vectors [n, size]. */
export const rowsOf = (observations: Tensor, size: number): Tensor =>
  observations.reshape([observations.shape[0], size])

/** @throws RangeError for observations of another size than the agent was made for, TypeError for those that are no vectors */
export function checkSize(agent: string, space: Space, size: number): void {
  const own = observationSize(agent, space)
  if (own !== size) throw new RangeError(`${agent}: made for observations of ${size} numbers, given ${own}`)
}

/**
 * The environments to learn in, as several that reset at the same step.
 * @param numEnvs how many there must be, for those that keep apart what each of them did
 * @throws as `checkSize`, RangeError for another number of environments
 */
export function learningEnvs(agent: string, env: Spaces, size: number, numEnvs?: number): VectorEnv {
  const envs = sameStepEnvs(env)
  checkSize(agent, envs.singleObservationSpace, size)
  if (numEnvs === undefined || envs.numEnvs === numEnvs) return envs
  throw new RangeError(`${agent}: made for ${numEnvs} environments, given ${envs.numEnvs}`)
}

/** The number of choices. @throws TypeError unless actions are whole numbers */
export function choices(agent: string, space: Space): number {
  if (space instanceof Discrete) return space.n
  throw new TypeError(`${agent}: actions from ${space} are not Discrete`)
}

/** Moves `target` towards `source`: target ← (1 − τ) target + τ source, τ in (0, 1]. */
export function polyak(target: readonly Tensor[], source: readonly Tensor[], tau: number): void {
  target.forEach((x, i) => {
    assign(x, tau === 1 ? source[i] : x.mul(1 - tau).add(source[i].mul(tau)))
  })
}
