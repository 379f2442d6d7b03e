// Recorded updates of tabular methods, bandits, advantages and planning.
import {
  cemUpdate,
  DoubleQLearning,
  discountedSum,
  ExpectedSarsa,
  GradientBandit,
  gae,
  importanceWeights,
  klUpperBound,
  lqr,
  MonteCarloPrediction,
  NStepSarsa,
  QLearning,
  quadraticCost,
  Sarsa,
  SarsaLambda,
  SumTree,
  TD,
  type TraceKind,
  UCB,
  vtrace,
  WatkinsQLambda,
} from '@x/rl'
import { close, type Json, Mismatch, same } from './outcome.ts'

/** A recorded step: state, action, reward, next state, whether it ended the episode, next action. */
type Row = readonly [s: number, a: number, reward: number, next: number, done: number, nextAction: number]

interface Log {
  readonly sizes: { states: number; actions: number }
  readonly options: { alpha: number; gamma: number; epsilon: number }
  readonly rows: readonly Row[]
}

function logOf({ nS, nA, alpha, gamma, epsilon, transitions }: Json): Log {
  return { sizes: { states: nS, actions: nA }, options: { alpha, gamma, epsilon }, rows: transitions }
}

const tables = (...Q: readonly (readonly Float64Array[])[]): number[] => Q.flat().flatMap((row) => [...row])

/** The whole episodes of a log; what follows the last end is left out. */
function episodesOf(rows: readonly Row[]): Row[][] {
  const episodes: Row[][] = [[]]
  for (const row of rows) {
    episodes.at(-1)?.push(row)
    if (row[4]) episodes.push([])
  }
  return episodes.slice(0, -1)
}

const traced =
  (traces: TraceKind) =>
  (input: Json): unknown => {
    const { sizes, options, rows } = logOf(input)
    const { alpha, gamma } = options
    const td = new TD(sizes, { alpha, gamma, lambda: input.lambda_, traces })
    for (const [s, , reward, next, done] of rows) td.update(s, reward, next, done === 1)
    return td.V
  }

const tracedControl =
  (Agent: typeof SarsaLambda | typeof WatkinsQLambda) =>
  (input: Json): unknown => {
    const { sizes, options, rows } = logOf(input)
    const agent = new Agent(sizes, { ...options, lambda: input.lambda_ })
    for (const [s, a, reward, next, done, nextAction] of rows) agent.update(s, a, reward, next, nextAction, done === 1)
    return tables(agent.Q)
  }

const nStepSarsa =
  (n: number) =>
  (input: Json): unknown => {
    const { sizes, options, rows } = logOf(input)
    const agent = new NStepSarsa(sizes, { ...options, n })
    for (const episode of episodesOf(rows)) {
      const steps = episode.map(([s, a, reward]) => ({ s, a, reward }))
      steps.forEach((_, t) => {
        const then = steps[t + n]
        agent.update(steps.slice(t, t + n), then ? [then.s, then.a] : null)
      })
    }
    return tables(agent.Q)
  }

const monteCarlo =
  (visits: 'first' | 'every') =>
  (input: Json): unknown => {
    const { sizes, options, rows } = logOf(input)
    const agent = new MonteCarloPrediction(sizes, { gamma: options.gamma, visits })
    for (const episode of episodesOf(rows)) agent.update(episode.map(([s, , reward]) => ({ s, reward })))
    return { V: agent.V, N: agent.N }
  }

function advantages(input: Json): unknown {
  const { gamma, lambda_: lambda, bootstrapValue, ...steps } = input
  const [rewards, values, terminated, truncated, finalValues] = [
    steps.rewards,
    steps.values,
    steps.terminated,
    steps.truncated,
    steps.finalObsValue,
  ].map((list) => list.flat() as number[])
  const options = { gamma, lambda, environments: steps.rewards[0].length }
  const right = gae({ rewards, values, bootstrapValue, terminated, truncated, finalValues }, options)
  const ended = terminated.map((flag, i) => flag | truncated[i])
  const wrong = gae({ rewards, values, bootstrapValue, terminated: ended }, options)
  return { ...right, advantagesIfTruncationTreatedAsTermination: wrong.advantages }
}

function pulls({ c, rewardTable }: Json): unknown {
  same('c', c, 'sqrt(2)')
  const agent = new UCB(rewardTable.length)
  const paid = rewardTable.map(() => 0)
  const actions: number[] = []
  const count = rewardTable[0].length
  for (let t = 0; t < count; t++) {
    const arm = agent.act()
    actions.push(arm)
    agent.update(arm, rewardTable[arm][paid[arm]++])
  }
  return { actions, means: agent.values, counts: agent.counts }
}

function gradientBandit({ alpha, actions, rewards, K }: Json): unknown {
  const agent = new GradientBandit(K, { alpha })
  actions.forEach((arm: number, t: number) => {
    agent.update(arm, rewards[t])
  })
  return { H: agent.H, baseline: agent.baseline }
}

