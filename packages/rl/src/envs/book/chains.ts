// Two problems on a line, from Sutton and Barto 2018: the gambler and the random walk.

import { knownOptions } from '../../env/errors.ts'
import { finite, share, whole } from '../../env/numbers.ts'
import type { Drawing } from '../../render/drawing.ts'
import type { RenderOptions } from '../../render/rendered.ts'
import { gridDrawing } from '../grid.ts'
import { TabularEnv, type Transition, uniformStart } from '../mdp.ts'

/** A line of states, shown as text and as a picture. */
abstract class Line extends TabularEnv {
  protected text(at: number): string {
    return `${this.mdp.P.map((_, s) => (s === at ? 'x' : '.')).join('')}  ${at}\n`
  }

  protected draw(at: number): Drawing {
    const columns = Math.min(this.mdp.P.length, 21)
    const rows = Math.ceil(this.mdp.P.length / columns)
    return gridDrawing({ rows, columns, color: () => [240, 240, 235], label: String, agent: at })
  }
}

export interface GamblerOptions extends RenderOptions {
  /** Probability of heads. Default 0.4 */
  probabilityOfHeads?: number
  /** Capital that wins. Default 100 */
  goal?: number
}

/**
 * Example 4.3: stake capital on coin flips until it is 0 or the goal. Observation: the capital. Action a stakes a + 1, or
 * as much as there is and as the goal still needs. Reward 1 for reaching the goal. Starts with any capital between.
 * @throws RangeError for a probability outside [0, 1] or a goal below 2
 */
export class Gambler extends Line {
  constructor(options: GamblerOptions = {}) {
    knownOptions('Gambler', options, ['renderMode', 'probabilityOfHeads', 'goal'])
    const { probabilityOfHeads: p = 0.4, goal = 100 } = options
    share('Gambler: probabilityOfHeads', p)
    whole('Gambler: goal', goal, 2)
    const isEnd = (s: number): boolean => s === 0 || s === goal
    const outcomes = (s: number, a: number): Transition[] => {
      if (isEnd(s)) return [[1, s, 0, true]]
      const stake = Math.min(a + 1, s, goal - s)
      return [
        [p, s + stake, s + stake === goal ? 1 : 0, s + stake === goal],
        [1 - p, s - stake, 0, s === stake],
      ]
    }
    const stakes = Math.floor(goal / 2)
    const P = Array.from({ length: goal + 1 }, (_, s) => Array.from({ length: stakes }, (_, a) => outcomes(s, a)))
    super('Gambler', { P, start: uniformStart(goal + 1, (s) => !isEnd(s)) }, options)
  }
}

export interface RandomWalkOptions extends RenderOptions {
  /** States between the two ends, an odd number. Default 5 */
  states?: number
  /** Reward at the left end. Default 0 */
  leftReward?: number
  /** Reward at the right end. Default 1 */
  rightReward?: number
}

/**
 * Example 6.2: one step to the left or right, whatever the only action, until an end is reached. Observation: 0 is the
 * left end, `states` + 1 the right one. Starts in the middle. With rewards 0 and 1 the value of state i is i / (states + 1).
 * @throws RangeError unless the number of states is odd
 */
export class RandomWalk extends Line {
  constructor(options: RandomWalkOptions = {}) {
    knownOptions('RandomWalk', options, ['renderMode', 'states', 'leftReward', 'rightReward'])
    const { states = 5, leftReward = 0, rightReward = 1 } = options
    finite('RandomWalk: leftReward', leftReward)
    finite('RandomWalk: rightReward', rightReward)
    if (!Number.isInteger(states) || states < 1 || states % 2 === 0) {
      throw new RangeError(`RandomWalk: ${states} states have no middle; give an odd number`)
    }
    const right = states + 1
    const outcomes = (s: number): Transition[] => {
      if (s === 0 || s === right) return [[1, s, 0, true]]
      return [
        [0.5, s - 1, s === 1 ? leftReward : 0, s === 1],
        [0.5, s + 1, s === states ? rightReward : 0, s === states],
      ]
    }
    const P = Array.from({ length: states + 2 }, (_, s) => [outcomes(s)])
    super('RandomWalk', { P, start: uniformStart(states + 2, (s) => s === right / 2) }, options)
  }
}
