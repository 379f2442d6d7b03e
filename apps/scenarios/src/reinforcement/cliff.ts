// SARSA and Q-learning walk along a cliff: one learns to be careful, the other what would be best without mistakes.
// Source: R. Sutton and A. Barto 2018, "Reinforcement Learning", example 6.6.
import { CliffWalking, make, QLearning, Sarsa } from '@x/rl'
import { type Curve, defineScenario, type Shown } from '../scenario.ts'

const [ROWS, COLUMNS, START, GOAL] = [4, 12, 36, 47]
/** Returns below are not drawn: those of the first episodes would leave no room for the difference. */
const LEAST = -100
const ARROWS = ['↑', '→', '↓', '←']
const WAYS = { SARSA: Sarsa, 'Q-learning': QLearning } as const

export const cliff = defineScenario({
  name: 'cliff',
  topic: 'Reinforcement learning',
  title: 'SARSA against Q-learning on the cliff',
  about:
    'Every step costs 1, falling off the cliff 100, and one step in ten is random. Q-learning learns the shortest way, right ' +
    'along the edge, and keeps falling off; SARSA takes its own stumbling into account and learns to keep away.',
  options: {
    episodes: { kind: 'number', about: 'episodes of each run', default: 500, least: 100, most: 10_000 },
    runs: { kind: 'number', about: 'runs to average over', default: 30, least: 1, most: 1000 },
    epsilon: {
      kind: 'number',
      about: 'share of random steps while learning',
      default: 0.1,
      least: 0,
      most: 1,
      multipleOf: null,
    },
    alpha: { kind: 'number', about: 'step size', default: 0.5, least: 0.01, most: 1, multipleOf: null },
  },
  async *run({ options: { episodes, runs: asked, epsilon, alpha }, seed, quick, breathe }): AsyncGenerator<Shown> {
    const runs = quick ? Math.min(asked, 10) : asked
    const curves: Curve[] = []
    const late: Record<string, number> = {}
    const paths: Record<string, Walk> = {}
    for (const [name, Way] of Object.entries(WAYS)) {
      const sums = new Float64Array(episodes)
      const Q = Array.from({ length: ROWS * COLUMNS }, () => new Float64Array(4))
      for (let run = 0; run < runs; run++) {
        const env = make('CliffWalking-v1', { disableEnvChecker: true })
        const agent = new Way(env, { alpha, gamma: 1, epsilon, seed: seed + run })
        let done = 0
        for (const progress of agent.learn(env, { steps: Number.MAX_SAFE_INTEGER, seed: seed + run })) {
          for (const { reward } of progress.episodes) sums[done++] += reward / runs
          if (done >= episodes) break
        }
        agent.Q.forEach((row, s) => void row.forEach((q, a) => void (Q[s][a] += q / runs)))
        yield { kind: 'progress', done: run + 1, of: runs, note: `${name}: run ${run + 1}` }
        await breathe()
      }
      curves.push({ name, ...smoothed(sums, 10) })
      late[name] = sums.slice(-100).reduce((sum, v) => sum + v, 0) / Math.min(100, episodes)
      paths[name] = walk(Q)
      yield {
        kind: 'plot',
        id: 'returns',
        title: `return while learning, mean of the runs, cut off at ${LEAST}`,
        x: 'episode',
        y: 'return',
        curves,
      }
      yield {
        kind: 'board',
        id: name,
        title: `${name}: the way without random steps, by the mean values of the runs`,
        ...boardOf(paths[name], Q),
      }
    }
    const [careful, bold] = [late.SARSA, late['Q-learning']]
    yield {
      kind: 'claim',
      text: `while learning, SARSA returns ${careful.toFixed(1)} and Q-learning ${bold.toFixed(1)} in the last 100 episodes`,
      holds: careful > bold,
    }
    const [far, near] = [paths.SARSA, paths['Q-learning']]
    yield {
      kind: 'claim',
      text: `Q-learning has found the shortest way, ${near.steps.length} steps; that of SARSA has ${far.steps.length}`,
      holds: near.reachesGoal && near.steps.length === 13 && far.reachesGoal && far.steps.length > 13,
    }
  },
})

interface Walk {
  /** Cells that are left, and by which action. */
  readonly steps: readonly (readonly [s: number, a: number])[]
  readonly reachesGoal: boolean
}

/** The best action from cell to cell. */
function walk(Q: readonly Float64Array[]): Walk {
  const { mdp } = new CliffWalking()
  const steps: [number, number][] = []
  let s = START
  while (s !== GOAL && steps.length < 50) {
    const a = Q[s].indexOf(Math.max(...Q[s]))
    steps.push([s, a])
    s = mdp.P[s][a][0][1]
  }
  return { steps, reachesGoal: s === GOAL }
}

function boardOf({ steps }: Walk, Q: readonly Float64Array[]): { cells: string[][]; values: number[][] } {
  const taken = new Map(steps)
  const isCliff = (s: number): boolean => s > START && s < GOAL
  const best = Q.map((row) => Math.max(...row))
  const low = Math.min(...best)
  const cell = (s: number): string => (s === GOAL ? 'G' : isCliff(s) ? '▒' : (ARROWS[taken.get(s) ?? -1] ?? '·'))
  const rows = <T>(f: (s: number) => T): T[][] =>
    Array.from({ length: ROWS }, (_, r) => Array.from({ length: COLUMNS }, (_, c) => f(r * COLUMNS + c)))
  return { cells: rows(cell), values: rows((s) => (isCliff(s) ? 0 : 1 - best[s] / (low || 1))) }
}

/** Means over windows of `width` episodes. */
function smoothed(y: Float64Array, width: number): { x: number[]; y: number[] } {
  const count = Math.floor(y.length / width)
  const means = Array.from({ length: count }, (_, i) =>
    Math.max(
      LEAST,
      y.subarray(i * width, (i + 1) * width).reduce((sum, v) => sum + v / width, 0),
    ),
  )
  return { x: means.map((_, i) => (i + 0.5) * width), y: means }
}
