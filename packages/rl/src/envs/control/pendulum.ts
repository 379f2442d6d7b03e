// Pendulum: swing a rod upright and hold it there, with little torque.
import type { Info, ResetOptions } from '../../env/env.ts'
import { invalidAction, knownOptions, resetNeeded } from '../../env/errors.ts'
import { atLeast0, finite } from '../../env/numbers.ts'
import { type Drawing, placed } from '../../render/drawing.ts'
import type { RenderOptions } from '../../render/rendered.ts'
import { Box } from '../../spaces/box.ts'
import type { Space } from '../../spaces/space.ts'
import type { Vectorized } from '../../vector/vectorized.ts'
import { ControlEnv } from './controlEnv.ts'

const MAX_SPEED = 8 // rad/s
const MAX_TORQUE = 2 // N m
const DT = 0.05 // seconds between steps

export interface PendulumOptions extends RenderOptions {
  /** Gravity in m/s². Default 10 */
  g?: number
}

/**
 * Swing up and balance. Observation: cos θ, sin θ, θ̇, float32; θ = 0 is upright. Action: a torque in [−2, 2] N m (larger
 * ones are cut). Reward −(θ² + 0.1 θ̇² + 0.001 torque²) with θ in [−π, π]. Never terminates. Reset options `xInit` and
 * `yInit`: largest |θ| and |θ̇| of the start, default π and 1. The state is θ, θ̇ in float64, and θ is not wrapped.
 *
 * Source: Gymnasium's Pendulum-v1.
 * @example
 * import { Pendulum } from '@x/rl'
 * const env = new Pendulum({ g: 9.81 })
 * env.reset({ seed: 0 })
 * const [[cosine, sine, speed], reward] = env.step([2])
 */
export class Pendulum extends ControlEnv<ArrayLike<number>> {
  readonly actionSpace: Space<ArrayLike<number>> = new Box(-MAX_TORQUE, MAX_TORQUE, {
    shape: [1],
  }) as unknown as Space<ArrayLike<number>>
  readonly clipsActions = true
  readonly g: number
  private torque = 0

  constructor(options: PendulumOptions = {}) {
    knownOptions('Pendulum', options, ['renderMode', 'g'])
    super('Pendulum', options, [1, 1, MAX_SPEED])
    this.g = finite('Pendulum: g', options.g ?? 10)
  }

  get vectorized(): Vectorized {
    const start = { names: ['xInit', 'yInit'], bounds: [Math.PI, 1] } as const
    return { kernel: 'pendulum', states: 2, start, numbers: [this.g] }
  }

  override get observation(): Float32Array | null {
    if (!this.s) return null
    const observation = new Float32Array(3)
    this.observe(this.s, observation, 0)
    return observation
  }

  reset(given?: ResetOptions): [observation: Float32Array, info: Info] {
    this.beginReset(given, 'Pendulum', ['xInit', 'yInit'])
    const bound = (name: 'xInit' | 'yInit', most: number): number =>
      atLeast0(`Pendulum.reset: ${name}`, (given?.options?.[name] ?? most) as number)
    const [x, y] = [bound('xInit', Math.PI), bound('yInit', 1)]
    this.s = Float64Array.of(this.npRandom.uniform(-x, x), this.npRandom.uniform(-y, y))
    this.torque = 0
    return [this.observation as Float32Array, {}]
  }

  private observe(s: Float64Array, out: Float32Array, at: number): void {
    out[at] = Math.cos(s[0])
    out[at + 1] = Math.sin(s[0])
    out[at + 2] = s[1]
  }

  /** It never terminates. @throws ResetNeededError, InvalidActionError for an action that is not one number */
  stepInto(action: ArrayLike<number>, out: Float32Array, at = 0): boolean {
    const { s } = this
    if (s === null) throw resetNeeded('Pendulum')
    if (action.length !== 1 || !Number.isFinite(action[0])) throw invalidAction('Pendulum', action, this.actionSpace)
    const u = Math.min(Math.max(action[0], -MAX_TORQUE), MAX_TORQUE)
    this.torque = u
    const theta = wrapped(s[0])
    this.reward = -(theta * theta + 0.1 * (s[1] * s[1]) + 0.001 * (u * u))
    const speed = s[1] + (((3 * this.g) / 2) * Math.sin(s[0]) + 3 * u) * DT
    s[1] = Math.min(Math.max(speed, -MAX_SPEED), MAX_SPEED)
    s[0] += s[1] * DT
    this.observe(s, out, at)
    return false
  }

  protected draw(s: Float64Array): Drawing {
    const [size, middle] = [500, 250]
    const rod = size / 4.4
    const half = rod / 10
    // Upright is up, and positive angles turn left: y points down here.
    const angle = -s[0] - Math.PI / 2
    const outline = placed(
      [
        [0, -half],
        [0, half],
        [rod, half],
        [rod, -half],
      ],
      angle,
      [middle, middle],
    )
    const [end] = placed([[rod, 0]], angle, [middle, middle])
    const sweep = Array.from({ length: 17 }, (_, i) => -Math.PI / 2 - Math.sign(this.torque) * ((i / 16) * 1.5))
    const radius = (rod * Math.abs(this.torque)) / 4
    const color = [204, 77, 77] as const
    return {
      width: size,
      height: size,
      background: [255, 255, 255],
      commands: [
        { kind: 'polygon', points: outline, color },
        { kind: 'circle', center: [middle, middle], radius: half, color },
        { kind: 'circle', center: end, radius: half, color },
        {
          kind: 'line',
          points: sweep.map((a) => [middle + radius * Math.cos(a), middle + radius * Math.sin(a)] as const),
          color: [60, 60, 60],
          width: 3,
        },
        { kind: 'circle', center: [middle, middle], radius: rod / 20, color: [0, 0, 0] },
      ],
    }
  }

  protected text(s: Float64Array): string {
    const octant = Math.round((wrapped(s[0]) / Math.PI) * 4)
    const arrow = ['v', '\\', '>', '/', '^', '\\', '<', '/', 'v'][4 - octant]
    return `${arrow}\ntheta ${wrapped(s[0]).toFixed(3)} speed ${s[1].toFixed(3)} torque ${this.torque.toFixed(3)}\n`
  }
}

/** The angle in [−π, π), with a remainder of the divisor's sign. */
function wrapped(x: number): number {
  const turn = 2 * Math.PI
  const rest = (x + Math.PI) % turn
  return (rest < 0 ? rest + turn : rest) - Math.PI
}
