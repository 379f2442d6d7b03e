// Reinforcement learning: arithmetic of returns and losses, tabular updates, and exact solutions of classic environments.
import {
  CartPole,
  CliffWalking,
  categoricalEntropy,
  categoricalKl,
  categoricalLogProb,
  DoubleQLearning,
  discountedReturns,
  dqnLoss,
  dqnTarget,
  ExpectedSarsa,
  evaluatePolicy,
  type FiniteMdp,
  FrozenLake,
  finiteHorizon,
  gae,
  gradientBanditStep,
  MountainCar,
  normalEntropy,
  normalLogProb,
  policyIteration,
  ppoPolicyLoss,
  QLearning,
  RandomWalk,
  reinforceLoss,
  Sarsa,
  softmaxProbabilities,
  solvePolicy,
  squashedNormalLogProb,
  uniformPolicy,
  upperConfidenceBounds,
  valueIteration,
} from '@x/rl'
import { agreeValues, Mismatch } from '../compare.ts'
import type { Case } from '../read.ts'
import type { Check, Table } from './table.ts'

/** A check of numbers that tensors have no part in: the same in both precisions. */
const numbers = (
  run: (
    rest: Case['rest'],
    args: Case['args'],
  ) => readonly (readonly [what: string, got: ArrayLike<number>, want: unknown])[],
): Check => ({
  check: ({ rest, args }) => {
    for (const [what, got, want] of run(rest, args))
      agreeValues(what, got, [want].flat(Number.POSITIVE_INFINITY) as number[], { exact: true })
  },
})

const flat = (Q: readonly Float64Array[]): number[] => Q.flatMap((row) => [...row])

function agreeText(what: string, got: unknown, want: unknown): void {
  if (got !== want) throw new Mismatch(`${what} is ${want}, ours ${got}`)
}

const returnsAndGae = numbers(({ rewards, dones, values, returns, advantages }, { gamma, lambda }) => {
  const n = rewards.length
  const bootstrap = values.slice(n)
  const estimate = gae(
    { rewards, values: values.slice(0, n), bootstrapValue: bootstrap, terminated: dones },
    { gamma, lambda },
  )
  return [
    ['returns', discountedReturns(rewards, dones, bootstrap, { gamma }), returns],
    ['advantages', estimate.advantages, advantages],
  ]
})

const planning = numbers(
  ({ P, R, V_star, Q_star, policy, V_uniform_policy, V_after_5_sweeps_from_zero }, { gamma }) => {
    const table: FiniteMdp['P'] = P.map((row: number[][], s: number) =>
      row.map((next, a) => next.map((p, s2) => [p, s2, R[s][a], false] as const)),
    )
    const mdp: FiniteMdp = { P: table, start: P.map((_: unknown, s: number) => Number(s === 0)) }
    const exact = policyIteration(mdp, { gamma })
    return [
      ['V', exact.V, V_star],
      ['Q', flat(exact.Q), Q_star],
      ['policy', exact.policy, policy],
      ['V by sweeps', valueIteration(mdp, { gamma, theta: 1e-13 }).V, V_star],
      ['V of the uniform policy', solvePolicy(mdp, uniformPolicy(mdp), { gamma }), V_uniform_policy],
      ['V after 5 sweeps', finiteHorizon(mdp, { horizon: 5, gamma }), V_after_5_sweeps_from_zero],
    ]
  },
)

type Row = readonly [s: number, a: number, reward: number, next: number, nextAction: number, done: number, coin: number]

const sizes = ({ Q }: Case['rest']): { states: number; actions: number } => ({ states: Q.length, actions: Q[0].length })

/** An agent that learns from recorded steps: its tables agree at the end. */
const learned = <T>(
  make: (size: { states: number; actions: number }, options: Case['args']) => T,
  update: (agent: T, row: Row) => void,
  tables: (agent: T) => readonly (readonly Float64Array[])[],
): Check =>
  numbers((rest, args) => {
    const agent = make(sizes(rest), args)
    for (const row of rest.transitions) update(agent, row)
    return tables(agent).map((Q, i) => [`table ${i}`, flat(Q), i === 0 ? rest.Q : rest.Q2] as const)
  })

/** Recorded episodes of float64 states, followed from the first one on. */
const followed = (make: (args: Case['args']) => CartPole | MountainCar): Check => ({
  check: ({ rest, args }) => {
    const env = make(args ?? {})
    const [first, ...states] = rest.states as number[][]
    env.state = first
    rest.actions.slice(0, states.length).forEach((action: number, t: number) => {
      env.step(action)
      agreeValues(`state ${t + 1}`, env.state as Float64Array, states[t], { exact: true })
    })
  },
})

