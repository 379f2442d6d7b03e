// Acrobot: two links hang from a joint; torque at the elbow alone has to swing the tip above a line.

import type { Info, ResetOptions } from '../../env/env.ts'
import { invalidAction, knownOptions, resetNeeded } from '../../env/errors.ts'
import { atLeast0, oneOf } from '../../env/numbers.ts'
import { type Drawing, type Point, placed } from '../../render/drawing.ts'
import { type RenderOptions, resetBounds } from '../../render/rendered.ts'
import { Discrete } from '../../spaces/discrete.ts'
import type { Vectorized } from '../../vector/vectorized.ts'
import { ControlEnv } from './controlEnv.ts'
import { cos32, sin32 } from './trigonometry32.ts'

const DT = 0.2 // seconds between steps
const MAX_SPEED_1 = 4 * Math.PI // rad/s
const MAX_SPEED_2 = 9 * Math.PI

// Links of 1 m and 1 kg with their centres in the middle and a moment of inertia of 1 kg m².
const CENTRE = 0.5
const G = 9.8 // m/s²

/** Whose equations move an Acrobot: the book's or the paper's. */
export type BookOrNips = 'book' | 'nips'

export interface AcrobotOptions extends RenderOptions {
  /** Equations of the book, or of the paper, which lack a term. Default 'book' */
  bookOrNips?: BookOrNips
  /** Bound of uniform noise on the torque, N m. Default 0 */
  torqueNoiseMax?: number
}

/**
 * Swing the tip of a two-link pendulum above the upper line. Observation: cos θ₁, sin θ₁, cos θ₂, sin θ₂, θ̇₁, θ̇₂, float32;
 * θ₁ = 0 hangs down, θ₂ is relative to the first link. Actions: torque −1, 0, 1 N m at the elbow. Reward −1 per step, 0 on
 * reaching −cos θ₁ − cos(θ₁ + θ₂) > 1, which terminates. One step is one of Runge and Kutta's fourth order, 0.2 s. Reset
 * options `low` and `high`: bounds of the uniform start, default ±0.1, rounded to float32. The state is θ₁, θ₂, θ̇₁, θ̇₂ in float64.
 *
 * Source: Sutton 1996, "Generalization in Reinforcement Learning"; Sutton and Barto 2018; Gymnasium's Acrobot-v1.
 * @example
 * import { Acrobot } from '@x/rl'
 * const env = new Acrobot()
 * env.reset({ seed: 0 })
 * env.step(2)[1] // -1
 */
export class Acrobot extends ControlEnv<number> {
  readonly actionSpace: Discrete = new Discrete(3)
  readonly bookOrNips: BookOrNips
  readonly torqueNoiseMax: number
  /** Whether the state is one of float32, as after a reset. */
  private isSingle = false
  private readonly k: readonly Float64Array[] = [0, 1, 2, 3, 4].map(() => new Float64Array(4))

  constructor(options: AcrobotOptions = {}) {
    knownOptions('Acrobot', options, ['renderMode', 'bookOrNips', 'torqueNoiseMax'])
    super('Acrobot', options, [1, 1, 1, 1, MAX_SPEED_1, MAX_SPEED_2])
    const { bookOrNips = 'book', torqueNoiseMax = 0 } = options
    this.bookOrNips = oneOf('Acrobot: bookOrNips', bookOrNips, ['book', 'nips'])
    this.torqueNoiseMax = atLeast0('Acrobot: torqueNoiseMax', torqueNoiseMax)
  }

  /** A float32 array makes the observation that of a reset, whose sines NumPy computes in float32. */
  protected override placed(state: ArrayLike<number>): void {
    this.isSingle = state instanceof Float32Array
  }

  /** There is no kernel for noisy torques. */
  get vectorized(): Vectorized | null {
    if (this.torqueNoiseMax > 0) return null
    const start = { names: ['low', 'high'], bounds: [-0.1, 0.1] } as const
    return { kernel: 'acrobot', states: 4, start, numbers: [Number(this.bookOrNips === 'book')] }
  }

  override get observation(): Float32Array | null {
    const { s } = this
    if (!s) return null
    const [cosine, sine] = this.isSingle ? [cos32, sin32] : [Math.cos, Math.sin]
    return Float32Array.of(cosine(s[0]), sine(s[0]), cosine(s[1]), sine(s[1]), s[2], s[3])
  }

  reset(given?: ResetOptions): [observation: Float32Array, info: Info] {
    this.beginReset(given, 'Acrobot', ['low', 'high'])
    const [low, high] = resetBounds('Acrobot', given?.options, -0.1, 0.1)
    this.state = Float32Array.from(this.npRandom.uniforms(4, low, high))
    return [this.observation as Float32Array, {}]
  }

