// Multi-armed bandits: one state, several arms, rewards at random.

import type { Info, ResetOptions, StepResult } from '../../env/env.ts'
import { invalidAction, knownOptions, resetNeeded } from '../../env/errors.ts'
import { oneOf } from '../../env/numbers.ts'
import { type DrawCommand, type Drawing, rectangle } from '../../render/drawing.ts'
import { BuiltInEnv, type RenderOptions } from '../../render/rendered.ts'
import { Discrete } from '../../spaces/discrete.ts'

export interface BanditOptions extends RenderOptions {
  /** Number of arms; with `means`, their number. Default 10 */
  arms?: number
  /** Mean reward of every arm. Default: drawn at every reset, normal with mean 0 and deviation 1, Bernoulli uniform in [0, 1] */
  means?: ArrayLike<number>
  /** 'normal' with deviation 1, or 'bernoulli' (0 or 1). Default 'normal' */
  rewards?: 'normal' | 'bernoulli'
  /** Standard deviation of the step that every mean takes after every pull. Default 0: stationary */
  drift?: number
}

/**
 * The k-armed test bed. Observation: always 0. Action: the arm. Never ends by itself. `info` holds `optimalAction` and
 * `regret`, the difference between the best mean and that of the arm pulled.
 * Source: Sutton and Barto 2018, section 2.3; exercise 2.5 for the drift.
 * @example
 * import { Bandit } from '@x/rl'
 * const env = new Bandit({ means: [0.2, 0.8], rewards: 'bernoulli' })
 * env.reset({ seed: 0 })
 * env.step(0)[4] // { optimalAction: 1, regret: 0.6 }
 */
export class Bandit extends BuiltInEnv<number, number, Float64Array> {
  readonly observationSpace: Discrete = new Discrete(1)
  readonly actionSpace: Discrete
  private readonly given: Float64Array | null
  private readonly isBernoulli: boolean
  private readonly drift: number
  private q: Float64Array | null = null
  private lastAction: number | null = null

  /** @throws RangeError for means that are no probabilities where rewards are 0 or 1 */
  constructor(options: BanditOptions = {}) {
    knownOptions('Bandit', options, ['renderMode', 'arms', 'means', 'rewards', 'drift'])
    super(options.renderMode, 'Bandit')
    const { means, rewards = 'normal', drift = 0 } = options
    oneOf('Bandit: rewards', rewards, ['normal', 'bernoulli'])
    this.isBernoulli = rewards === 'bernoulli'
    if (!(drift >= 0) || (drift > 0 && this.isBernoulli)) {
      throw new RangeError(`Bandit: drift ${drift} of ${rewards} rewards; it is a deviation ≥ 0 of normal ones`)
    }
    this.given = means ? Float64Array.from(means) : null
    if (this.isBernoulli && this.given?.some((p) => !(p >= 0 && p <= 1))) {
      throw new RangeError(`Bandit: means [${this.given}] are no probabilities`)
    }
    this.drift = drift
    this.actionSpace = new Discrete(options.arms ?? means?.length ?? 10)
    if (means && means.length !== this.actionSpace.n)
      throw new RangeError(`Bandit: ${means.length} means, ${options.arms} arms`)
  }

  /** A copy of the mean rewards; null before the first reset. */
  get means(): Float64Array | null {
    return this.q ? this.q.slice() : null
  }

  reset(given?: ResetOptions): [observation: number, info: Info] {
    this.beginReset(given, 'Bandit')
    const { npRandom, isBernoulli } = this
    this.q =
      this.given?.slice() ??
      (isBernoulli ? npRandom.uniforms(this.actionSpace.n) : npRandom.normals(this.actionSpace.n))
    this.lastAction = null
    return [0, { optimalAction: best(this.q) }]
  }

  /** @throws ResetNeededError, InvalidActionError */
  step(action: number): StepResult<number> {
    const { q } = this
    if (q === null) throw resetNeeded('Bandit')
    if (!this.actionSpace.contains(action)) throw invalidAction('Bandit', action, this.actionSpace)
    const optimalAction = best(q)
    const info = { optimalAction, regret: q[optimalAction] - q[action] }
    const reward = this.isBernoulli ? Number(this.npRandom.random() < q[action]) : this.npRandom.normal(q[action])
    if (this.drift > 0) for (let a = 0; a < q.length; a++) q[a] += this.npRandom.normal(0, this.drift)
    this.lastAction = action
    return [0, reward, false, false, info]
  }

  protected shown(): Float64Array | null {
    return this.q
  }

  protected text(q: Float64Array): string {
    return `${Array.from(q, (m, a) => `${a === this.lastAction ? '>' : ' '}${a} ${m.toFixed(2)}`).join('\n')}\n`
  }

  protected draw(q: Float64Array): Drawing {
    const width = 30
    const commands = Array.from(q, (m, a): DrawCommand => {
      const height = Math.max(-95, Math.min(95, m * 30))
      const color = a === this.lastAction ? ([220, 60, 60] as const) : ([90, 120, 180] as const)
      return rectangle(a * width + 4, height > 0 ? 100 - height : 100, width - 8, Math.abs(height) + 1, color)
    })
    return { width: q.length * width, height: 200, background: [255, 255, 255], commands }
  }
}

const best = (q: Float64Array): number => q.indexOf(Math.max(...q))
