import { describe, expect, test } from 'vitest'
import { A2C, DDPG, DQN, PPO, Reinforce, SAC, TD3 } from '../agents/index.ts'
import { make } from '../env/registry.ts'
import {
  DoubleQLearning,
  DynaQ,
  EpsilonGreedyBandit,
  ExpectedSarsa,
  GradientBandit,
  KLUCB,
  MonteCarloControl,
  NStepSarsa,
  OffPolicyMonteCarlo,
  QLearning,
  Sarsa,
  SarsaLambda,
  ThompsonSampling,
  UCB,
  WatkinsQLambda,
} from '../index.ts'
import { ModelBasedAgent } from '../planning/index.ts'
import { makeVec } from '../vector/makeVec.ts'
import type { VectorEnv } from '../vector/vectorEnv.ts'
import { type LogRow, type Savable, type Trainable, type TrainOptions, train } from './train.ts'

type Whole = Trainable & Savable & { dispose?(): void }

interface Subject {
  readonly make: (seed: number) => Whole
  readonly env: () => VectorEnv | ReturnType<typeof make>
  readonly evaluation: TrainOptions['evaluation']
}

const poles = (): VectorEnv => makeVec('CartPole-v1', { numEnvs: 2, autoresetMode: 'same-step' })
const pendulums = (): VectorEnv => makeVec('Pendulum-v1', { numEnvs: 2, autoresetMode: 'same-step' })
const small = { hidden: [8] }
const falling = { learningRate: (left: number) => 1e-3 * left }
const off = { ...small, batchSize: 16, learningStarts: 50 }
const pole = { env: 'CartPole-v1', episodes: 3, every: 150 }
const pendulum = { env: 'Pendulum-v1', episodes: 2, every: 200 }
const deep: Readonly<Record<string, Subject>> = {
  PPO: {
    make: (seed) => new PPO(poles(), { ...small, ...falling, nSteps: 16, batchSize: 16, nEpochs: 2, seed }),
    env: poles,
    evaluation: pole,
  },
  A2C: { make: (seed) => new A2C(poles(), { ...small, ...falling, seed }), env: poles, evaluation: pole },
  Reinforce: {
    make: (seed) => new Reinforce(make('CartPole-v1'), { ...small, ...falling, seed }),
    env: () => make('CartPole-v1'),
    evaluation: pole,
  },
  DQN: {
    make: (seed) => new DQN(poles(), { ...off, ...falling, prioritized: true, nStep: 3, dueling: true, seed }),
    env: poles,
    evaluation: pole,
  },
  SAC: { make: (seed) => new SAC(pendulums(), { ...off, seed }), env: pendulums, evaluation: pendulum },
  TD3: { make: (seed) => new TD3(pendulums(), { ...off, seed }), env: pendulums, evaluation: pendulum },
  DDPG: { make: (seed) => new DDPG(pendulums(), { ...off, seed }), env: pendulums, evaluation: pendulum },
}

const lake = (): ReturnType<typeof make> => make('FrozenLake-v1')
const crossing = { env: 'FrozenLake-v1', episodes: 20, every: 250 }
const tables = { QLearning, Sarsa, ExpectedSarsa, DoubleQLearning, DynaQ, NStepSarsa, SarsaLambda, WatkinsQLambda }
const tabular = Object.fromEntries(
  Object.entries({ ...tables, MonteCarloControl, OffPolicyMonteCarlo }).map(([name, Method]): [string, Subject] => [
    name,
    {
      make: (seed) => new Method(lake() as never, { epsilon: (steps: number) => 1 / (1 + steps / 500), seed }) as never,
      env: lake,
      evaluation: crossing,
    },
  ]),
)

