// Ten arms that pay at random: how soon does one find the best, and what does the search cost?
// Source: R. Sutton and A. Barto 2018, "Reinforcement Learning", sections 2.3 to 2.8; W. Thompson 1933.
import { Bandit, EpsilonGreedyBandit, GradientBandit, ThompsonSampling, UCB } from '@x/rl'
import { type Curve, defineScenario, type Shown } from '../scenario.ts'

/** What all of them have in common. */
interface Player {
  act(): number
  update(arm: number, reward: number): void
}

const PLAYERS: Readonly<Record<string, (seed: number) => Player>> = {
  greedy: (seed) => new EpsilonGreedyBandit(10, { epsilon: 0, seed }),
  'ε-greedy, ε = 0.1': (seed) => new EpsilonGreedyBandit(10, { epsilon: 0.1, seed }),
  'UCB, c = 2': (seed) => new UCB(10, { c: 2, seed }),
  'gradient, α = 0.1': (seed) => new GradientBandit(10, { alpha: 0.1, seed }),
  Thompson: (seed) => new ThompsonSampling(10, { rewards: 'normal', seed }),
}

export const bandits = defineScenario({
  name: 'bandits',
  topic: 'Reinforcement learning',
  title: 'Bandits: to explore or to exploit',
  about:
    'Ten arms, each with a mean pay of its own that nobody knows. Who always pulls what looks best gets stuck; who tries at ' +
    'random for ever keeps paying for it; bounds of confidence and draws from what is believed try less and less.',
  options: {
    problems: { kind: 'number', about: 'bandits to average over', default: 500, least: 20, most: 10_000 },
    pulls: { kind: 'number', about: 'pulls of each', default: 1000, least: 100, most: 100_000 },
  },
  async *run({ options, seed, quick, breathe }): AsyncGenerator<Shown> {
    const problems = quick ? Math.min(options.problems, 100) : options.problems
    const { pulls } = options
    const width = Math.max(1, Math.floor(pulls / 100))
    const best: Curve[] = []
    const regrets: Curve[] = []
    const rows: (string | number)[][] = []
    const total: Record<string, number> = {}
    for (const [name, make] of Object.entries(PLAYERS)) {
      const hits = new Float64Array(pulls)
      const regret = new Float64Array(pulls)
      for (let problem = 0; problem < problems; problem++) {
        const env = new Bandit()
        const player = make(seed * 100_003 + problem)
        env.reset({ seed: seed * 100_003 + problem })
        for (let t = 0, sum = 0; t < pulls; t++) {
          const arm = player.act()
          const [, reward, , , info] = env.step(arm)
          player.update(arm, reward)
          sum += info.regret as number
          regret[t] += sum / problems
          hits[t] += Number(arm === info.optimalAction) / problems
        }
        if (problem % 20 === 0) await breathe()
      }
      const x = Array.from({ length: Math.floor(pulls / width) }, (_, i) => (i + 1) * width)
      const mean = (y: Float64Array, end: number): number =>
        y.subarray(end - width, end).reduce((sum, v) => sum + v / width, 0)
      best.push({ name, x, y: x.map((end) => 100 * mean(hits, end)) })
      regrets.push({ name, x, y: x.map((end) => regret[end - 1]) })
      total[name] = regret[pulls - 1]
      rows.push([name, (100 * mean(hits, pulls)).toFixed(1), total[name].toFixed(1)])
      yield { kind: 'plot', id: 'best', title: 'pulls of the best arm', x: 'pull', y: '%', curves: best }
      yield { kind: 'plot', id: 'regret', title: 'what was missed so far', x: 'pull', y: 'regret', curves: regrets }
    }
    yield {
      kind: 'table',
      title: `after ${pulls} pulls, mean of ${problems} bandits`,
      columns: ['player', 'best arm, %', 'regret'],
      rows,
    }
    const { greedy, Thompson } = total
    const epsilon = total['ε-greedy, ε = 0.1']
    yield {
      kind: 'claim',
      text: `a little chance pays: ε-greedy misses ${epsilon.toFixed(0)}, greedy ${greedy.toFixed(0)}`,
      holds: epsilon < greedy,
    }
    yield {
      kind: 'claim',
      text: `directed search pays more: Thompson sampling misses only ${Thompson.toFixed(0)}`,
      holds: Thompson < epsilon && Math.min(...Object.values(total)) >= Thompson,
    }
  },
})
