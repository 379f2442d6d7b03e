// FrozenLake: cross the ice without falling into a hole, on which one may slip.

import { knownOptions } from '../../env/errors.ts'
import { oneOf, share, whole } from '../../env/numbers.ts'
import { NumpyGenerator } from '../../random/generator.ts'
import type { Seed } from '../../random/seedSequence.ts'
import type { Color, Drawing } from '../../render/drawing.ts'
import type { RenderOptions } from '../../render/rendered.ts'
import { gridDrawing, highlighted, moved } from '../grid.ts'
import { type FiniteMdp, TabularEnv, type Transition, uniformStart } from '../mdp.ts'

const MAPS = {
  '4x4': ['SFFF', 'FHFH', 'FFFH', 'HFFG'],
  '8x8': ['SFFFFFFF', 'FFFFFFFF', 'FFFHFFFF', 'FFFFFHFF', 'FFFHFFFF', 'FHHFFFHF', 'FHFFHFHF', 'FFFHFFFG'],
} as const

/** Left, down, right, up as [rows, columns]. */
const MOVES: readonly (readonly [number, number])[] = [
  [0, -1],
  [1, 0],
  [0, 1],
  [-1, 0],
]

export interface FrozenLakeOptions extends RenderOptions {
  /** Rows of the map: S start, F frozen, H hole, G goal. Default: the map of `mapName`, or a random one of 8x8 without */
  desc?: readonly string[] | null
  /** Default '4x4' */
  mapName?: keyof typeof MAPS | null
  /** Whether one slips to either side. Default true */
  isSlippery?: boolean
  /** Probability of going where one wants to on slippery ice; the sides share the rest. Default 1/3 */
  successRate?: number
  /** Rewards for reaching the goal, a hole, and ice. Default [1, 0, 0] */
  rewardSchedule?: readonly [goal: number, hole: number, frozen: number]
}

const isEnd = (tile: string): boolean => tile === 'G' || tile === 'H'

/**
 * Cross a frozen lake. Observation: row · columns + column. Actions: 0 left, 1 down, 2 right, 3 up. Terminates in a hole
 * or at the goal.
 * Source: Gymnasium's FrozenLake-v1.
 * @throws RangeError for a map that is not a rectangle of the tiles S, F, H, G with a start, or a rate outside [0, 1]
 * @example
 * import { FrozenLake, valueIteration } from '@x/rl'
 * const lake = new FrozenLake({ isSlippery: false })
 * valueIteration(lake.mdp, { gamma: 0.99 }).V[0].toFixed(5) // '0.95099'
 */
export class FrozenLake extends TabularEnv {
  readonly desc: readonly string[]

  constructor(options: FrozenLakeOptions = {}) {
    const known = ['renderMode', 'desc', 'mapName', 'isSlippery', 'successRate', 'rewardSchedule']
    knownOptions('FrozenLake', options, known)
    const desc = mapOf(options)
    super('FrozenLake', lake(desc, options), options)
    this.desc = desc
  }

  protected text(at: number): string {
    const columns = this.desc[0].length
    const tiles = [...this.desc.join('')]
    tiles[at] = highlighted(tiles[at], 41)
    const rows = this.desc.map((_, row) => tiles.slice(row * columns, (row + 1) * columns).join(''))
    const move = this.lastAction === null ? '' : `  (${['Left', 'Down', 'Right', 'Up'][this.lastAction]})`
    return `${move}\n${rows.join('\n')}\n`
  }

  protected draw(at: number): Drawing {
    const tiles = this.desc.join('')
    const colors: Readonly<Record<string, Color>> = { H: [40, 80, 130], G: [240, 210, 90], S: [200, 230, 200] }
    return gridDrawing({
      rows: this.desc.length,
      columns: this.desc[0].length,
      color: (s) => colors[tiles[s]] ?? [225, 240, 250],
      label: (s) => (tiles[s] === 'F' ? '' : tiles[s]),
      agent: at,
    })
  }
}

function mapOf({ desc, mapName = '4x4' }: FrozenLakeOptions): readonly string[] {
  if (desc) {
    const isMap = desc.length > 0 && desc.every((row) => row.length === desc[0].length && /^[SFHG]+$/.test(row))
    if (!isMap || !desc.some((row) => row.includes('S'))) {
      throw new RangeError(`FrozenLake: ${JSON.stringify(desc)} is not a rectangle of S, F, H, G with an S in it`)
    }
    return desc
  }
  if (mapName === null) return generateRandomMap()
  return MAPS[oneOf('FrozenLake: mapName', mapName, Object.keys(MAPS) as (keyof typeof MAPS)[])]
}

function lake(desc: readonly string[], options: FrozenLakeOptions): FiniteMdp {
  const { isSlippery = true, successRate = 1 / 3, rewardSchedule = [1, 0, 0] } = options
  share('FrozenLake: successRate', successRate)
  const [goal, hole, frozen] = rewardSchedule
  const tiles = desc.join('')
  const arrive = (s: number, action: number, p: number): Transition => {
    const next = moved(s, desc.length, desc[0].length, MOVES[action])
    const tile = tiles[next]
    return [p, next, tile === 'G' ? goal : tile === 'H' ? hole : frozen, isEnd(tile)]
  }
  const side = (1 - successRate) / 2
  const outcomes = (s: number, a: number): Transition[] => {
    if (isEnd(tiles[s])) return [[1, s, 0, true]]
    if (!isSlippery) return [arrive(s, a, 1)]
    return [arrive(s, (a + 3) % 4, side), arrive(s, a, successRate), arrive(s, (a + 1) % 4, side)]
  }
  const P = Array.from(tiles, (_, s) => MOVES.map((_, a) => outcomes(s, a)))
  return { P, start: uniformStart(tiles.length, (s) => tiles[s] === 'S') }
}

export interface RandomMapOptions {
  /** Rows and columns. Default 8 */
  size?: number
  /** Probability that a tile is frozen. Default 0.8 */
  p?: number
  seed?: Seed
}

/** A random map with a way from the start to the goal: Gymnasium's `generate_random_map`, seed for seed. @throws RangeError */
export function generateRandomMap(options: RandomMapOptions = {}): string[] {
  knownOptions('generateRandomMap', options, ['size', 'p', 'seed'])
  const { size = 8, p = 0.8, seed } = options
  whole('generateRandomMap: size', size, 2)
  if (!(p > 0)) throw new RangeError(`generateRandomMap: p ${p} is not above 0`)
  const generator = new NumpyGenerator(seed)
  const frozen = Math.min(1, p)
  for (;;) {
    const tiles = Array.from({ length: size * size }, (): string => (generator.random() < frozen ? 'F' : 'H'))
    tiles[0] = 'S'
    tiles[size * size - 1] = 'G'
    if (hasWay(tiles, size))
      return Array.from({ length: size }, (_, r) => tiles.slice(r * size, (r + 1) * size).join(''))
  }
}

function hasWay(tiles: readonly string[], size: number): boolean {
  const seen = new Set([0])
  for (const s of seen) {
    for (const move of MOVES) {
      const next = moved(s, size, size, move)
      if (tiles[next] === 'G') return true
      if (tiles[next] !== 'H') seen.add(next)
    }
  }
  return false
}
