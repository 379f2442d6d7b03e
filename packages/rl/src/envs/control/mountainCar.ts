// MountainCar: a car too weak for the hill before it has to swing up, with three actions or with any force.
import type { Info, ResetOptions } from '../../env/env.ts'
import { invalidAction, knownOptions, resetNeeded } from '../../env/errors.ts'
import { finite } from '../../env/numbers.ts'
import { type Drawing, type Point, placed } from '../../render/drawing.ts'
import { type RenderOptions, resetBounds } from '../../render/rendered.ts'
import { Box } from '../../spaces/box.ts'
import { Discrete } from '../../spaces/discrete.ts'
import type { Space } from '../../spaces/space.ts'
import type { Vectorized } from '../../vector/vectorized.ts'
import { ControlEnv } from './controlEnv.ts'

const [MIN_POSITION, MAX_POSITION] = [-1.2, 0.6]
const MAX_SPEED = 0.07 // per step
const GRAVITY = 0.0025

export interface MountainCarOptions extends RenderOptions {
  /** Least velocity at the goal that counts. Default 0 */
  goalVelocity?: number
}

/** What both kinds of car share: the valley, its ends, and how it looks. */
abstract class Valley<A> extends ControlEnv<A> {
  abstract override readonly actionSpace: Space<A>
  readonly goalVelocity: number
  protected readonly goal: number

  constructor(options: MountainCarOptions, name: string, goal: number) {
    knownOptions(name, options, ['renderMode', 'goalVelocity'])
    super(name, options, [MAX_POSITION, MAX_SPEED], [MIN_POSITION, -MAX_SPEED])
    this.goalVelocity = finite(`${name}: goalVelocity`, options.goalVelocity ?? 0)
    this.goal = goal
  }

  get vectorized(): Vectorized {
    const kernel = this.goal === 0.5 ? 'mountainCar' : 'mountainCarContinuous'
    const start = { names: ['low', 'high'], bounds: [-0.6, -0.4] } as const
    return { kernel, states: 2, start, numbers: [this.goalVelocity] }
  }

  /** Reset options `low` and `high`: bounds of the start. */
  reset(given?: ResetOptions): [observation: Float32Array, info: Info] {
    this.beginReset(given, this.constructor.name, ['low', 'high'])
    const [low, high] = resetBounds(this.constructor.name, given?.options, -0.6, -0.4)
    this.s = Float64Array.of(this.npRandom.uniform(low, high), 0)
    return [this.observation as Float32Array, {}]
  }

  /** Moves by an acceleration, and tells whether the goal is reached. */
  protected move(s: Float64Array, acceleration: number, round: boolean): boolean {
    let velocity = s[1] + acceleration
    velocity = Math.min(Math.max(velocity, -MAX_SPEED), MAX_SPEED)
    let position = s[0] + velocity
    position = Math.min(Math.max(position, MIN_POSITION), MAX_POSITION)
    // The left end is a wall without bounce.
    if (position === MIN_POSITION && velocity < 0) velocity = 0
    s[0] = round ? Math.fround(position) : position
    s[1] = round ? Math.fround(velocity) : velocity
    return position >= this.goal && velocity >= this.goalVelocity
  }

  protected draw(s: Float64Array): Drawing {
    const [width, height] = [600, 400]
    const scale = width / (MAX_POSITION - MIN_POSITION)
    const at = (x: number, above = 0): Point => [
      (x - MIN_POSITION) * scale,
      height - (Math.sin(3 * x) * 0.45 + 0.55) * scale - above,
    ]
    const hill = Array.from({ length: 101 }, (_, i) => at(MIN_POSITION + (i / 100) * (MAX_POSITION - MIN_POSITION)))
    const slope = -Math.cos(3 * s[0])
    const car = at(s[0], 10)
    const [flagX, flagY] = at(this.goal)
    const corners: Point[] = [
      [-20, 0],
      [-20, -20],
      [20, -20],
      [20, 0],
    ]
    const wheels = placed(
      [
        [-10, 0],
        [10, 0],
      ],
      slope,
      car,
    )
    return {
      width,
      height,
      background: [255, 255, 255],
      commands: [
        { kind: 'line', points: hill, color: [0, 0, 0], width: 1.5 },
        { kind: 'polygon', points: placed(corners, slope, car), color: [0, 0, 0] },
        ...wheels.map((center) => ({ kind: 'circle', center, radius: 8, color: [128, 128, 128] }) as const),
        { kind: 'line', points: [[flagX, flagY], [flagX, flagY - 50]], color: [0, 0, 0], width: 1 }, // biome-ignore format: one command a line
        {
          kind: 'polygon',
          points: [
            [flagX, flagY - 50],
            [flagX, flagY - 40],
            [flagX + 25, flagY - 45],
          ],
          color: [204, 204, 0],
        },
      ],
    }
  }