const arms = (): ReturnType<typeof make> => make('Bandit-v0', { rewards: 'bernoulli', maxEpisodeSteps: 50 })
const bandits = Object.fromEntries(
  Object.entries({ EpsilonGreedyBandit, UCB, KLUCB, GradientBandit, ThompsonSampling }).map(
    ([name, Method]): [string, Subject] => [
      name,
      {
        make: (seed) => new Method(arms(), { seed }) as never,
        env: arms,
        evaluation: { env: 'Bandit-v0', episodes: 2 },
      },
    ],
  ),
)
const swing = (): ReturnType<typeof make> => make('Pendulum-v1') as never
const planning = { hidden: 8, horizon: 3, samples: 4, iterations: 1, elites: 2, epochs: 1, learningStarts: 100 }
const planner: Subject = {
  make: (seed) => new ModelBasedAgent(swing() as never, { ...planning, seed }) as never,
  env: swing,
  evaluation: { env: 'Pendulum-v1', episodes: 1, every: 500 },
}

const untimed = (log: readonly LogRow[]): unknown =>
  log.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !/fps|elapsed/.test(name))))

describe.each(Object.entries({ ...deep, ...tabular, ...bandits, ModelBasedAgent: planner }))('%s', (_, subject) => {
  test('a training that is resumed is one that was never stopped, to the bit', () => {
    const checkpoints: Uint8Array[] = []
    const checkpoint = { every: 300, write: (bytes: Uint8Array) => checkpoints.push(bytes) }
    const options = { steps: 800, seed: 3, evaluation: { ...subject.evaluation, keepBest: false } } as TrainOptions
    const [whole, other] = [subject.make(1), subject.make(2)]
    const uninterrupted = train(whole, subject.env(), { ...options, checkpoint })
    expect(checkpoints).toHaveLength(3)
    const resumed = train(other, subject.env(), { ...options, resume: checkpoints[0] })
    expect(other.save({ memory: true })).toEqual(whole.save({ memory: true }))
    expect(resumed.episodes).toEqual(uninterrupted.episodes)
    expect(untimed(resumed.log)).toEqual(untimed(uninterrupted.log))
    expect(resumed.best).toEqual(uninterrupted.best)
    expect(resumed.steps).toBe(uninterrupted.steps)
    for (const agent of [whole, other]) agent.dispose?.()
  })
})

describe('checkpoints of trainings', () => {
  const env = make('CliffWalking-v1')
  const written = (): Uint8Array => {
    const all: Uint8Array[] = []
    const write = (bytes: Uint8Array): void => {
      all.push(bytes)
    }
    train(new QLearning(env), env, { steps: 400, seed: 0, checkpoint: { every: 200, write } })
    return all[0]
  }

  test('those of others are refused by name', () => {
    const resume = written()
    const again = (options: object, agent: Trainable = new QLearning(env)): unknown =>
      train(agent, env, { steps: 400, seed: 0, resume, ...options })
    expect(() => again({}, new Sarsa(env))).toThrow('the checkpoint is of QLearning with 48 states and 4 actions')
    expect(() => again({}, new QLearning(make('FrozenLake-v1')) as Trainable)).toThrow(
      'this is QLearning with 16 states',
    )
    expect(() => again({ seed: 1 })).toThrow('the checkpoint is of a training with seed 0, not 1')
    expect(() => again({ steps: 500 })).toThrow('a training with steps 400, not 500')
    expect(() => again({ seed: undefined })).toThrow('needs a seed')
    expect(() => again({ resume: new QLearning(env).save() })).toThrow('agent.load reads it')
    expect(() => again({ resume: Uint8Array.of(1, 2, 3) })).toThrow('safetensors')
    expect(() => again({ resume: 'file' })).toThrow('resume is a Uint8Array')
    expect(again({})).toMatchObject({ episodes: expect.any(Array) })
  })

  test('a callback ends a training before its next checkpoint', () => {
    const steps: number[] = []
    const write = (_: Uint8Array, at: number): void => {
      steps.push(at)
    }
    const stop = ({ steps: at }: LogRow): boolean => at > 500
    train(new QLearning(env), env, { steps: 5000, seed: 0, checkpoint: { every: 200, write }, callbacks: [stop] })
    expect(steps).toEqual([200, 400])
  })
})
