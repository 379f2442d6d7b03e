// CartPole: a pole on a cart that is pushed left or right.
import type { Info, ResetOptions } from '../../env/env.ts'
import { invalidAction, knownOptions, resetNeeded } from '../../env/errors.ts'
import { above0, oneOf } from '../../env/numbers.ts'
import { type Drawing, placed, rectangle } from '../../render/drawing.ts'
import { type RenderOptions, resetBounds } from '../../render/rendered.ts'
import { Discrete } from '../../spaces/discrete.ts'
import type { Vectorized } from '../../vector/vectorized.ts'
import { ControlEnv } from './controlEnv.ts'

const THETA_LIMIT = (12 * 2 * Math.PI) / 360 // radians
const X_LIMIT = 2.4 // m
const FLOAT_MAX = 3.4028234663852886e38

/** How a CartPole's positions follow from its velocities. */
export type KinematicsIntegrator = 'euler' | 'semi-implicit euler'

export interface CartPoleOptions extends RenderOptions {
  /** 0 for every step and −1 for the one that ends the episode, instead of 1 for every step. Default false */
  suttonBartoReward?: boolean
  /** Whether positions move by the old velocities or the new ones. Default 'euler' */
  kinematicsIntegrator?: KinematicsIntegrator
  /** m/s². Default 9.8 */
  gravity?: number
  /** kg. Default 1 */
  massCart?: number
  /** kg. Default 0.1 */
  massPole?: number
  /** Half the length of the pole, m. Default 0.5 */
  length?: number
  /** Force of a push, N. Default 10 */
  forceMag?: number
  /** Seconds between steps. Default 0.02 */
  tau?: number
}

/** Numbers above 0 that may be other ones. */
const PHYSICS = { gravity: 9.8, massCart: 1, massPole: 0.1, length: 0.5, forceMag: 10, tau: 0.02 }

/**
 * Balance a pole on a cart. Observation: cart position (m) and velocity, pole angle (rad) and angular velocity, float32.
 * Actions: 0 pushes left, 1 right. Reward 1 per step. Terminates when |x| > 2.4 or |θ| > 12°. Reset options `low` and
 * `high`: bounds of the uniform start, default ±0.05. The state is x, ẋ, θ, θ̇ in float64.
 *
 * Source: Barto, Sutton and Anderson 1983, equations as in Florian 2007, "Correct equations for the dynamics of the
 * cart-pole system", without friction; Gymnasium's CartPole-v1.
 * @example
 * import { CartPole } from '@x/rl'
 * const env = new CartPole()
 * env.reset({ seed: 0 }) // [Float32Array [0.0137, -0.0230, -0.0459, -0.0483], {}]
 * const [observation, reward, terminated] = env.step(1)
 */
export class CartPole extends ControlEnv<number> {
  readonly actionSpace: Discrete = new Discrete(2)
  readonly kinematicsIntegrator: KinematicsIntegrator
  private readonly suttonBarto: boolean
  private readonly gravity: number
  private readonly massPole: number
  private readonly massTotal: number
  private readonly length: number
  private readonly poleMoment: number
  private readonly forceMag: number
  private readonly tau: number
  private hasFallen = false

  constructor(options: CartPoleOptions = {}) {
    const known = ['renderMode', 'suttonBartoReward', 'kinematicsIntegrator', ...Object.keys(PHYSICS)]
    knownOptions('CartPole', options, known)
    super('CartPole', options, [X_LIMIT * 2, FLOAT_MAX, THETA_LIMIT * 2, FLOAT_MAX])
    const { suttonBartoReward = false, kinematicsIntegrator = 'euler' } = options
    oneOf('CartPole: kinematicsIntegrator', kinematicsIntegrator, ['euler', 'semi-implicit euler'])
    this.suttonBarto = suttonBartoReward
    const physics = { ...PHYSICS }
    for (const name of Object.keys(PHYSICS) as (keyof typeof PHYSICS)[]) {
      physics[name] = above0(`CartPole: ${name}`, options[name] ?? PHYSICS[name])
    }
    const { gravity, massCart, massPole, length, forceMag, tau } = physics
    this.gravity = gravity
    this.massPole = massPole
    this.massTotal = massPole + massCart
    this.length = length
    this.poleMoment = massPole * length
    this.forceMag = forceMag
    this.tau = tau
    this.kinematicsIntegrator = kinematicsIntegrator
  }