  stepInto(action: number, out: Float32Array, at = 0): boolean {
    const { s } = this
    if (s === null) throw resetNeeded('Acrobot')
    if (action !== 0 && action !== 1 && action !== 2) throw invalidAction('Acrobot', action, this.actionSpace)
    const noise = this.torqueNoiseMax
    this.isSingle = false
    this.integrate(s, action - 1 + (noise > 0 ? this.npRandom.uniform(-noise, noise) : 0))
    s[0] = wrapped(s[0])
    s[1] = wrapped(s[1])
    s[2] = Math.min(Math.max(s[2], -MAX_SPEED_1), MAX_SPEED_1)
    s[3] = Math.min(Math.max(s[3], -MAX_SPEED_2), MAX_SPEED_2)
    const cosine = Math.cos(s[0])
    out[at] = cosine
    out[at + 1] = Math.sin(s[0])
    out[at + 2] = Math.cos(s[1])
    out[at + 3] = Math.sin(s[1])
    out[at + 4] = s[2]
    out[at + 5] = s[3]
    const terminated = -cosine - Math.cos(s[1] + s[0]) > 1
    this.reward = terminated ? 0 : -1
    return terminated
  }

  /** One step of the fourth-order method of Runge and Kutta, in place. */
  private integrate(s: Float64Array, torque: number): void {
    const [k1, k2, k3, k4, between] = this.k
    this.derivatives(s, torque, k1)
    for (let i = 0; i < 4; i++) between[i] = s[i] + (DT / 2) * k1[i]
    this.derivatives(between, torque, k2)
    for (let i = 0; i < 4; i++) between[i] = s[i] + (DT / 2) * k2[i]
    this.derivatives(between, torque, k3)
    for (let i = 0; i < 4; i++) between[i] = s[i] + DT * k3[i]
    this.derivatives(between, torque, k4)
    for (let i = 0; i < 4; i++) s[i] += (DT / 6) * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i])
  }

  /** Time derivatives of the state: equations of the book, page 270 of its first edition. */
  private derivatives(s: Float64Array, torque: number, ds: Float64Array): void {
    const [theta1, theta2, speed1, speed2] = [s[0], s[1], s[2], s[3]]
    const [cos2, sin2] = [Math.cos(theta2), Math.sin(theta2)]
    const d1 = CENTRE * CENTRE + (1 + CENTRE * CENTRE + cos2) + 1 + 1
    const d2 = CENTRE * CENTRE + CENTRE * cos2 + 1
    const phi2 = CENTRE * G * Math.cos(theta1 + theta2 - Math.PI / 2)
    const phi1 =
      -CENTRE * (speed2 * speed2) * sin2 -
      speed2 * speed1 * sin2 +
      (CENTRE + 1) * G * Math.cos(theta1 - Math.PI / 2) +
      phi2
    const pull = this.bookOrNips === 'book' ? CENTRE * (speed1 * speed1) * sin2 : 0
    const acceleration2 = (torque + (d2 / d1) * phi1 - pull - phi2) / (CENTRE * CENTRE + 1 - (d2 * d2) / d1)
    ds[0] = speed1
    ds[1] = speed2
    ds[2] = -(d2 * acceleration2 + phi1) / d1
    ds[3] = acceleration2
  }

  protected draw(s: Float64Array): Drawing {
    const [size, middle] = [500, 250]
    const scale = size / 4.4
    const [theta1, theta2] = s
    // θ = 0 points down, which is +y here, and positive angles turn to the right.
    const angles = [Math.PI / 2 - theta1, Math.PI / 2 - theta1 - theta2]
    const half = 0.1 * scale
    const bar: Point[] = [
      [0, -half],
      [0, half],
      [scale, half],
      [scale, -half],
    ]
    const joints: Point[] = [[middle, middle], ...placed([[scale, 0]], angles[0], [middle, middle])]
    return {
      width: size,
      height: size,
      background: [255, 255, 255],
      commands: [
        { kind: 'line', points: [[0, middle - scale], [size, middle - scale]], color: [0, 0, 0], width: 1 }, // biome-ignore format: one command a line
        ...angles.map(
          (a, i) => ({ kind: 'polygon', points: placed(bar, a, joints[i]), color: [0, 204, 204] }) as const,
        ),
        ...joints.map((center) => ({ kind: 'circle', center, radius: half, color: [204, 204, 0] }) as const),
      ],
    }
  }

  protected text(s: Float64Array): string {
    const [theta1, theta2] = s
    const height = -Math.cos(theta1) - Math.cos(theta1 + theta2)
    return `theta1 ${theta1.toFixed(3)} theta2 ${theta2.toFixed(3)} tip ${height.toFixed(3)} of 1\n`
  }
}

/** The angle in [−π, π], by whole turns. */
function wrapped(x: number): number {
  const turn = Math.PI - -Math.PI
  while (x > Math.PI) x -= turn
  while (x < -Math.PI) x += turn
  return x
}