/** CartPole's constants under our names. */
const PHYSICS: Readonly<Record<string, string>> = { masscart: 'massCart', masspole: 'massPole', force: 'forceMag' }

export const rl: Table = {
  'discounted returns & GAE': returnsAndGae,
  'value/policy iteration': planning,
  'q-learning': learned(
    (size, options) => new QLearning(size, options),
    (agent, [s, a, reward, next, , done]) => agent.update(s, a, reward, next, done === 1),
    ({ Q }) => [Q],
  ),
  sarsa: learned(
    (size, options) => new Sarsa(size, options),
    (agent, [s, a, reward, next, nextAction, done]) => agent.update(s, a, reward, next, nextAction, done === 1),
    ({ Q }) => [Q],
  ),
  'expected-sarsa': learned(
    (size, options) => new ExpectedSarsa(size, options),
    (agent, [s, a, reward, next, , done]) => agent.update(s, a, reward, next, done === 1),
    ({ Q }) => [Q],
  ),
  'double-q': learned(
    (size, options) => new DoubleQLearning(size, options),
    (agent, [s, a, reward, next, , done, coin]) => agent.update(s, a, reward, next, done === 1, coin === 1),
    ({ Q1, Q2 }) => [Q1, Q2],
  ),
  'PPO clipped surrogate (to be minimised)': ({ logits, actions, old_logp, adv }, { clip }) =>
    ppoPolicyLoss(categoricalLogProb(logits, actions), old_logp, adv, clip),
  '-(log pi(a|s) * G).mean()': ({ logits, actions, G }) => reinforceLoss(logits, actions, G),
  'categorical entropy per row': ({ logits }) => categoricalEntropy(logits),
  'diag gaussian log prob & entropy': ({ mu, log_std, x }) => [
    normalLogProb(x, mu, log_std),
    normalEntropy(log_std.expand(mu.shape)),
  ],
  'SAC squashed gaussian: a=tanh(u), logp = N(u) - sum log(1-a^2) (stable form 2*(log2-u-softplus(-2u)))': ({
    mu,
    log_std,
    u,
  }) => squashedNormalLogProb(u, mu, log_std),
  'KL(p||q) logits': ({ p, q }) => categoricalKl(p, q),
  'smooth_l1(Q[s,a], r+gamma*(1-d)*max Qn)': ({ q, actions, r, d, qn }, { gamma }) =>
    dqnLoss(q, actions, dqnTarget(r, d, qn, { gamma })),
  'CartPole-v1 dynamics (euler, f64)': followed(
    (args) => new CartPole(Object.fromEntries(Object.entries(args).map(([name, v]) => [PHYSICS[name] ?? name, v]))),
  ),
  'MountainCar-v0 dynamics': followed(() => new MountainCar()),
}

const frozenLake = numbers((rest, { map, slippery, gamma, actions }) => {
  agreeText('the order of actions', '0 left 1 down 2 right 3 up; slip: a-1,a,a+1 each 1/3', actions)
  const { mdp } = new FrozenLake({ desc: map, isSlippery: slippery })
  const { V, Q } = policyIteration(mdp, { gamma })
  return [
    ['V', V, rest.V_star],
    ['Q', flat(Q), rest.Q_star],
    ['V of the uniform policy', evaluatePolicy(mdp, uniformPolicy(mdp), { gamma, theta: 1e-14 }).V, rest.V_uniform],
  ]
})

const cliff = numbers((rest, { gamma, start, goal, actions }) => {
  agreeText('the order of actions', '0 up 1 right 2 down 3 left', actions)
  const { mdp } = new CliffWalking()
  agreeText('the start', mdp.start[start], 1)
  const { V } = policyIteration(mdp, { gamma })
  // Nobody acts at the goal any more.
  return [['V', V.map((v, s) => (s === goal ? 0 : v)), rest.V_star]]
})

const walk = numbers(({ true_values }) => {
  const { mdp } = new RandomWalk({ states: true_values.length })
  return [['V', solvePolicy(mdp, uniformPolicy(mdp), { gamma: 1 }).slice(1, -1), true_values]]
})

const bandits = numbers(({ ucb, softmax, gradient_bandit_step: step }, { counts, means, t, c, temperature }) => {
  const H = Float64Array.from(step.H0)
  gradientBanditStep(H, step.action, step.reward, step)
  return [
    ['bounds', upperConfidenceBounds(means, counts, t, c), ucb],
    ['probabilities', softmaxProbabilities(means, temperature), softmax],
    ['preferences', H, step.H1],
  ]
})

export const rlEnvs: Table = {
  FrozenLake: frozenLake,
  'CliffWalking 4x12': cliff,
  '5-state random walk': walk,
  'bandit formulas': bandits,
}