  protected override placed(): void {
    this.hasFallen = false
  }

  get vectorized(): Vectorized {
    const { gravity, massPole, massTotal, length, poleMoment, forceMag, tau } = this
    const isImplicit = Number(this.kinematicsIntegrator !== 'euler')
    const rewards = this.suttonBarto ? [0, -1] : [1, 1]
    return {
      kernel: 'cartPole',
      states: 4,
      start: { names: ['low', 'high'], bounds: [-0.05, 0.05] },
      numbers: [gravity, massPole, massTotal, length, poleMoment, forceMag, tau, isImplicit, ...rewards],
    }
  }

  reset(given?: ResetOptions): [observation: Float32Array, info: Info] {
    this.beginReset(given, 'CartPole', ['low', 'high'])
    const [low, high] = resetBounds('CartPole', given?.options, -0.05, 0.05)
    this.state = this.npRandom.uniforms(4, low, high)
    return [this.observation as Float32Array, {}]
  }

  stepInto(action: number, out: Float32Array, at = 0): boolean {
    const s = this.s
    if (s === null) throw resetNeeded('CartPole')
    if (action !== 0 && action !== 1) throw invalidAction('CartPole', action, this.actionSpace)
    let x = s[0]
    let xDot = s[1]
    let theta = s[2]
    let thetaDot = s[3]
    const cosine = Math.cos(theta)
    const sine = Math.sin(theta)
    const { gravity, massPole, massTotal, poleMoment, tau } = this
    const force = action === 1 ? this.forceMag : -this.forceMag
    const temp = (force + poleMoment * (thetaDot * thetaDot) * sine) / massTotal
    const thetaAcc =
      (gravity * sine - cosine * temp) / (this.length * (4 / 3 - (massPole * (cosine * cosine)) / massTotal))
    const xAcc = temp - (poleMoment * thetaAcc * cosine) / massTotal
    if (this.kinematicsIntegrator === 'euler') {
      x += tau * xDot
      xDot += tau * xAcc
      theta += tau * thetaDot
      thetaDot += tau * thetaAcc
    } else {
      xDot += tau * xAcc
      x += tau * xDot
      thetaDot += tau * thetaAcc
      theta += tau * thetaDot
    }
    s[0] = out[at] = x
    s[1] = out[at + 1] = xDot
    s[2] = out[at + 2] = theta
    s[3] = out[at + 3] = thetaDot
    const terminated = x < -X_LIMIT || x > X_LIMIT || theta < -THETA_LIMIT || theta > THETA_LIMIT
    // The step that ends the episode counts; those beyond it do not.
    if (this.suttonBarto) this.reward = terminated ? -1 : 0
    else this.reward = terminated && this.hasFallen ? 0 : 1
    if (terminated) this.hasFallen = true
    return terminated
  }

  protected draw(s: Float64Array): Drawing {
    const [width, height] = [600, 400]
    const scale = width / (X_LIMIT * 2)
    const cart = s[0] * scale + width / 2
    const [track, axle] = [300, 292.5]
    const pole = scale * 2 * this.length
    const outline = placed(
      [
        [-5, 5],
        [-5, 5 - pole],
        [5, 5 - pole],
        [5, 5],
      ],
      s[2],
      [cart, axle],
    )
    return {
      width,
      height,
      background: [255, 255, 255],
      commands: [
        { kind: 'line', points: [[0, track], [width, track]], color: [0, 0, 0], width: 1 }, // biome-ignore format: one command a line
        rectangle(cart - 25, track - 15, 50, 30, [0, 0, 0]),
        { kind: 'polygon', points: outline, color: [202, 152, 101] },
        { kind: 'circle', center: [cart, axle], radius: 5, color: [129, 132, 203] },
      ],
    }
  }

  protected text(s: Float64Array): string {
    const [x, , theta] = s
    const column = Math.max(0, Math.min(40, Math.round(((x + X_LIMIT) / (2 * X_LIMIT)) * 40)))
    const pole = theta < -0.05 ? '\\' : theta > 0.05 ? '/' : '|'
    return `${' '.repeat(column)}${pole}\n${'-'.repeat(column)}#${'-'.repeat(40 - column)}\nx ${x.toFixed(3)} theta ${theta.toFixed(3)}\n`
  }
}
