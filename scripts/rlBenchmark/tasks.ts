// What agents are to learn, by which settings, and the bars they are measured by.

import {
  bestReturn,
  CliffWalking,
  type EvaluationOptions,
  evaluate,
  type FiniteMdp,
  FrozenLake,
  finiteHorizon,
  greedyPolicy,
  linearSchedule,
  make,
  makeVec,
  policyIteration,
  QLearning,
  Sarsa,
  solvePolicy,
  type Trainable,
  train,
  trainAsync,
  type VectorEnv,
} from '@x/rl'
import {
  A2C,
  A3C,
  DDPG,
  DQN,
  ddpgPresets,
  dqnPresets,
  PPO,
  type Preset,
  ppoPresets,
  Reinforce,
  SAC,
  sacPresets,
  TD3,
  td3Presets,
} from '@x/rl/agents'

/** What a run came to. */
export interface Run {
  /** Mean return over starts that were not learned on, or the exact value of what was learned. */
  readonly value: number
  /** CPU seconds of the training, with its evaluations. */
  readonly seconds: number
}

export interface Task {
  readonly id: string
  readonly what: string
  /** What is to be reached; null where nothing is asked. */
  readonly bar: number | null
  /** What the best policy gets, exactly or as far as it is known. */
  readonly best: number
  /** CPU seconds that may be taken; null for any. */
  readonly limit: number | null
  /** Decimals that are written, where the usual ones are too few. */
  readonly decimals?: number
  /** CPU seconds of Stable-Baselines3 at the same task, as measured when the bar was set. */
  readonly peer?: string
  readonly run: (seed: number) => Run | Promise<Run>
}

function secondsSince(begin: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begin)
  return (user + system) / 1e6
}

function timed<T>(f: () => T): [T, seconds: number] {
  const begin = process.cpuUsage()
  return [f(), secondsSince(begin)]
}

/** A class of agents. */
type Maker<Options> = new (env: VectorEnv, options: Options & { seed: number }) => Trainable & { dispose(): void }

/** Trains by a preset and evaluates on starts of their own. */
function deep<Options>(
  Agent: Maker<Options>,
  id: string,
  preset: Preset<Options>,
  settings: { episodes?: number; evaluation?: Omit<EvaluationOptions, 'env'> } = {},
): (seed: number) => Run {
  return (seed) => {
    const { numEnvs, steps, options } = preset
    const envs = makeVec(id, { numEnvs, autoresetMode: 'same-step' })
    const agent = new Agent(envs, { ...options, seed })
    const evaluation = settings.evaluation && { env: id, ...settings.evaluation }
    const [, seconds] = timed(() => train(agent, envs, { steps, seed, evaluation }))
    const { mean: value } = evaluate(agent, id, { episodes: settings.episodes ?? 100, seed: 12_345 })
    envs.close()
    agent.dispose()
    return { value, seconds }
  }
}

const startValue = ({ start }: FiniteMdp, V: ArrayLike<number>): number =>
  Array.from(start).reduce((sum, p, s) => sum + p * V[s], 0)

/** The same task where another action than the chosen one is taken with so much chance as ε-greedy policies have it. */
function stumbling(mdp: FiniteMdp, epsilon: number): FiniteMdp {
  const P = mdp.P.map((row) => {
    const mixed = row.flatMap((outcomes) =>
      outcomes.map(([p, ...rest]) => [p * (epsilon / row.length), ...rest] as const),
    )
    return row.map((outcomes) => [...outcomes.map(([p, ...rest]) => [p * (1 - epsilon), ...rest] as const), ...mixed])
  })
  return { ...mdp, P }
}

/** The exact value at the start of the best policy, or of the best actions of a table. */
function exactValue(mdp: FiniteMdp, gamma: number, Q?: Parameters<typeof greedyPolicy>[0]): number {
  return startValue(mdp, Q ? solvePolicy(mdp, greedyPolicy(Q), { gamma }) : policyIteration(mdp, { gamma }).V)
}

const CLIFF = new CliffWalking().mdp

const bestOf = (id: string): number => bestReturn(id) as number

const acrobotLong: Preset<object> = {
  numEnvs: 64,
  steps: 1_000_000,
  options: {
    nSteps: 64,
    batchSize: 512,
    nEpochs: 10,
    gaeLambda: 0.94,
    learningRate: (remaining: number) => 1e-3 * remaining,
    clipRange: (remaining: number) => 0.2 * remaining,
  },
}

/** Evaluations on the way whose best weights are kept. */
const best = (every: number, stopAt?: number): { evaluation: Omit<EvaluationOptions, 'env'> } => ({
  evaluation: { every, episodes: 20, seed: 777, stopAt },
})

