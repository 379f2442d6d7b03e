import { describe, expect, test } from 'vitest'
import { EpsilonGreedyBandit } from '../bandits/epsilonGreedy.ts'
import { GradientBandit } from '../bandits/gradient.ts'
import { ThompsonSampling } from '../bandits/thompson.ts'
import { KLUCB, UCB } from '../bandits/ucb.ts'
import { make } from '../env/registry.ts'
import { Bandit } from '../envs/book/bandit.ts'
import { RandomWalk } from '../envs/book/chains.ts'
import { CliffWalking } from '../envs/toy/cliffWalking.ts'
import { FrozenLake } from '../envs/toy/frozenLake.ts'
import type { Agent } from '../training/agent.ts'
import { DoubleQLearning } from './doubleQLearning.ts'
import { DynaQ } from './dynaQ.ts'
import { ExpectedSarsa } from './expectedSarsa.ts'
import { LinearTD, tdFixedPoint } from './linearTD.ts'
import {
  MonteCarloControl,
  MonteCarloPrediction,
  OffPolicyMonteCarlo,
  weightedImportanceSampling,
} from './monteCarlo.ts'
import { NStepSarsa } from './nStepSarsa.ts'
import { solvePolicy } from './policyEvaluation.ts'
import { policyIteration } from './policyIteration.ts'
import { QLearning } from './qLearning.ts'
import { Sarsa } from './sarsa.ts'
import { NStepTD, TD } from './td.ts'
import { SarsaLambda, WatkinsQLambda } from './traces.ts'
import { finiteHorizon, valueIteration } from './valueIteration.ts'
import { greedyPolicy, startValue } from './values.ts'

const learn = (agent: Agent<number, number>, env: ReturnType<typeof make>, steps: number): void => {
  for (const _ of { [Symbol.iterator]: () => agent.learn(env as never, { steps, seed: 1 }) }) {
  }
}

describe('on the cliff', () => {
  const agents: Readonly<Record<string, () => Agent<number, number> & { Q?: readonly Float64Array[] }>> = {
    QLearning: () => new QLearning(make('CliffWalking-v1'), { alpha: 0.5, gamma: 1 }),
    DynaQ: () => new DynaQ(make('CliffWalking-v1'), { alpha: 0.5, gamma: 1, planningSteps: 5 }),
    DoubleQLearning: () => new DoubleQLearning(make('CliffWalking-v1'), { alpha: 0.5, gamma: 1 }),
    WatkinsQLambda: () => new WatkinsQLambda(make('CliffWalking-v1'), { alpha: 0.3, gamma: 1, lambda: 0.8 }),
  }

  test.each([
    ['QLearning', -13],
    ['DynaQ', -13],
    ['DoubleQLearning', -17],
    ['WatkinsQLambda', -17],
  ] as const)('%s goes for the edge', (name, least) => {
    const agent = agents[name]()
    learn(agent, make('CliffWalking-v1'), 60_000)
    expect(play(agent)).toBeGreaterThanOrEqual(least)
  })

  test.each([
    ['Sarsa', () => new Sarsa(make('CliffWalking-v1'), { alpha: 0.2, gamma: 1 })],
    ['ExpectedSarsa', () => new ExpectedSarsa(make('CliffWalking-v1'), { alpha: 0.5, gamma: 1 })],
    ['SarsaLambda', () => new SarsaLambda(make('CliffWalking-v1'), { alpha: 0.1, gamma: 1, lambda: 0.8 })],
    ['NStepSarsa', () => new NStepSarsa(make('CliffWalking-v1'), { alpha: 0.1, gamma: 1, n: 4 })],
  ] as const)('%s keeps away from the edge', (_, make_) => {
    const agent = make_()
    learn(agent, make('CliffWalking-v1'), 100_000)
    const reward = play(agent)
    expect(reward).toBeGreaterThanOrEqual(-21)
    expect(reward).toBeLessThan(-13)
  })

  /** Return of the greedy policy. */
  function play(agent: Agent<number, number>): number {
    const env = make('CliffWalking-v1', { maxEpisodeSteps: 100 })
    let [s] = env.reset()
    for (let total = 0; ; ) {
      const [next, reward, terminated, truncated] = env.step(agent.act(s, { deterministic: true }))
      total += reward
      s = next
      if (terminated || truncated) return total
    }
  }

  test('Sarsa comes near the best ε-soft policy, Q-learning near the best of all', () => {
    const { mdp } = new CliffWalking()
    const sarsa = new Sarsa(make('CliffWalking-v1'), {
      alpha: (n) => Math.max(0.005, 0.5 / (1 + n / 2000)),
      gamma: 0.99,
    })
    learn(sarsa, make('CliffWalking-v1'), 300_000)
    const soft = greedyPolicy(sarsa.Q)
    const probabilities = Array.from(soft, (best) => [0, 1, 2, 3].map((a) => 0.025 + (a === best ? 0.9 : 0)))
    expect(startValue(mdp, solvePolicy(mdp, probabilities, { gamma: 0.99 }))).toBeGreaterThan(-19.3)
    const q = new QLearning(make('CliffWalking-v1'), { alpha: 0.5, gamma: 0.99 })
    learn(q, make('CliffWalking-v1'), 100_000)
    const greedy = Array.from(greedyPolicy(q.Q), (best) => [0, 1, 2, 3].map((a) => Number(a === best)))
    expect(startValue(mdp, solvePolicy(mdp, greedy, { gamma: 0.99 }))).toBeCloseTo(-12.2479, 3)
  })
})

