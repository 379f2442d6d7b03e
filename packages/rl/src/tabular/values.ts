// Tables of action values, and policies that follow from them.
import { knownOptions, optionsObject } from '../env/errors.ts'
import type { FiniteMdp } from '../envs/mdp.ts'
import type { NumpyGenerator } from '../random/generator.ts'

/** A row per state, a value per action. */
export type ActionValues = readonly Float64Array[]

/** An action per state, or per state the probability of every action. */
export type Policy = ArrayLike<number> | readonly ArrayLike<number>[]

/** The first of the largest values. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i
  return best
}

/** The largest value. */
export const maximum = (values: ArrayLike<number>): number => values[argmax(values)]

/** All actions whose value is within `tolerance` of the largest. */
export function greedyActions(values: ArrayLike<number>, tolerance = 0): number[] {
  const best = maximum(values)
  return Array.from(values).flatMap((v, a) => (best - v <= tolerance ? [a] : []))
}

/** The first of the best actions in every state. */
export const greedyPolicy = (Q: ActionValues): Int32Array => Int32Array.from(Q, argmax)

/** With probability `epsilon` any action, else one of the best, ties broken at random. */
export function epsilonGreedy(values: ArrayLike<number>, epsilon: number, generator: NumpyGenerator): number {
  if (generator.random() < epsilon) return generator.integers(values.length)
  let best = 0
  let ties = 1
  for (let a = 1; a < values.length; a++) {
    if (values[a] > values[best]) {
      best = a
      ties = 1
    } else if (values[a] === values[best] && generator.random() * ++ties < 1) best = a
  }
  return best
}

/** The probability of every action in state s. @throws RangeError for a policy that does not fit */
export function probabilitiesOf(policy: Policy, s: number, actions: number): ArrayLike<number> {
  const row = policy[s]
  if (typeof row === 'number') {
    if (!Number.isInteger(row) || row < 0 || row >= actions)
      throw new RangeError(`policy: no action ${row} in state ${s}`)
    return Float64Array.from({ length: actions }, (_, a) => Number(a === row))
  }
  if (row?.length !== actions)
    throw new RangeError(`policy: ${row?.length} probabilities in state ${s}, not ${actions}`)
  return row
}

/** Every action equally likely in every state. */
export function uniformPolicy({ P }: FiniteMdp): Float64Array[] {
  return P.map((row) => new Float64Array(row.length).fill(1 / row.length))
}

/** The best action, but any with probability `epsilon`: 1 − ε + ε/|A| for the first of the best, ε/|A| for the others. */
export function softPolicy(Q: ActionValues, epsilon: number): Float64Array[] {
  return Q.map((row) => {
    const best = argmax(row)
    return row.map((_, a) => epsilon / row.length + (a === best ? 1 - epsilon : 0))
  })
}

/** Expected return of starting as the process does: Σₛ start(s) V(s). */
export const startValue = ({ start }: FiniteMdp, V: ArrayLike<number>): number =>
  Array.from(start).reduce((sum, p, s) => sum + p * V[s], 0)

/** @throws TypeError for what are no dynamics, such as an environment, or no options; RangeError for options that there are not */
export function checkPlanning(owner: string, mdp: FiniteMdp, options: object, known: readonly string[]): void {
  if (!Array.isArray(mdp?.P)) throw new TypeError(`${owner}: give the dynamics, such as new FrozenLake().mdp`)
  optionsObject(owner, options, 'gamma: 0.9', true)
  knownOptions(owner, options, known)
}

/** Expected reward plus discounted value behind one action: Σ p (r + γ V(s')), without V(s') after termination. */
export function backup({ P }: FiniteMdp, V: ArrayLike<number>, s: number, a: number, gamma: number): number {
  let sum = 0
  const outcomes = P[s][a]
  for (let i = 0; i < outcomes.length; i++) {
    const [p, next, reward, terminated] = outcomes[i]
    sum += p * (reward + (terminated ? 0 : gamma * V[next]))
  }
  return sum
}

/** The value of the best action: maxₐ Σ p (r + γ V(s')). */
export function bestBackup(mdp: FiniteMdp, V: ArrayLike<number>, s: number, gamma: number): number {
  let best = Number.NEGATIVE_INFINITY
  for (let a = 0; a < mdp.P[s].length; a++) best = Math.max(best, backup(mdp, V, s, a, gamma))
  return best
}

/** The value of every action when V is the value of what follows. */
export const actionValues = (mdp: FiniteMdp, V: ArrayLike<number>, gamma: number): Float64Array[] =>
  mdp.P.map((row, s) => Float64Array.from(row, (_, a) => backup(mdp, V, s, a, gamma)))
