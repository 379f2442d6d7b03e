// Taxi: fetch a passenger and bring them where they want to go.
import type { Info, ResetOptions } from '../../env/env.ts'
import { knownOptions } from '../../env/errors.ts'
import { share } from '../../env/numbers.ts'
import { type Color, type DrawCommand, type Drawing, rectangle } from '../../render/drawing.ts'
import type { RenderOptions } from '../../render/rendered.ts'
import type { Vectorized } from '../../vector/vectorized.ts'
import { highlighted } from '../grid.ts'
import { TabularEnv, type Transition, uniformStart } from '../mdp.ts'

const SIZE = 5
const MAP = ['+---------+', '|R: | : :G|', '| : | : : |', '| : : : : |', '| | : | : |', '|Y| : |B: |', '+---------+']
/** Rows and columns of R, G, Y and B. */
const PLACES: readonly (readonly [number, number])[] = [
  [0, 0],
  [0, 4],
  [4, 0],
  [4, 3],
]
const COLORS: readonly Color[] = [
  [230, 60, 60],
  [60, 180, 80],
  [230, 200, 60],
  [70, 110, 230],
]
const IN_TAXI = 4
/** South, north, east, west as [rows, columns]. */
const MOVES: readonly (readonly [number, number])[] = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
]
/** For each move, the one to its left. The one to its right is the opposite. */
const LEFT_OF = [2, 3, 1, 0]
const RIGHT_OF = [3, 2, 0, 1]

export interface TaxiOptions extends RenderOptions {
  /** Whether rain may push the taxi to the left or right of where it drives. Default false */
  isRainy?: boolean
  /** Whether the passenger may change their mind once, at the first move after boarding. Default false */
  ficklePassenger?: boolean
  /** Probability of going straight in the rain; the sides share the rest. Default 0.8 */
  rainyProbability?: number
  /** Probability that an episode's passenger is fickle. Default 0.3 */
  fickleProbability?: number
}

interface Parts {
  readonly row: number
  readonly column: number
  /** 0-3 at R, G, Y, B; 4 in the taxi. */
  readonly passenger: number
  readonly destination: number
}

const placeAt = (row: number, column: number): number => PLACES.findIndex(([r, c]) => r === row && c === column)

/** Whether a move leads to another cell. Walls stand between columns only. */
function isFree(row: number, column: number, move: number): boolean {
  if (move === 0) return row < SIZE - 1
  if (move === 1) return row > 0
  return MAP[1 + row][2 * column + (move === 2 ? 2 : 0)] === ':'
}

/**
 * Drive a passenger from one of four places to another. Observation: ((row · 5 + column) · 5 + passenger) · 4 +
 * destination, see `decode`. Actions: 0 south, 1 north, 2 east, 3 west, 4 pick up, 5 drop off. Reward −1 per step, −10
 * for picking up or dropping off where that cannot be, 20 for delivery, which terminates. `info.actionMask` marks the
 * actions that change the state.
 *
 * In the rain a blocked move does nothing; else the taxi goes straight, to the left of it, or to the right, where those
 * are free.
 *
 * Source: Dietterich 2000, "Hierarchical Reinforcement Learning with the MAXQ Value Function Decomposition"; Gymnasium's
 * Taxi-v4.
 * @example
 * import { Taxi } from '@x/rl'
 * const env = new Taxi()
 * const [observation, { actionMask }] = env.reset({ seed: 0 })
 * env.decode(observation) // row, column, passenger, destination
 */
export class Taxi extends TabularEnv {
  private readonly isFickle: boolean
  private readonly fickleProbability: number
  private willChange = false

  /** @throws RangeError for a probability outside [0, 1] */
  constructor(options: TaxiOptions = {}) {
    knownOptions('Taxi', options, ['renderMode', 'isRainy', 'ficklePassenger', 'rainyProbability', 'fickleProbability'])
    const { isRainy = false, ficklePassenger = false, rainyProbability = 0.8, fickleProbability = 0.3 } = options
    for (const [name, p] of Object.entries({ rainyProbability, fickleProbability })) {
      share(`Taxi: ${name}`, p)
    }
    const outcomes = (s: number, a: number): Transition[] => {
      const at = decode(s)
      if (a >= 4) return [board(at, a)]
      const move = (m: number): number => {
        const by = isFree(at.row, at.column, a) && isFree(at.row, at.column, m) ? MOVES[m] : [0, 0]
        return encode({ ...at, row: at.row + by[0], column: at.column + by[1] })
      }
      const side = (1 - rainyProbability) / 2
      const all: (readonly [number, number])[] = isRainy
        ? [
            [rainyProbability, a],
            [side, LEFT_OF[a]],
            [side, RIGHT_OF[a]],
          ]
        : [[1, a]]
      return all.map(([p, m]) => [p, move(m), -1, false])
    }
    const P = Array.from({ length: 500 }, (_, s) => Array.from({ length: 6 }, (_, a) => outcomes(s, a)))
    const isStart = (s: number): boolean =>
      decode(s).passenger < IN_TAXI && decode(s).passenger !== decode(s).destination
    super('Taxi', { P, start: uniformStart(500, isStart) }, options)
    this.isFickle = ficklePassenger
    this.fickleProbability = fickleProbability
  }

