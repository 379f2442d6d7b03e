// Wrappers that change actions, rewards or observations one at a time.

import type { TypedArray } from '@x/tensor'
import type { Env, Info, ResetOptions, StepResult } from '../env/env.ts'
import { needFunction } from '../env/errors.ts'
import { interval } from '../env/numbers.ts'
import { Box } from '../spaces/box.ts'
import { flatten, flattenSpace } from '../spaces/flatten.ts'
import { arrayOf, type Space, type SpaceDType } from '../spaces/space.ts'
import { Wrapper } from './wrapper.ts'

/** The space as a box. @throws TypeError naming the wrapper that needs one */
export function boxOf(wrapper: string, space: Space): Box<SpaceDType> {
  if (!(space instanceof Box)) throw new TypeError(`${wrapper}: ${space} is not a Box`)
  return space
}

/** The space as a box that can be stretched onto [min, max]. @throws TypeError unless it is a bounded Box, RangeError unless min < max */
function boundedBox(wrapper: string, space: Space, min: number, max: number): Box<SpaceDType> {
  const box = boxOf(wrapper, space)
  interval(wrapper, min, max)
  if (!box.isBounded()) throw new TypeError(`${wrapper}: ${box} is not bounded`)
  return box
}

/** Passes every observation through a function, whose results come from `space`. Gymnasium's `TransformObservation`. */
export class TransformObservation<O, A, InnerO = O> extends Wrapper<O, A, InnerO, A> {
  private readonly transform: (observation: InnerO) => O

  constructor(env: Env<InnerO, A>, transform: (observation: InnerO) => O, space?: Space<O>) {
    super(env, { observationSpace: space })
    needFunction('TransformObservation: transform', transform)
    this.transform = transform
  }

  override reset(options?: ResetOptions): [observation: O, info: Info] {
    const [observation, info] = this.env.reset(options)
    return [this.transform(observation), info]
  }

  override step(action: A): StepResult<O> {
    const [observation, ...rest] = this.env.step(action)
    return [this.transform(observation), ...rest]
  }
}

/**
 * Observations of any space as flat arrays. Gymnasium's `FlattenObservation`.
 * @example
 * import { FlattenObservation, make } from '@x/rl'
 * new FlattenObservation(make('FrozenLake-v1')).reset({ seed: 0 })[0] // 1 in the place of the state, 16 numbers
 */
export class FlattenObservation<A, InnerO = unknown> extends TransformObservation<TypedArray, A, InnerO> {
  /** @throws TypeError for a space of your own */
  constructor(env: Env<InnerO, A>) {
    super(env, (observation) => flatten(env.observationSpace, observation), flattenSpace(env.observationSpace as Space))
  }
}

/**
 * Passes every reward through a function. Gymnasium's `TransformReward`.
 * @example
 * import { make, TransformReward } from '@x/rl'
 * const env = new TransformReward(make('CartPole-v1'), (reward) => reward / 10)
 * env.reset({ seed: 0 })
 * env.step(0)[1] // 0.1
 */
export class TransformReward<O, A> extends Wrapper<O, A> {
  private readonly transform: (reward: number) => number

  constructor(env: Env<O, A>, transform: (reward: number) => number) {
    super(env)
    needFunction('TransformReward: transform', transform)
    this.transform = transform
  }

  override step(action: A): StepResult<O> {
    const result = this.env.step(action)
    result[1] = this.transform(result[1])
    return result
  }
}

/** Rewards cut to [min, max]. Gymnasium's `ClipReward`. */
export class ClipReward<O, A> extends TransformReward<O, A> {
  /** @throws RangeError unless min < max */
  constructor(env: Env<O, A>, min: number = Number.NEGATIVE_INFINITY, max: number = Number.POSITIVE_INFINITY) {
    super(env, (reward) => Math.min(Math.max(reward, min), max))
    interval('ClipReward', min, max)
  }
}

/** Passes every action through a function before the environment sees it. Gymnasium's `TransformAction`. */
export class TransformAction<O, A, InnerA = A> extends Wrapper<O, A, O, InnerA> {
  private readonly transform: (action: A) => InnerA

