// CliffWalking: from the lower left to the lower right corner, along a cliff.
import { knownOptions } from '../../env/errors.ts'
import type { Drawing } from '../../render/drawing.ts'
import type { RenderOptions } from '../../render/rendered.ts'
import { gridDrawing, moved, UP_RIGHT_DOWN_LEFT } from '../grid.ts'
import { TabularEnv, type Transition, uniformStart } from '../mdp.ts'

const ROWS = 4
const COLUMNS = 12
const START = 36
const GOAL = 47
const isCliff = (s: number): boolean => s > START && s < GOAL

export interface CliffWalkingOptions extends RenderOptions {
  /** Whether a third of the moves each go to the left and to the right of where one wants. Default false */
  isSlippery?: boolean
}

/**
 * Walk past a cliff. Observation: row · 12 + column. Actions: 0 up, 1 right, 2 down, 3 left. Reward −1 per step, −100 for
 * falling off, which leads back to the start without ending the episode. Terminates at the goal.
 * Source: Sutton and Barto 2018, example 6.6; Gymnasium's CliffWalking-v1.
 * @example
 * import { CliffWalking } from '@x/rl'
 * const env = new CliffWalking()
 * env.reset()[0] // 36
 * env.step(1).slice(0, 2) // [36, -100], off the cliff
 */
export class CliffWalking extends TabularEnv {
  constructor(options: CliffWalkingOptions = {}) {
    knownOptions('CliffWalking', options, ['renderMode', 'isSlippery'])
    const arrive = (s: number, action: number, p: number): Transition => {
      const next = moved(s, ROWS, COLUMNS, UP_RIGHT_DOWN_LEFT[action])
      return isCliff(next) ? [p, START, -100, false] : [p, next, -1, next === GOAL]
    }
    const outcomes = (s: number, a: number): Transition[] =>
      options.isSlippery ? [(a + 3) % 4, a, (a + 1) % 4].map((b) => arrive(s, b, 1 / 3)) : [arrive(s, a, 1)]
    const P = Array.from({ length: ROWS * COLUMNS }, (_, s) => UP_RIGHT_DOWN_LEFT.map((_, a) => outcomes(s, a)))
    super('CliffWalking', { P, start: uniformStart(ROWS * COLUMNS, (s) => s === START) }, options)
  }

  protected text(at: number): string {
    const tile = (s: number): string => (s === at ? 'x' : s === GOAL ? 'T' : isCliff(s) ? 'C' : 'o')
    const rows = Array.from({ length: ROWS }, (_, row) =>
      Array.from({ length: COLUMNS }, (_, column) => tile(row * COLUMNS + column)).join('  '),
    )
    return `${rows.join('\n')}\n\n`
  }

  protected draw(at: number): Drawing {
    return gridDrawing({
      rows: ROWS,
      columns: COLUMNS,
      color: (s) => (isCliff(s) ? [90, 60, 50] : s === GOAL ? [240, 210, 90] : [210, 225, 200]),
      label: (s) => (s === START ? 'S' : s === GOAL ? 'G' : ''),
      agent: at,
    })
  }
}