test('Q-learning crosses the slippery lake about as often as can be', () => {
  const { mdp } = new FrozenLake()
  const env = make('FrozenLake-v1')
  const alpha = (n: number): number => Math.max(0.01, 0.5 * 0.99999 ** n)
  const agent = new QLearning(env, { alpha, gamma: 0.99, epsilon: (n) => Math.max(0.1, 1 - n / 300_000) })
  learn(agent, env, 500_000)
  const rate = startValue(mdp, finiteHorizon(mdp, { horizon: 100, policy: greedyPolicy(agent.Q) }))
  expect(rate).toBeGreaterThan(0.744 - 0.02)
})

test('Monte Carlo control solves the dry lake, on-policy and off-policy', () => {
  for (const Control of [MonteCarloControl, OffPolicyMonteCarlo]) {
    const env = make('FrozenLake-v1', { isSlippery: false })
    const agent = new Control(env, { gamma: 0.95, epsilon: 0.5, seed: 2 })
    learn(agent, env, 300_000)
    const { mdp } = new FrozenLake({ isSlippery: false })
    expect(startValue(mdp, finiteHorizon(mdp, { horizon: 100, policy: greedyPolicy(agent.Q) }))).toBe(1)
  }
})

describe('on the random walk', () => {
  const wanted = [1, 2, 3, 4, 5].map((i) => i / 6)
  const error = (V: Float64Array): number => Math.max(...wanted.map((v, i) => Math.abs(v - V[i + 1])))
  const run = (agent: { learn(...args: never[]): Iterator<unknown> }, steps: number): void => {
    const all = {
      [Symbol.iterator]: () => agent.learn(...([new RandomWalk(), () => 0, { steps, seed: 3 }] as never[])),
    }
    for (const _ of all) {
    }
  }

  test('every predictor comes near the true values', () => {
    const walk = new RandomWalk()
    const predictors = [
      new TD(walk, { alpha: 0.01, gamma: 1, initialValue: 0.5 }),
      new TD(walk, { alpha: 0.01, gamma: 1, initialValue: 0.5, lambda: 0.8, traces: 'dutch' }),
      new TD(walk, { alpha: 0.01, gamma: 1, initialValue: 0.5, lambda: 0.5, traces: 'replacing' }),
      new NStepTD(walk, { alpha: 0.01, gamma: 1, initialValue: 0.5, n: 3 }),
      new MonteCarloPrediction(walk, { gamma: 1 }),
      new MonteCarloPrediction(walk, { gamma: 1, visits: 'every' }),
    ]
    for (const predictor of predictors) {
      run(predictor as never, 60_000)
      expect(error(predictor.V)).toBeLessThan(0.06)
    }
  })

  test('linear TD rests where it should', () => {
    // A chain that never ends: the walk with its ends joined.
    const P = [0, 1, 2, 3].map((s) => [[[0.5, (s + 1) % 4, s, false] as const, [0.5, (s + 3) % 4, s, false] as const]])
    const mdp = { P, start: [1, 0, 0, 0] }
    const features = [0, 1, 2, 3].map((s) => [1, s === 0 ? 1 : 0])
    const rest = tdFixedPoint(mdp, [0, 0, 0, 0], features, { gamma: 0.9, lambda: 0.5 })
    const td = new LinearTD(2, { alpha: 0.002, gamma: 0.9, lambda: 0.5 })
    let s = 0
    let seed = 1
    for (let t = 0; t < 400_000; t++) {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff
      const next = (s + (seed & 65536 ? 1 : 3)) % 4
      td.update(features[s], s, features[next])
      s = next
    }
    td.theta.forEach((v, i) => {
      expect(Math.abs(v - rest[i])).toBeLessThan(0.35)
    })
  })
})