  constructor(env: Env<O, InnerA>, transform: (action: A) => InnerA, space?: Space<A>) {
    super(env, { actionSpace: space })
    needFunction('TransformAction: transform', transform)
    this.transform = transform
  }

  override step(action: A): StepResult<O> {
    return this.env.step(this.transform(action))
  }
}

/** An array of the box's dtype with `f` applied to every number. */
function mapped(box: Box<SpaceDType>, x: ArrayLike<number>, f: (value: number, i: number) => number): TypedArray {
  return arrayOf(box.dtype, box.size).map((_, i) => f(x[i], i))
}

/** Takes actions of any size and cuts them to the bounds of the environment. Gymnasium's `ClipAction`. */
export class ClipAction<O> extends TransformAction<O, ArrayLike<number>> {
  /** @throws TypeError unless the actions come from a Box */
  constructor(env: Env<O, ArrayLike<number>>) {
    const box = boxOf('ClipAction', env.actionSpace as Space)
    const { low, high, shape, dtype } = box
    const clip = (v: number, i: number): number => Math.min(Math.max(v, low[i]), high[i])
    const open = new Box(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { shape, dtype })
    super(env, (action) => mapped(box, action, clip), open as unknown as Space<ArrayLike<number>>)
  }
}

/**
 * Actions from [min, max], stretched onto the bounds of the environment. Gymnasium's `RescaleAction`.
 * @throws TypeError unless the actions come from a bounded Box, RangeError unless min < max
 * @example
 * import { make, RescaleAction } from '@x/rl'
 * const env = new RescaleAction(make('Pendulum-v1'), 0, 1)
 * env.reset({ seed: 0 })
 * env.step([0.5]) // no torque
 */
export class RescaleAction<O> extends TransformAction<O, ArrayLike<number>> {
  constructor(env: Env<O, ArrayLike<number>>, min = -1, max = 1) {
    const box = boundedBox('RescaleAction', env.actionSpace as Space, min, max)
    const { low, high, shape, dtype } = box
    const stretch = (v: number, i: number): number => low[i] + ((high[i] - low[i]) * (v - min)) / (max - min)
    const space = new Box(min, max, { shape, dtype })
    super(env, (action) => mapped(box, action, stretch), space as unknown as Space<ArrayLike<number>>)
  }
}

/**
 * Observations from the bounds of the environment, stretched onto [min, max]. Gymnasium's `RescaleObservation`.
 * @throws TypeError unless the observations come from a bounded Box, RangeError unless min < max
 */
export class RescaleObservation<A> extends TransformObservation<TypedArray, A, ArrayLike<number>> {
  constructor(env: Env<ArrayLike<number>, A>, min = -1, max = 1) {
    const box = boundedBox('RescaleObservation', env.observationSpace as Space, min, max)
    const { low, high, shape, dtype } = box
    const shrink = (v: number, i: number): number => min + ((max - min) * (v - low[i])) / (high[i] - low[i])
    super(env, (x) => mapped(box, x, shrink), new Box(min, max, { shape, dtype }))
  }
}

/**
 * Observations cut to [min, max], number by number: the clip of Gymnasium's Atari and MuJoCo recipes, usually behind `NormalizeObservation`.
 * @example
 * import { ClipObservation, make } from '@x/rl'
 * new ClipObservation(make('Pendulum-v1'), -0.5, 0.5).reset({ seed: 0 })[0] // three numbers from −0.5 to 0.5
 */
export class ClipObservation<A> extends TransformObservation<TypedArray, A, ArrayLike<number>> {
  /** @throws TypeError unless the observations come from a Box, RangeError unless min < max */
  constructor(env: Env<ArrayLike<number>, A>, min = -10, max = 10) {
    const box = boxOf('ClipObservation', env.observationSpace as Space)
    interval('ClipObservation', min, max)
    const clip = (v: number): number => Math.min(Math.max(v, min), max)
    const bounds = [box.low, box.high].map((bound) => Array.from(bound, (v) => clip(Number(v))))
    const space = new Box(bounds[0], bounds[1], { shape: box.shape, dtype: box.dtype })
    super(env, (observation) => mapped(box, observation, clip), space)
  }
}
