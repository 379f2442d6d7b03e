// Model predictive control: plan ahead, take the first action, plan again.
import { knownOptions, optionsObject } from '../env/errors.ts'
import { oneOf, wholes } from '../env/numbers.ts'
import { NumpyGenerator } from '../random/generator.ts'
import type { Seed } from '../random/seedSequence.ts'
import type { Taken } from '../training/vector.ts'
import { CEM_OPTIONS, type CrossEntropyOptions, crossEntropyMethod } from './crossEntropyMethod.ts'
import type { Model } from './model.ts'
import { type Plan, randomShooting } from './randomShooting.ts'

export interface MPCOptions extends Omit<CrossEntropyOptions, 'mean' | 'generator'> {
  /** How plans are found. Default 'cem' */
  planner?: 'cem' | 'random-shooting'
  /** Seeds the plans that are tried. Default 0 */
  seed?: Seed
}

/**
 * Receding horizon: at every step the best plan of `horizon` actions is sought from where things stand, and only its first
 * action is taken. The cross-entropy method starts from the last plan, one step on.
 * Source: Garcia, Prett and Morari 1989, "Model Predictive Control: Theory and Practice"; with sampled plans Nagabandi et al.
 * 2018, arXiv:1708.02596, section IV-B.
 * @throws RangeError for options out of range or unknown
 * @example
 * import { CartPole } from '@x/rl'
 * import { MPC, TrueModel } from '@x/rl/planning'
 * const agent = new MPC(new TrueModel(new CartPole()), { planner: 'random-shooting', horizon: 30, samples: 50 })
 * agent.act(new CartPole().reset({ seed: 0 })[0]) // 0 or 1
 */
export class MPC<O, A> {
  readonly model: Model<O, A>
  /** The plan that the last action was the first of; null at the start. */
  plan: Plan | null = null
  private readonly planner: 'cem' | 'random-shooting'
  private readonly settings: Omit<MPCOptions, 'planner' | 'seed'>
  private readonly generator: NumpyGenerator

  /** @throws RangeError for options that there are not or out of range, TypeError for a number in place of them */
  constructor(model: Model<O, A>, options: MPCOptions = {}) {
    if (!model?.controls) throw new TypeError('MPC: give a model, such as new TrueModel(new Pendulum())')
    optionsObject('MPC', options, 'horizon: 20')
    const { planner = 'cem', seed = 0, ...settings } = options
    oneOf('MPC: planner', planner, ['cem', 'random-shooting'])
    knownOptions('MPC', settings, planner === 'cem' ? CEM_OPTIONS.slice(0, -1) : ['horizon', 'samples'])
    const { horizon = 1, samples = 1, iterations = 1, elites = 1 } = settings
    wholes('MPC', { horizon, samples, iterations, elites })
    this.model = model
    this.planner = planner
    this.settings = settings
    this.generator = new NumpyGenerator(seed)
  }

  /** Where its random numbers stand, for checkpoints. */
  get random(): readonly number[] {
    return this.generator.save()
  }

  set random(saved: readonly number[]) {
    this.generator.restore([...saved])
  }

  /** Forgets the last plan; at the start of an episode. */
  reset(): void {
    this.plan = null
  }

  /** The first action of the best plan from here. */
  act(observation: O): Taken<A> {
    const { model, settings, generator } = this
    this.plan =
      this.planner === 'cem'
        ? crossEntropyMethod(model, observation, { ...settings, generator, mean: this.plan ? this.rest() : undefined })
        : randomShooting(model, observation, { ...settings, generator })
    return model.controls.decode(this.plan.plan, 0) as Taken<A>
  }

  /** What is left of the last plan, with the middle of the bounds behind it. */
  private rest(): Float64Array {
    const { size, low, high } = this.model.controls
    const { plan } = this.plan as Plan
    return plan.map((_, i) => (i + size < plan.length ? plan[i + size] : (low[i % size] + high[i % size]) / 2))
  }
}