function regulator({ A, B, Q, R, x0, horizon }: Json): unknown {
  const forEver = lqr({ A, B, Q, R })
  const finite = lqr({ A, B, Q, R }, { horizon })
  const matrix = (M: readonly Float64Array[]): number[][] => M.map((row) => [...row])
  return {
    P: matrix(forEver.P),
    K: matrix(forEver.K),
    optimalInfiniteCost: quadraticCost(forEver.P, x0),
    finiteHorizonCost: quadraticCost(finite.P, x0),
    firstAction: finite.K.map((row) => -row.reduce((sum, k, i) => sum + k * x0[i], 0)),
  }
}

function crossEntropy({ samples, scores, nElite, mean, std, smoothing }: Json): unknown {
  const result = cemUpdate(samples, scores, { elites: nElite, mean, std, smoothing })
  return { eliteIndices: result.elites, newMean: result.mean, newStd: result.std }
}

function prioritized({ priorities, alpha, beta, stratifiedU }: Json): unknown {
  const tree = new SumTree(priorities.length)
  priorities.forEach((p: number, i: number) => {
    tree.set(i, p ** alpha)
  })
  const indices = tree.stratified(stratifiedU)
  const probabilities = Array.from(indices, (i) => tree.get(i) / tree.total)
  const count = priorities.length
  return {
    indices,
    probabilities,
    weightsMaxNormalisedInBatch: importanceWeights(probabilities, { count, beta }),
    weightsNormalisedByBufferMin: importanceWeights(probabilities, { count, beta, least: tree.minimum / tree.total }),
  }
}

/** What is computed of a case's input, by the name of the case. */
const UPDATES: Readonly<Record<string, (input: Json) => unknown>> = {
  'q-learning': (input) => {
    const { sizes, options, rows } = logOf(input)
    const agent = new QLearning(sizes, options)
    for (const [s, a, reward, next, done] of rows) agent.update(s, a, reward, next, done === 1)
    return tables(agent.Q)
  },
  sarsa: (input) => {
    const { sizes, options, rows } = logOf(input)
    const agent = new Sarsa(sizes, options)
    for (const [s, a, reward, next, done, nextAction] of rows) agent.update(s, a, reward, next, nextAction, done === 1)
    return tables(agent.Q)
  },
  'expected-sarsa': (input) => {
    const { sizes, options, rows } = logOf(input)
    const agent = new ExpectedSarsa(sizes, options)
    for (const [s, a, reward, next, done] of rows) agent.update(s, a, reward, next, done === 1)
    return tables(agent.Q)
  },
  'double-q-learning': (input) => {
    const { sizes, options, rows } = logOf(input)
    const agent = new DoubleQLearning(sizes, options)
    rows.forEach(([s, a, reward, next, done], t) => {
      agent.update(s, a, reward, next, done === 1, input.coins[t] === 0)
    })
    return tables(agent.Q1, agent.Q2)
  },
  'td-lambda-accumulating': traced('accumulating'),
  'td-lambda-replacing': traced('replacing'),
  'td-lambda-dutch-(true-online)': traced('dutch'),
  'sarsa-lambda-replacing': tracedControl(SarsaLambda),
  'watkins-q-lambda': tracedControl(WatkinsQLambda),
  'mc-prediction-first-visit': monteCarlo('first'),
  'mc-prediction-every-visit': monteCarlo('every'),
  gae: advantages,
  'v-trace': ({ gamma, rho, rewards, values, bootstrapValue, terminated, rhoBar, cBar }) => {
    const inputs = { ratios: rho, rewards, values, bootstrapValue, terminated }
    const { targets, advantages } = vtrace(inputs, { gamma, rhoBar, cBar })
    return { vs: targets, pgAdvantages: advantages }
  },
  'discounted-cumsum': ({ x, gamma }) => discountedSum(x, gamma),
  ucb1: pulls,
  'gradient-bandit': gradientBandit,
  'kl-ucb-index-bernoulli': ({ mean_n_t }) => mean_n_t.map(([mean, n, t]: number[]) => klUpperBound(mean, n, t)),
  'lqr-and-finite-horizon-mpc': regulator,
  'cem-update': crossEntropy,
  'prioritized-replay': prioritized,
}

/** @throws Mismatch unless the case's output follows from its input */
export function checkUpdate({ name, input, output }: Json): void {
  const steps = /^(\d+)-step-sarsa$/.exec(name)
  const compute = steps ? nStepSarsa(Number(steps[1])) : Object.hasOwn(UPDATES, name) ? UPDATES[name] : null
  if (!compute) throw new Mismatch(`nothing computes '${name}'`)
  compare(name, compute(input), output)
}

/** Every number of what was recorded must have been computed. */
export function compare(what: string, got: Json, want: Json): void {
  if (typeof want !== 'object' || Array.isArray(want)) {
    close(what, got, want)
    return
  }
  for (const [name, value] of Object.entries(want)) {
    if (got[name] === undefined) throw new Mismatch(`nothing computes ${what}.${name}`)
    compare(`${what}.${name}`, got[name], value)
  }
}