  protected text(s: Float64Array): string {
    const column = (x: number): number => Math.round(((x - MIN_POSITION) / (MAX_POSITION - MIN_POSITION)) * 40)
    const line = Array<string>(41).fill('.')
    line[column(this.goal)] = 'F'
    line[column(s[0])] = 'o'
    return `${line.join('')}\nposition ${s[0].toFixed(3)} velocity ${s[1].toFixed(4)}\n`
  }
}

/**
 * Drive up the right hill with engine forward, off, or reverse. Observation: position and velocity, float32. Actions:
 * 0 left, 1 nothing, 2 right. Reward −1 per step. Terminates at position ≥ 0.5 with velocity ≥ `goalVelocity`. The state is
 * position and velocity in float64.
 *
 * Source: Moore 1990, "Efficient Memory-based Learning for Robot Control"; Sutton and Barto 2018, example 10.1;
 * Gymnasium's MountainCar-v0.
 * @example
 * import { MountainCar } from '@x/rl'
 * const env = new MountainCar()
 * env.reset({ seed: 0 })
 * env.step(2)[1] // -1
 */
export class MountainCar extends Valley<number> {
  readonly actionSpace: Discrete = new Discrete(3)

  constructor(options: MountainCarOptions = {}) {
    super(options, 'MountainCar', 0.5)
    this.reward = -1
  }

  stepInto(action: number, out: Float32Array, at = 0): boolean {
    const { s } = this
    if (s === null) throw resetNeeded('MountainCar')
    if (action !== 0 && action !== 1 && action !== 2) throw invalidAction('MountainCar', action, this.actionSpace)
    const terminated = this.move(s, (action - 1) * 0.001 + Math.cos(3 * s[0]) * -GRAVITY, false)
    out[at] = s[0]
    out[at + 1] = s[1]
    return terminated
  }
}

/**
 * MountainCar with a force in [−1, 1] (larger ones are cut). Reward −0.1 force², of the force as given, and 100 at the
 * goal, position ≥ 0.45. After the first step the state is rounded to float32, as Gymnasium's MountainCarContinuous-v0
 * keeps it.
 */
export class MountainCarContinuous extends Valley<ArrayLike<number>> {
  readonly actionSpace: Space<ArrayLike<number>> = new Box(-1, 1, { shape: [1] }) as unknown as Space<ArrayLike<number>>
  readonly clipsActions = true

  constructor(options: MountainCarOptions = {}) {
    super(options, 'MountainCarContinuous', 0.45)
  }

  /** @throws ResetNeededError, InvalidActionError for an action that is not one number */
  stepInto(action: ArrayLike<number>, out: Float32Array, at = 0): boolean {
    const { s } = this
    if (s === null) throw resetNeeded('MountainCarContinuous')
    const given = action[0]
    if (action.length !== 1 || !Number.isFinite(given)) {
      throw invalidAction('MountainCarContinuous', action, this.actionSpace)
    }
    const force = Math.min(Math.max(given, -1), 1)
    const terminated = this.move(s, force * 0.0015 - GRAVITY * Math.cos(3 * s[0]), true)
    this.reward = (terminated ? 100 : 0) - given * given * 0.1
    out[at] = s[0]
    out[at + 1] = s[1]
    return terminated
  }
}
