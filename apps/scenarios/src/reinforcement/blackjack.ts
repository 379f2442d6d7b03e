// Learning when to stick from hands that were played, held against the best play there is.
// Source: R. Sutton and A. Barto 2018, "Reinforcement Learning", examples 5.1 and 5.3.
import {
  type BlackjackObservation,
  blackjackMdp,
  blackjackState,
  MonteCarloControl,
  make,
  policyIteration,
  solvePolicy,
  startValue,
} from '@x/rl'
import { type Curve, defineScenario, type Shown } from '../scenario.ts'

export const blackjack = defineScenario({
  name: 'blackjack',
  topic: 'Reinforcement learning',
  title: 'Blackjack by Monte Carlo',
  about:
    'Hand after hand, the mean of what followed tells when to hit and when to stick. The game is small enough to be solved: ' +
    'the expected loss of what was learned is computed and held against that of the best play.',
  options: {
    hands: { kind: 'number', about: 'hands to play', default: 500_000, least: 10_000, most: 10_000_000 },
    epsilon: {
      kind: 'number',
      about: 'share of random moves while learning',
      default: 0.2,
      least: 0.01,
      most: 1,
      multipleOf: null,
    },
  },
  async *run({ options, seed, quick, breathe }): AsyncGenerator<Shown> {
    const hands = quick ? Math.min(options.hands, 150_000) : options.hands
    const game = blackjackMdp({ sab: true })
    const best = startValue(game, policyIteration(game, { gamma: 1 }).V)
    const env = make('Blackjack-v1', { disableEnvChecker: true })
    const agent = new MonteCarloControl<BlackjackObservation>(env, { gamma: 1, epsilon: options.epsilon, seed })
    const learned = (): number => startValue(game, solvePolicy(game, policyOf(agent, game.P.length), { gamma: 1 }))
    const curve = { name: 'what was learned', x: [] as number[], y: [] as number[] }
    const limit: Curve = { name: 'best play', x: [0, hands], y: [best, best] }
    let played = 0
    for (const { episodes } of agent.learn(env, { steps: Number.MAX_SAFE_INTEGER, seed })) {
      played += episodes.length
      if (played % Math.round(hands / 25) === 0) {
        curve.x.push(played)
        curve.y.push(learned())
        yield {
          kind: 'progress',
          done: played,
          of: hands,
          note: `${played} hands, ${curve.y.at(-1)?.toFixed(4)} per hand`,
        }
        yield {
          kind: 'plot',
          id: 'value',
          title: 'expected reward of a hand',
          x: 'hands',
          y: 'reward',
          curves: [curve, limit],
        }
        await breathe()
      }
      if (played >= hands) break
    }
    for (const [ace, title] of [
      [0, 'without an ace that counts 11'],
      [1, 'with an ace that counts 11'],
    ] as const) {
      const sums = Array.from({ length: ace ? 10 : 11 }, (_, i) => 21 - i)
      const move = (sum: number, dealer: number): number => agent.act([sum, dealer, ace], { deterministic: true })
      const dealers = Array.from({ length: 10 }, (_, i) => i + 1)
      yield {
        kind: 'board',
        id: title,
        title: `${title}: H hit, s stick`,
        cells: [
          ['sum', ...dealers.map((d) => (d === 1 ? 'A' : String(d)))],
          ...sums.map((sum) => [String(sum), ...dealers.map((d) => (move(sum, d) ? 'H' : 's'))]),
        ],
        values: [dealers, ...sums].map((sum) => [
          0,
          ...dealers.map((d) => (typeof sum === 'number' ? move(sum, d) : 0)),
        ]),
      }
    }
    const value = learned()
    yield {
      kind: 'claim',
      text: `what was learned in ${hands} hands loses ${(-value).toFixed(4)} a hand, the best play ${(-best).toFixed(4)}`,
      holds: value <= best + 1e-9 && best - value < 0.02,
    }
  },
})

/** The action in every state of the table; where nothing is to be decided, to stick. */
function policyOf(agent: MonteCarloControl<BlackjackObservation>, states: number): Int32Array {
  const policy = new Int32Array(states)
  for (let dealer = 1; dealer <= 10; dealer++) {
    for (const ace of [0, 1]) {
      for (let sum = 4; sum <= 21; sum++)
        policy[blackjackState(sum, dealer, ace)] = agent.act([sum, dealer, ace], { deterministic: true })
    }
    policy[blackjackState(21, dealer, 1, true)] = agent.act([21, dealer, 1], { deterministic: true })
  }
  return policy
}
