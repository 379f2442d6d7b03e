// What a planner may ask: what would a plan be worth? And the answer of the true model, an environment to try it in.

import type { Env } from '../env/env.ts'
import { knownOptions } from '../env/errors.ts'
import { Box } from '../spaces/box.ts'
import { Discrete } from '../spaces/discrete.ts'
import type { Space } from '../spaces/space.ts'
import { argmax } from '../tabular/values.ts'

/**
 * Actions as numbers between bounds, so that one planner serves all spaces: those of a Box as they are, an action out of n
 * as n scores in [−1, 1], of which the highest counts.
 */
export interface Controls<A> {
  /** Numbers per action. */
  readonly size: number
  readonly low: Float64Array
  readonly high: Float64Array
  /** The action that the numbers from `at` on stand for. */
  decode(plan: ArrayLike<number>, at: number): A
}

/** Actions of a space as numbers between bounds. @throws TypeError unless it is Discrete or a Box with finite bounds */
export function controlsOf<A>(space: Space<A>): Controls<A> {
  const any: unknown = space
  if (any instanceof Discrete) {
    const { n, start } = any
    const decode = (plan: ArrayLike<number>, at: number): A => {
      const scores = Float64Array.from({ length: n }, (_, i) => plan[at + i])
      return (start + argmax(scores)) as A
    }
    return { size: n, low: new Float64Array(n).fill(-1), high: new Float64Array(n).fill(1), decode }
  }
  if (!(any instanceof Box) || !any.isBounded())
    throw new TypeError(`a planner needs a Discrete space of actions or a bounded Box: ${space} is neither`)
  const { size } = any
  return {
    size,
    low: Float64Array.from(any.low, Number),
    high: Float64Array.from(any.high, Number),
    decode: (plan, at) => Float32Array.from({ length: size }, (_, i) => plan[at + i]) as A,
  }
}

/** Predicts what plans are worth. A plan is a flat array of horizon · controls.size numbers, one action after the other. */
export interface Model<O, A> {
  readonly controls: Controls<A>
  /** The sum of rewards of every plan when it starts from an observation. */
  returns(observation: O, plans: readonly Float64Array[]): Float64Array
}

/** An environment whose state can be set, as all of classic control are. */
export interface Simulator<O, A> extends Env<O, A> {
  state: ArrayLike<number> | null
}

export interface TrueModelOptions<O, A> {
  /** The state behind an observation. Default: the observation is the state */
  state?: (observation: O) => ArrayLike<number>
  /** What an action is worth, from the observation behind it; instead of the reward of the environment. */
  reward?: (observation: O, action: A) => number
}

/**
 * The true model: tries plans in an environment of its own. Nothing counts after an episode has terminated.
 * @example
 * import { Pendulum } from '@x/rl'
 * import { MPC, TrueModel } from '@x/rl/planning'
 * const model = new TrueModel(new Pendulum(), { state: ([cosine, sine, speed]) => [Math.atan2(sine, cosine), speed] })
 * const agent = new MPC(model, { horizon: 15, samples: 100 })
 * agent.act(new Pendulum().reset({ seed: 0 })[0]) // a torque: Float32Array of 1 number
 */
export class TrueModel<O, A> implements Model<O, A> {
  readonly controls: Controls<A>
  private readonly env: Simulator<O, A>
  private readonly state: (observation: O) => ArrayLike<number>
  private readonly reward: ((observation: O, action: A) => number) | undefined

  /**
   * @param env a bare environment, without wrappers, that nobody else uses
   * @throws TypeError for actions that a planner cannot choose, or without a state that can be set
   */
  constructor(env: Simulator<O, A>, options: TrueModelOptions<O, A> = {}) {
    knownOptions('TrueModel', options, ['state', 'reward'])
    const { state, reward } = options
    if (!('state' in env))
      throw new TypeError(
        'TrueModel: the environment has no state to set; give it the bare one, such as new Pendulum()',
      )
    this.controls = controlsOf(env.actionSpace)
    this.env = env
    this.state = state ?? ((observation) => observation as ArrayLike<number>)
    this.reward = reward
  }

  returns(observation: O, plans: readonly Float64Array[]): Float64Array {
    const state = this.state(observation)
    return Float64Array.from(plans, (plan) => this.follow(state, plan))
  }

  private follow(state: ArrayLike<number>, plan: Float64Array): number {
    const { env, controls, reward: judge } = this
    env.state = state
    let sum = 0
    for (let at = 0; at < plan.length; at += controls.size) {
      const action = controls.decode(plan, at)
      const [observation, reward, terminated] = env.step(action)
      sum += judge ? judge(observation, action) : reward
      if (terminated) break
    }
    return sum
  }
}
