// The grid worlds of Sutton and Barto, "Reinforcement Learning: An Introduction", 2018.
import { knownOptions } from '../../env/errors.ts'
import type { Drawing } from '../../render/drawing.ts'
import type { RenderOptions } from '../../render/rendered.ts'
import { gridDrawing, moved, UP_RIGHT_DOWN_LEFT } from '../grid.ts'
import { type FiniteMdp, TabularEnv, type Transition, uniformStart } from '../mdp.ts'

/** A grid with marked cells, shown as text and as a picture. */
abstract class BookGrid extends TabularEnv {
  private readonly columns: number
  private readonly marks: Readonly<Record<number, string>>

  constructor(
    name: string,
    mdp: FiniteMdp,
    columns: number,
    marks: Readonly<Record<number, string>>,
    options: RenderOptions,
  ) {
    super(name, mdp, options)
    this.columns = columns
    this.marks = marks
  }

  protected text(at: number): string {
    const cells = this.mdp.P.map((_, s) => (s === at ? 'x' : (this.marks[s] ?? '.')))
    const rows = cells.flatMap((_, s) => (s % this.columns ? [] : [cells.slice(s, s + this.columns).join(' ')]))
    return `${rows.join('\n')}\n`
  }

  protected draw(at: number): Drawing {
    return gridDrawing({
      rows: this.mdp.P.length / this.columns,
      columns: this.columns,
      color: (s) => (this.marks[s] ? [235, 215, 140] : [240, 240, 235]),
      label: (s) => this.marks[s] ?? '',
      agent: at,
    })
  }
}

/**
 * Example 4.1: a 4x4 grid whose upper left and lower right corners end the episode. Reward −1 per step. Actions: 0 up,
 * 1 right, 2 down, 3 left. Starts anywhere else, all equally likely.
 */
export class Gridworld4x4 extends BookGrid {
  constructor(options: RenderOptions = {}) {
    knownOptions('Gridworld4x4', options, ['renderMode'])
    const isEnd = (s: number): boolean => s === 0 || s === 15
    const outcome = (s: number, move: readonly [number, number]): Transition => {
      const next = moved(s, 4, 4, move)
      return isEnd(s) ? [1, s, 0, true] : [1, next, -1, isEnd(next)]
    }
    const P = Array.from({ length: 16 }, (_, s) => UP_RIGHT_DOWN_LEFT.map((move) => [outcome(s, move)]))
    super('Gridworld4x4', { P, start: uniformStart(16, (s) => !isEnd(s)) }, 4, { 0: 'T', 15: 'T' }, options)
  }
}

/**
 * Example 3.5: a 5x5 grid that never ends. Every action in A (cell 1) pays 10 and leads to A' (21), in B (3) 5 to B' (13);
 * bumping into the edge costs 1, anything else nothing. Actions: 0 up, 1 right, 2 down, 3 left. Starts anywhere.
 */
export class Gridworld5x5 extends BookGrid {
  constructor(options: RenderOptions = {}) {
    knownOptions('Gridworld5x5', options, ['renderMode'])
    const outcome = (s: number, move: readonly [number, number]): Transition => {
      if (s === 1) return [1, 21, 10, false]
      if (s === 3) return [1, 13, 5, false]
      const next = moved(s, 5, 5, move)
      return [1, next, next === s ? -1 : 0, false]
    }
    const P = Array.from({ length: 25 }, (_, s) => UP_RIGHT_DOWN_LEFT.map((move) => [outcome(s, move)]))
    const marks = { 1: 'A', 3: 'B', 13: 'b', 21: 'a' }
    super('Gridworld5x5', { P, start: uniformStart(25, () => true) }, 5, marks, options)
  }
}

export interface WindyGridworldOptions extends RenderOptions {
  /** Whether diagonal moves are allowed (exercise 6.9): 4 up right, 5 down right, 6 down left, 7 up left. Default false */
  king?: boolean
}

/** Cells that the wind blows one up, by column. */
const WIND = [0, 0, 0, 1, 1, 1, 2, 2, 1, 0]

/**
 * Example 6.5: from cell 30 to cell 37 of a 7x10 grid in a wind that blows upwards, by the column one leaves. Reward −1
 * per step. Actions: 0 up, 1 right, 2 down, 3 left.
 */
export class WindyGridworld extends BookGrid {
  constructor(options: WindyGridworldOptions = {}) {
    knownOptions('WindyGridworld', options, ['renderMode', 'king'])
    const diagonals: readonly (readonly [number, number])[] = [
      [-1, 1],
      [1, 1],
      [1, -1],
      [-1, -1],
    ]
    const moves = options.king ? [...UP_RIGHT_DOWN_LEFT, ...diagonals] : UP_RIGHT_DOWN_LEFT
    const outcome = (s: number, [down, right]: readonly [number, number]): Transition => {
      const next = moved(s, 7, 10, [down - WIND[s % 10], right])
      return [1, next, -1, next === 37]
    }
    const P = Array.from({ length: 70 }, (_, s) => moves.map((move) => [outcome(s, move)]))
    super('WindyGridworld', { P, start: uniformStart(70, (s) => s === 30) }, 10, { 30: 'S', 37: 'G' }, options)
  }
}
