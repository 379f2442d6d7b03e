// Blackjack as a finite Markov decision process, for planning.
import { knownOptions } from '../../env/errors.ts'
import type { FiniteMdp, Transition } from '../mdp.ts'

/** Probability of every card, ace 1. */
const CARDS: readonly (readonly [card: number, probability: number])[] = Array.from({ length: 10 }, (_, i) => [
  i + 1,
  (i === 9 ? 4 : 1) / 13,
])

/** Sum and usable ace after another card. */
function drawn(sum: number, ace: number, card: number): [sum: number, ace: number] {
  let total = sum + card
  let usable = ace
  if (card === 1 && total + 10 <= 21) {
    total += 10
    usable = 1
  }
  if (total > 21 && usable) {
    total -= 10
    usable = 0
  }
  return [total, usable]
}

/** Probability of every final score of the dealer (0 is bust) behind a hand, and in place 22 of ace and ten at once. */
function dealerScores(sum: number, ace: number, cards: number): Float64Array {
  const scores = new Float64Array(23)
  if (sum > 21) scores[0] = 1
  else if (sum >= 17) scores[cards === 2 && sum === 21 ? 22 : sum] = 1
  else {
    for (const [card, p] of CARDS) {
      dealerScores(...drawn(sum, ace, card), cards + 1).forEach((q, score) => {
        scores[score] += p * q
      })
    }
  }
  return scores
}

const SUMS = 22
const HANDS = 10 * 2 * SUMS

/**
 * The states of Blackjack: of a sum, the dealer's card (ace 1) and whether an ace counts 11; and of an ace and a ten at
 * once, which the rules treat apart.
 */
export function blackjackState(sum: number, dealer: number, usableAce: number, isNatural = false): number {
  return isNatural ? HANDS + dealer - 1 : ((dealer - 1) * 2 + usableAce) * SUMS + sum
}

/**
 * The game as a table, with states as `blackjackState` numbers them and the actions of Blackjack; gamma is 1.
 * @param options.natural whether an ace and a ten that win pay 1.5. Ignored with `sab`
 * @param options.sab whether an ace and a ten beat anything but the same
 * @example
 * import { blackjackMdp, policyIteration, startValue } from '@x/rl'
 * const game = blackjackMdp({ sab: true })
 * startValue(game, policyIteration(game, { gamma: 1 }).V) // −0.0431: even the best player loses
 */
export function blackjackMdp(options: { natural?: boolean; sab?: boolean } = {}): FiniteMdp {
  knownOptions('blackjackMdp', options, ['natural', 'sab'])
  const { natural = false, sab = false } = options
  const P: Transition[][][] = Array.from({ length: HANDS + 10 }, (_, s) => [[[1, s, 0, true]], [[1, s, 0, true]]])
  const start = new Float64Array(P.length)
  for (let dealer = 1; dealer <= 10; dealer++) {
    const scores = dealerScores(...drawn(0, 0, dealer), 1)
    const stick = (s: number, sum: number, isNatural: boolean): Transition[] => {
      let [win, lose, draw] = [0, 0, 0]
      scores.forEach((p, score) => {
        const its = score === 22 ? 21 : score
        if (sum > its || (sab && isNatural && score !== 22)) win += p
        else if (sum < its) lose += p
        else draw += p
      })
      const prize = isNatural && natural && !sab ? 1.5 : 1
      return [
        [win, s, prize, true],
        [lose, s, -1, true],
        [draw, s, 0, true],
      ]
    }
    const hit = (s: number, sum: number, ace: number): Transition[] =>
      CARDS.map(([card, p]) => {
        const [total, usable] = drawn(sum, ace, card)
        return total > 21 ? [p, s, -1, true] : [p, blackjackState(total, dealer, usable), 0, false]
      })
    for (let sum = 4; sum <= 21; sum++) {
      for (let ace = 0; ace <= (sum >= 12 ? 1 : 0); ace++) {
        const s = blackjackState(sum, dealer, ace)
        P[s] = [stick(s, sum, false), hit(s, sum, ace)]
      }
    }
    const s = blackjackState(21, dealer, 1, true)
    P[s] = [stick(s, 21, true), hit(s, 21, 1)]
    for (const [first, p] of CARDS) {
      for (const [second, q] of CARDS) {
        const [sum, ace] = drawn(...drawn(0, 0, first), second)
        start[blackjackState(sum, dealer, ace, sum === 21)] += p * q * (CARDS[dealer - 1][1] as number)
      }
    }
  }
  return { P, start }
}
