// Wrappers whose observations look back in time.

import type { TypedArray } from '@x/tensor'
import type { Env, Info, ResetOptions, StepResult } from '../env/env.ts'
import { knownOptions } from '../env/errors.ts'
import { oneOf, whole } from '../env/numbers.ts'
import { Box } from '../spaces/box.ts'
import { Dict, Tuple } from '../spaces/composite.ts'
import { flatten, flattenSpace } from '../spaces/flatten.ts'
import { arrayOf, type Space, type SpaceDType } from '../spaces/space.ts'
import { boxOf } from './transform.ts'
import { nameOf, Wrapper } from './wrapper.ts'

/**
 * The last `size` observations at once, the oldest first: shape [size, ...shape]. Before there are as many, the first
 * observation of the episode stands in, or zeros. Gymnasium's `FrameStackObservation`.
 * @example
 * import { FrameStackObservation, make } from '@x/rl'
 * new FrameStackObservation(make('Pendulum-v1'), 4).reset({ seed: 0 })[0].length // 12: four times three numbers
 */
export class FrameStackObservation<A> extends Wrapper<TypedArray, A> {
  private readonly frames: TypedArray[] = []
  private readonly size: number
  private readonly padding: 'reset' | 'zero'

  /** @throws TypeError unless the observations come from a Box, RangeError unless size is a whole number ≥ 1, or for an option that there is not */
  constructor(env: Env<TypedArray, A>, size: number, options: { padding?: 'reset' | 'zero' } = {}) {
    knownOptions('FrameStackObservation', options, ['padding'])
    const { padding = 'reset' } = options
    whole('FrameStackObservation: size', size)
    oneOf('FrameStackObservation: padding', padding, ['reset', 'zero'])
    const { low, high, shape, dtype } = boxOf('FrameStackObservation', env.observationSpace as Space)
    const repeat = (bounds: TypedArray): number[] => Array.from({ length: size }, () => Array.from(bounds)).flat()
    super(env, { observationSpace: new Box(repeat(low), repeat(high), { shape: [size, ...shape], dtype }) })
    this.size = size
    this.padding = padding
  }

  private stacked(): TypedArray {
    const box = this.observationSpace as unknown as Box<SpaceDType>
    const all = arrayOf(box.dtype, box.size)
    this.frames.forEach((frame, i) => {
      all.set(frame, i * frame.length)
    })
    return all
  }

  override reset(options?: ResetOptions): [observation: TypedArray, info: Info] {
    const [observation, info] = this.env.reset(options)
    const before = this.padding === 'reset' ? observation : observation.map(() => 0)
    this.frames.splice(0, this.size, ...Array<TypedArray>(this.size - 1).fill(before), observation)
    return [this.stacked(), info]
  }

  override step(action: A): StepResult<TypedArray> {
    const [observation, ...rest] = this.env.step(action)
    this.frames.shift()
    this.frames.push(observation)
    return [this.stacked(), ...rest]
  }
}

/** Observations `delay` steps late, zeros until then. Gymnasium's `DelayObservation`. */
export class DelayObservation<A> extends Wrapper<TypedArray, A> {
  private readonly queue: TypedArray[] = []
  private readonly delay: number

  /** @throws RangeError unless delay is a whole number ≥ 0 */
  constructor(env: Env<TypedArray, A>, delay: number) {
    whole('DelayObservation: delay', delay, 0)
    boxOf('DelayObservation', env.observationSpace as Space)
    super(env)
    this.delay = delay
  }

  private delayed(observation: TypedArray): TypedArray {
    this.queue.push(observation)
    return this.queue.length > this.delay ? (this.queue.shift() as TypedArray) : observation.map(() => 0)
  }

  override reset(options?: ResetOptions): [observation: TypedArray, info: Info] {
    this.queue.length = 0
    const [observation, info] = this.env.reset(options)
    return [this.delayed(observation), info]
  }

  override step(action: A): StepResult<TypedArray> {
    const [observation, ...rest] = this.env.step(action)
    return [this.delayed(observation), ...rest]
  }
}

