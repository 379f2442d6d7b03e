// What agents are to learn, by which settings, and the bars they are measured by.

import {
  CliffWalking,
  type EvaluationOptions,
  evaluate,
  type FiniteMdp,
  FrozenLake,
  finiteHorizon,
  greedyPolicy,
  make,
  makeVec,
  QLearning,
  Sarsa,
  solvePolicy,
  type Trainable,
  train,
  type VectorEnv,
} from '@x/rl'
import {
  A2C,
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
  /** CPU seconds that may be taken; null for any. */
  readonly limit: number | null
  readonly run: (seed: number) => Run
}

function timed<T>(f: () => T): [T, seconds: number] {
  const before = process.cpuUsage()
  const result = f()
  const { user, system } = process.cpuUsage(before)
  return [result, (user + system) / 1e6]
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

/** The exact value of a table's policy that takes its best action but for a share of random ones. */
function exactValue(mdp: FiniteMdp, Q: Parameters<typeof greedyPolicy>[0], epsilon: number, gamma: number): number {
  const policy = Array.from(greedyPolicy(Q), (best) =>
    mdp.P[0].map((_, a) => epsilon / mdp.P[0].length + (a === best ? 1 - epsilon : 0)),
  )
  return startValue(mdp, solvePolicy(mdp, policy, { gamma }))
}

const acrobotLong: Preset<object> = {
  numEnvs: 16,
  steps: 1_000_000,
  options: {
    nSteps: 128,
    batchSize: 512,
    nEpochs: 6,
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
    limit: 1.5,
    run: deep(PPO, 'CartPole-v1', ppoPresets['CartPole-v1']),
  },
  {
    id: 'dqn-cartpole',
    what: 'DQN 64x64, CartPole-v1, best checkpoint of 50 000 steps',
    bar: 475,
    limit: 4,
    run: deep(DQN, 'CartPole-v1', dqnPresets['CartPole-v1'], best(2500)),
  },
  {
    id: 'a2c-cartpole',
    what: 'A2C, CartPole-v1, 200 000 steps',
    bar: 475,
    limit: null,
    run: deep(A2C, 'CartPole-v1', { numEnvs: 8, steps: 200_000, options: {} }),
  },
  {
    id: 'reinforce-cartpole',
    what: 'REINFORCE with baseline, CartPole-v1, 100 000 steps',
    bar: null,
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
    limit: null,
    run: deep(PPO, 'Acrobot-v1', ppoPresets['Acrobot-v1']),
  },
  {
    id: 'ppo-acrobot-long',
    what: 'PPO, Acrobot-v1, 1 000 000 steps',
    bar: -82,
    limit: null,
    run: deep(PPO, 'Acrobot-v1', acrobotLong),
  },
  {
    id: 'dqn-mountaincar',
    what: 'DQN, MountainCar-v0, best checkpoint of 120 000 steps',
    bar: -110,
    limit: null,
    run: deep(DQN, 'MountainCar-v0', dqnPresets['MountainCar-v0'], best(5000)),
  },
  {
    id: 'ppo-pendulum',
    what: 'PPO, Pendulum-v1, 100 000 steps',
    bar: null,
    limit: null,
    run: deep(PPO, 'Pendulum-v1', ppoPresets['Pendulum-v1'], { episodes: 750 }),
  },
  {
    id: 'sac-pendulum',
    what: 'SAC 64x64, Pendulum-v1, 10 000 steps',
    bar: -165,
    limit: 8,
    run: deep(SAC, 'Pendulum-v1', sacPresets['Pendulum-v1'], { episodes: 750 }),
  },
  {
    id: 'td3-pendulum',
    what: 'TD3 64x64, Pendulum-v1, 10 000 steps',
    bar: -185,
    limit: null,
    run: deep(TD3, 'Pendulum-v1', td3Presets['Pendulum-v1'], { episodes: 750 }),
  },
  {
    id: 'ddpg-pendulum',
    what: 'DDPG 64x64, Pendulum-v1, 10 000 steps',
    bar: null,
    limit: null,
    run: deep(DDPG, 'Pendulum-v1', ddpgPresets['Pendulum-v1'], { episodes: 750 }),
  },
  {
    id: 'q-lake',
    what: 'Q-learning, slippery FrozenLake-v1, 500 000 steps, exact success in 100 steps (.744 at best)',
    bar: 0.744 - 0.02,
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
    what: 'SARSA, CliffWalking-v1, ε = 0.1, γ = 0.99, 300 000 steps, exact value of the ε-soft policy (−19.290 at best)',
    bar: -19.3,
    limit: null,
    run: (seed) => {
      const { mdp } = new CliffWalking()
      const env = make('CliffWalking-v1')
      const agent = new Sarsa(env, {
        alpha: (n) => Math.max(0.005, 0.5 / (1 + n / 2000)),
        gamma: 0.99,
        epsilon: 0.1,
        seed,
      })
      const [, seconds] = timed(() => train(agent, env, { steps: 300_000, seed }))
      return { value: exactValue(mdp, agent.Q, 0.1, 0.99), seconds }
    },
  },
  {
    id: 'q-cliff',
    what: 'Q-learning, CliffWalking-v1, γ = 0.99, 100 000 steps, exact value of the greedy policy (−12.248 at best)',
    bar: -12.25,
    limit: null,
    run: (seed) => {
      const { mdp } = new CliffWalking()
      const env = make('CliffWalking-v1')
      const agent = new QLearning(env, { alpha: 0.5, gamma: 0.99, seed })
      const [, seconds] = timed(() => train(agent, env, { steps: 100_000, seed }))
      return { value: exactValue(mdp, agent.Q, 0, 0.99), seconds }
    },
  },
]
