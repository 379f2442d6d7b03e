// Wrappers of several environments that change what they give, step by step.

import { type Tensor, type TypedArray, tensor, tidy } from '@x/tensor'
import { needFunction } from '../../env/errors.ts'
import { interval } from '../../env/numbers.ts'
import { Box } from '../../spaces/box.ts'
import { batchSpace } from '../../spaces/flatten.ts'
import type { Space } from '../../spaces/space.ts'
import { boxOf } from '../../wrappers/transform.ts'
import type { Batch, VectorEnv, VectorInfo, VectorResetOptions, VectorStepResult } from '../vectorEnv.ts'
import { VectorWrapper } from './vectorWrapper.ts'

/**
 * Passes observations through a function, also the last ones of episodes (`infos.finalObs`). Gymnasium's
 * `TransformObservation` for vectors.
 */
export class TransformObservation<O, A> extends VectorWrapper<O, A, Tensor> {
  private readonly transform: (observations: Tensor) => Tensor

  /**
   * @param transform observations of all environments [numEnvs, …] to a new tensor; of the last ones of episodes it gets one
   * row at a time [1, …]
   * @param single the space of what it gives, for one environment. Default: as before
   */
  constructor(envs: VectorEnv<O, A, Tensor>, transform: (observations: Tensor) => Tensor, single?: Space) {
    super(envs, single && { single, all: batchSpace(single, envs.numEnvs) })
    needFunction('TransformObservation: transform', transform)
    this.transform = transform
  }

  private changed(observations: Tensor): Tensor {
    const result = this.transform(observations)
    if (result !== observations) observations.dispose()
    return result
  }

  override reset(options?: VectorResetOptions): [observations: Tensor, infos: VectorInfo] {
    const [observations, infos] = this.envs.reset(options)
    return [this.changed(observations), infos]
  }

  override step(actions: ArrayLike<A> | Batch): VectorStepResult<Tensor> {
    const [observations, rewards, terminations, truncations, infos] = this.envs.step(actions)
    const changed = finalObservations(infos, (x) =>
      tidy(() => this.transform(tensor(x as TypedArray).reshape([1, ...observations.shape.slice(1)])).data()),
    )
    return [this.changed(observations), rewards, terminations, truncations, changed]
  }
}

/** Observations cut to [min, max], number by number. */
export class ClipObservation<O, A> extends TransformObservation<O, A> {
  /** @throws TypeError unless the observations come from a Box, RangeError unless min < max */
  constructor(envs: VectorEnv<O, A, Tensor>, min = -10, max = 10) {
    const { low, high, shape, dtype } = boxOf('ClipObservation', envs.singleObservationSpace)
    interval('ClipObservation', min, max)
    const cut = (bound: ArrayLike<number>): number[] => Array.from(bound, (v) => Math.min(Math.max(v, min), max))
    super(envs, (x) => x.clamp(min, max), new Box(cut(low), cut(high), { shape, dtype }))
  }
}

/** Passes the rewards of a step through a function. Gymnasium's `TransformReward` for vectors. */
export class TransformReward<O, A, B extends Batch> extends VectorWrapper<O, A, B> {
  private readonly transform: (rewards: Float64Array) => Float64Array

  /** @param transform rewards of all environments to as many others */
  constructor(envs: VectorEnv<O, A, B>, transform: (rewards: Float64Array) => Float64Array) {
    super(envs)
    needFunction('TransformReward: transform', transform)
    this.transform = transform
  }

  override step(actions: ArrayLike<A> | Batch): VectorStepResult<B> {
    const result = this.envs.step(actions)
    result[1] = this.transform(result[1])
    return result
  }
}

/** Rewards cut to [min, max]. */
export class ClipReward<O, A, B extends Batch> extends TransformReward<O, A, B> {
  /** @throws RangeError unless min < max */
  constructor(
    envs: VectorEnv<O, A, B>,
    min: number = Number.NEGATIVE_INFINITY,
    max: number = Number.POSITIVE_INFINITY,
  ) {
    super(envs, (rewards) => rewards.map((r) => Math.min(Math.max(r, min), max)))
    interval('ClipReward', min, max)
  }
}

/** Infos with the last observations of episodes passed through a function. */
export function finalObservations(infos: VectorInfo, change: (observation: ArrayLike<number>) => unknown): VectorInfo {
  if (!Array.isArray(infos.finalObs)) return infos
  return { ...infos, finalObs: infos.finalObs.map((x: ArrayLike<number> | null) => (x === null ? null : change(x))) }
}