test('weighted importance sampling corrects for the other policy', () => {
  // One state, two arms that pay 0 and 1: the target takes the second, behaviour either.
  const episodes = Array.from({ length: 50 }, (_, i) => [{ s: 0, reward: i % 2, target: i % 2, behaviour: 0.5 }])
  expect(weightedImportanceSampling(episodes, { states: 1, gamma: 1 })[0]).toBe(1)
})

describe('bandits', () => {
  const means = [0.1, 0.5, 0.3, 0.8]

  test.each([
    ['EpsilonGreedyBandit', (env: Bandit) => new EpsilonGreedyBandit(env, { epsilon: 0.1 })],
    ['UCB', (env: Bandit) => new UCB(env)],
    ['KLUCB', (env: Bandit) => new KLUCB(env)],
    ['GradientBandit', (env: Bandit) => new GradientBandit(env, { alpha: 0.2 })],
    ['ThompsonSampling', (env: Bandit) => new ThompsonSampling(env)],
  ] as const)('%s finds the best arm', (_, make_) => {
    const env = new Bandit({ means, rewards: 'bernoulli' })
    const agent = make_(env)
    for (const _ of agent.learn(env, { steps: 3000, seed: 5 })) {
    }
    expect(agent.act(0, { deterministic: true })).toBe(3)
    expect(agent.counts[3] / agent.pulls).toBeGreaterThan(0.6)
  })

  test('Thompson sampling takes normal rewards too', () => {
    const env = new Bandit({ means })
    const agent = new ThompsonSampling(env, { rewards: 'normal' })
    for (const _ of agent.learn(env, { steps: 3000, seed: 5 })) {
    }
    expect(agent.act(0, { deterministic: true })).toBe(3)
    expect(() => new ThompsonSampling(2).update(0, 1.5)).toThrow(/not in \[0, 1\]/)
  })
})

test('what predictors have learned can be kept', () => {
  const env = new RandomWalk()
  const makers = {
    TD: () => new TD(env, { lambda: 0.5, traces: 'dutch' }),
    NStepTD: () => new NStepTD(env, { n: 2 }),
    MonteCarloPrediction: () => new MonteCarloPrediction(env),
  }
  for (const [name, of] of Object.entries(makers)) {
    const [first, second] = [of(), of()]
    const learn = (agent: typeof first, seed: number): void => {
      for (const _ of agent.learn(env, () => 0, { steps: 200, seed })) {
      }
    }
    learn(first, 1)
    second.load(first.save())
    expect(second.steps, name).toBe(200)
    learn(first, 2)
    learn(second, 2)
    expect(second.save(), name).toEqual(first.save())
    expect(
      [...second.V].some((v) => v !== 0),
      name,
    ).toBe(true)
  }
})

test('bad options are named', () => {
  const env = make('FrozenLake-v1')
  expect(() => new QLearning(env, { alpha: 2 })).toThrow(/alpha 2/)
  expect(() => new QLearning(env, { gama: 0.9 } as never)).toThrow(/no option 'gama'/)
  expect(() => new QLearning(make('CartPole-v1') as never)).toThrow(/a table needs a finite space/)
  expect(() => valueIteration(new FrozenLake().mdp, { gamma: 1.5 })).toThrow(/gamma 1.5/)
  expect(() => valueIteration(new CliffWalking().mdp, { gamma: 0.99, maxSweeps: 3 })).toThrow(/after 3 sweeps/)
  expect(() => solvePolicy(new FrozenLake().mdp, [0], { gamma: 0.9 })).toThrow(/probabilities in state 1/)
  expect(() => policyIteration({ P: [[[[1, 0, 1, false]]]], start: [1] }, { gamma: 1 })).toThrow(/go on for ever/)
})