export const tasks: readonly Task[] = [
  {
    id: 'ppo-cartpole',
    what: 'PPO, CartPole-v1, 50 000 steps',
    bar: 475,
    best: bestOf('CartPole-v1'),
    limit: 1.5,
    peer: '1.3 to 3.5',
    run: deep(PPO, 'CartPole-v1', ppoPresets['CartPole-v1']),
  },
  {
    id: 'dqn-cartpole',
    what: 'DQN 64x64, CartPole-v1, best checkpoint of 50 000 steps',
    bar: 475,
    best: bestOf('CartPole-v1'),
    limit: 4,
    peer: '9 to 13',
    run: deep(DQN, 'CartPole-v1', dqnPresets['CartPole-v1'], best(2500)),
  },
  {
    id: 'a2c-cartpole',
    what: 'A2C, CartPole-v1, 200 000 steps',
    bar: 475,
    best: bestOf('CartPole-v1'),
    limit: null,
    run: deep(A2C, 'CartPole-v1', { numEnvs: 8, steps: 200_000, options: {} }),
  },
  {
    id: 'a3c-cartpole',
    what: 'A3C, CartPole-v1, 200 000 steps of 2 threads together, whose order no seed settles',
    bar: null,
    best: bestOf('CartPole-v1'),
    limit: null,
    run: async (seed) => {
      const agent = new A3C('CartPole-v1', { workers: 2, seed })
      const begin = process.cpuUsage()
      await trainAsync(agent, { steps: 200_000, seed })
      const seconds = secondsSince(begin)
      const { mean: value } = evaluate(agent, 'CartPole-v1', { seed: 12_345 })
      agent.dispose()
      return { value, seconds }
    },
  },
  {
    id: 'reinforce-cartpole',
    what: 'REINFORCE with baseline, CartPole-v1, 100 000 steps',
    bar: null,
    best: bestOf('CartPole-v1'),
    limit: null,
    run: (seed) => {
      const env = make('CartPole-v1')
      const agent = new Reinforce(env, { seed })
      const [, seconds] = timed(() => train(agent, env, { steps: 100_000, seed }))
      const { mean: value } = evaluate(agent, 'CartPole-v1', { seed: 12_345 })
      agent.dispose()
      return { value, seconds }
    },
  },
  {
    id: 'ppo-acrobot',
    what: 'PPO, Acrobot-v1, 100 000 steps',
    bar: -100,
    best: bestOf('Acrobot-v1'),
    limit: null,
    run: deep(PPO, 'Acrobot-v1', ppoPresets['Acrobot-v1'], { episodes: 500 }),
  },
  {
    id: 'ppo-acrobot-long',
    what: 'PPO, Acrobot-v1, 1 000 000 steps',
    bar: -82,
    best: bestOf('Acrobot-v1'),
    limit: null,
    run: deep(PPO, 'Acrobot-v1', acrobotLong, { episodes: 500 }),
  },
  {
    id: 'dqn-mountaincar',
    what: 'DQN, MountainCar-v0, best checkpoint of 120 000 steps',
    bar: -110,
    best: bestOf('MountainCar-v0'),
    limit: null,
    run: deep(DQN, 'MountainCar-v0', dqnPresets['MountainCar-v0'], best(5000)),
  },
  {
    id: 'ppo-pendulum',
    what: 'PPO, Pendulum-v1, 100 000 steps',
    bar: null,
    best: bestOf('Pendulum-v1'),
    limit: null,
    run: deep(PPO, 'Pendulum-v1', ppoPresets['Pendulum-v1'], { episodes: 750 }),
  },
  {
    id: 'sac-pendulum',
    what: 'SAC 64x64, Pendulum-v1, 10 000 steps',
    bar: -165,
    best: bestOf('Pendulum-v1'),
    limit: 8,
    peer: '20',
    run: deep(SAC, 'Pendulum-v1', sacPresets['Pendulum-v1'], { episodes: 750 }),
  },
  {
    id: 'td3-pendulum',
    what: 'TD3 64x64, Pendulum-v1, 10 000 steps',
    bar: -185,
    best: bestOf('Pendulum-v1'),
    limit: null,
    run: deep(TD3, 'Pendulum-v1', td3Presets['Pendulum-v1'], { episodes: 750 }),
  },
  {
    id: 'ddpg-pendulum',
    what: 'DDPG 64x64, Pendulum-v1, 10 000 steps',
    bar: null,
    best: bestOf('Pendulum-v1'),
    limit: null,
    run: deep(DDPG, 'Pendulum-v1', ddpgPresets['Pendulum-v1'], { episodes: 750 }),
  },
  {
    id: 'q-lake',
    what: 'Q-learning, slippery FrozenLake-v1, 500 000 steps, exact chance of the goal in 100 steps',
    bar: 0.744 - 0.02,
    best: bestOf('FrozenLake-v1'),
    limit: null,
    run: (seed) => {
      const { mdp } = new FrozenLake()
      const env = make('FrozenLake-v1')
      const agent = new QLearning(env, {
        alpha: (n) => Math.max(0.01, 0.5 * 0.99999 ** n),
        gamma: 0.99,
        epsilon: (n) => Math.max(0.1, 1 - n / 300_000),
        seed,
      })
      const [, seconds] = timed(() => train(agent, env, { steps: 500_000, seed }))
      return { value: startValue(mdp, finiteHorizon(mdp, { horizon: 100, policy: greedyPolicy(agent.Q) })), seconds }
    },
  },
  {
    id: 'sarsa-cliff',
    what: 'SARSA, CliffWalking-v1, ε 0.1, γ 0.99, 1 000 000 steps, exact value of the ε-soft policy',
    bar: -19.295,
    best: exactValue(stumbling(CLIFF, 0.1), 0.99),
    limit: null,
    decimals: 3,
    run: (seed) => {
      const env = make('CliffWalking-v1')
      const steps = 1_000_000
      const agent = new Sarsa(env, { alpha: linearSchedule(0.05, 0.001, steps), gamma: 0.99, epsilon: 0.1, seed })
      const [, seconds] = timed(() => train(agent, env, { steps, seed }))
      return { value: exactValue(stumbling(CLIFF, 0.1), 0.99, agent.Q), seconds }
    },
  },
  {
    id: 'q-cliff',
    what: 'Q-learning, CliffWalking-v1, γ 0.99, 100 000 steps, exact value of the greedy policy',
    bar: -12.25,
    best: exactValue(CLIFF, 0.99),
    limit: null,
    decimals: 3,
    run: (seed) => {
      const env = make('CliffWalking-v1')
      const agent = new QLearning(env, { alpha: 0.5, gamma: 0.99, seed })
      const [, seconds] = timed(() => train(agent, env, { steps: 100_000, seed }))
      return { value: exactValue(CLIFF, 0.99, agent.Q), seconds }
    },
  },
]