  /** Row, column, passenger (0-3 at R, G, Y, B, 4 in the taxi) and destination of an observation. */
  decode(s: number): [row: number, column: number, passenger: number, destination: number] {
    const { row, column, passenger, destination } = decode(s)
    return [row, column, passenger, destination]
  }

  /** The observation of row, column, passenger and destination. */
  encode(row: number, column: number, passenger: number, destination: number): number {
    return encode({ row, column, passenger, destination })
  }

  /** 1 for every action that changes the state. */
  actionMask(s: number): Uint8Array {
    const { row, column, passenger } = decode(s)
    const place = placeAt(row, column)
    const canBoard = passenger < IN_TAXI && place === passenger
    return Uint8Array.of(
      ...[0, 1, 2, 3].map((move) => Number(isFree(row, column, move))),
      Number(canBoard),
      Number(passenger === IN_TAXI && place >= 0),
    )
  }

  override get vectorized(): Vectorized | null {
    return this.isFickle ? null : super.vectorized
  }

  protected override about(s: number): Info {
    return { actionMask: this.actionMask(s) }
  }

  override reset(given?: ResetOptions): [observation: number, info: Info] {
    const result = super.reset(given)
    this.willChange = this.isFickle && this.npRandom.random() < this.fickleProbability
    return result
  }

  protected override arrive(next: number): number {
    const before = decode(this.s as number)
    const after = decode(next)
    const hasMoved = before.row !== after.row || before.column !== after.column
    if (!this.willChange || before.passenger !== IN_TAXI || !hasMoved) return next
    this.willChange = false
    const others = [0, 1, 2, 3].filter((place) => place !== before.destination)
    return encode({ ...after, destination: this.npRandom.choice(others) })
  }

  protected text(state: number): string {
    const { row, column, passenger, destination } = decode(state)
    const grid = MAP.map((line) => [...line])
    const paint = (r: number, c: number, color: number): void => {
      const cell = grid[1 + r][1 + 2 * c]
      grid[1 + r][1 + 2 * c] = highlighted(cell === ' ' ? '_' : cell, color)
    }
    paint(row, column, passenger === IN_TAXI ? 42 : 43)
    if (passenger < IN_TAXI && placeAt(row, column) !== passenger) paint(...PLACES[passenger], 44)
    if (placeAt(row, column) !== destination && passenger !== destination) paint(...PLACES[destination], 45)
    const move =
      this.lastAction === null ? '' : `  (${['South', 'North', 'East', 'West', 'Pickup', 'Dropoff'][this.lastAction]})`
    return `${grid.map((line) => line.join('')).join('\n')}\n${move}\n`
  }

  protected draw(state: number): Drawing {
    const { row, column, passenger, destination } = decode(state)
    const cell = 60
    const commands: DrawCommand[] = PLACES.map(([r, c], i) => rectangle(c * cell, r * cell, cell, cell, COLORS[i]))
    for (let r = 0; r < SIZE; r++) {
      for (let c = 1; c < SIZE; c++) {
        if (MAP[1 + r][2 * c] === '|') commands.push(rectangle(c * cell - 3, r * cell, 6, cell, [70, 70, 70]))
      }
    }
    const middle = (r: number, c: number): readonly [number, number] => [(c + 0.5) * cell, (r + 0.5) * cell]
    commands.push({ kind: 'text', at: middle(...PLACES[destination]), text: 'X', size: 24, color: [40, 40, 40] })
    commands.push({ kind: 'polygon', points: rectanglePoints(middle(row, column), 20, 13), color: [250, 200, 30] })
    const at = passenger === IN_TAXI ? middle(row, column) : middle(...PLACES[passenger])
    commands.push({ kind: 'circle', center: at, radius: 8, color: [90, 30, 120] })
    return { width: SIZE * cell, height: SIZE * cell, background: [225, 225, 225], commands }
  }
}

const rectanglePoints = ([x, y]: readonly [number, number], w: number, h: number): (readonly [number, number])[] => [
  [x - w, y - h],
  [x + w, y - h],
  [x + w, y + h],
  [x - w, y + h],
]

const encode = ({ row, column, passenger, destination }: Parts): number =>
  ((row * SIZE + column) * 5 + passenger) * 4 + destination

const decode = (s: number): Parts => ({
  row: Math.floor(s / 100),
  column: Math.floor(s / 20) % SIZE,
  passenger: Math.floor(s / 4) % 5,
  destination: s % 4,
})

/** What picking up (4) and dropping off (5) do. */
function board(at: Parts, action: number): Transition {
  const place = placeAt(at.row, at.column)
  if (action === 4) {
    const fits = at.passenger < IN_TAXI && place === at.passenger
    return [1, encode(fits ? { ...at, passenger: IN_TAXI } : at), fits ? -1 : -10, false]
  }
  if (at.passenger !== IN_TAXI || place < 0) return [1, encode(at), -10, false]
  const isThere = place === at.destination
  return [1, encode({ ...at, passenger: place }), isThere ? 20 : -1, isThere]
}
