// Settings that change while an agent learns.
import { atLeast0 } from '../env/numbers.ts'

/** A number, or a function of the share of the training that remains, from 1 down to 0. */
export type Annealed = number | ((remaining: number) => number)

/** The value while so much remains. `what` names agent and option. @throws RangeError unless it is a finite number ≥ 0 */
export function annealed(what: string, value: Annealed, remaining: number): number {
  return typeof value === 'number'
    ? value
    : atLeast0(`${what} with ${remaining} of the training to go,`, value(remaining))
}