/**
 * Repeats every action `skip` times, adds the rewards up, and shows the elementwise maximum of the last two
 * observations. Gymnasium's `MaxAndSkipObservation`; where an episode ends early, Gymnasium takes observations of the
 * step before into the maximum, which are left out here.
 */
export class MaxAndSkipObservation<A> extends Wrapper<TypedArray, A> {
  private readonly skip: number

  /** @throws RangeError unless skip is a whole number ≥ 2 */
  constructor(env: Env<TypedArray, A>, skip = 4) {
    whole('MaxAndSkipObservation: skip', skip, 2)
    boxOf('MaxAndSkipObservation', env.observationSpace as Space)
    super(env)
    this.skip = skip
  }

  override step(action: A): StepResult<TypedArray> {
    let reward = 0
    let before: TypedArray | null = null
    for (let i = 1; ; i++) {
      const [observation, r, terminated, truncated, info] = this.env.step(action)
      reward += r
      if (terminated || truncated || i === this.skip) {
        const last = before
        const highest = last ? observation.map((v, k) => Math.max(v, last[k])) : observation
        return [highest, reward, terminated, truncated, info]
      }
      before = observation
    }
  }
}

export interface TimeAwareOptions {
  /** One flat array instead of a dictionary (or the environment's own structure). Default true */
  flatten?: boolean
  /** Steps over the time limit, in [0, 1], instead of their count. Default false */
  normalizeTime?: boolean
  /** Name of the time in a dictionary. Default 'time' */
  key?: string
}

/**
 * Observations with the number of steps taken. Gymnasium's `TimeAwareObservation`.
 * @example
 * import { make, TimeAwareObservation } from '@x/rl'
 * new TimeAwareObservation(make('CartPole-v1')).reset({ seed: 0 })[0].length // 5: four numbers and the time
 */
export class TimeAwareObservation<A> extends Wrapper<unknown, A> {
  private steps = 0
  private readonly limit: number
  private readonly normalize: boolean
  private readonly joined: Space
  private readonly join: (observation: unknown, time: TypedArray) => unknown
  private readonly isFlat: boolean

  /** @throws RangeError unless the environment was made with a limit of steps */
  constructor(env: Env<unknown, A>, options: TimeAwareOptions = {}) {
    knownOptions('TimeAwareObservation', options, ['flatten', 'normalizeTime', 'key'])
    const { flatten: isFlat = true, normalizeTime = false, key = 'time' } = options
    const limit = env.spec?.maxEpisodeSteps
    if (limit === undefined) throw new RangeError(`TimeAwareObservation: ${nameOf(env)} has no maxEpisodeSteps`)
    const time = normalizeTime ? new Box(0, 1) : new Box(0, limit, { dtype: 'int32' })
    const inner = env.observationSpace as Space
    let joined: Space
    let join: (observation: unknown, time: TypedArray) => unknown
    if (inner instanceof Dict) {
      joined = new Dict({ ...inner.spaces, [key]: time })
      join = (o, t) => ({ ...(o as object), [key]: t })
    } else if (inner instanceof Tuple) {
      joined = new Tuple([...inner.spaces, time])
      join = (o, t) => [...(o as unknown[]), t]
    } else {
      joined = new Dict({ obs: inner, [key]: time })
      join = (o, t) => ({ obs: o, [key]: t })
    }
    super(env, { observationSpace: isFlat ? flattenSpace(joined) : joined })
    this.limit = limit
    this.normalize = normalizeTime
    this.joined = joined
    this.join = join
    this.isFlat = isFlat
  }

  private timed(observation: unknown): unknown {
    const time = this.normalize ? new Float32Array([this.steps / this.limit]) : new Int32Array([this.steps])
    const both = this.join(observation, time)
    return this.isFlat ? flatten(this.joined, both) : both
  }

  override reset(options?: ResetOptions): [observation: unknown, info: Info] {
    const [observation, info] = this.env.reset(options)
    this.steps = 0
    return [this.timed(observation), info]
  }

  override step(action: A): StepResult<unknown> {
    const [observation, ...rest] = this.env.step(action)
    this.steps++
    return [this.timed(observation), ...rest]
  }
}
