import { assertNoLeak } from '@x/tensor/testing'
import { describe, expect, test } from 'vitest'
import { lqr, quadraticCost } from '../arithmetic/control.ts'
import type { Env } from '../env/env.ts'
import { make } from '../env/registry.ts'
import { CartPole } from '../envs/control/cartPole.ts'
import { Pendulum } from '../envs/control/pendulum.ts'
import { NumpyGenerator } from '../random/generator.ts'
import { Box } from '../spaces/box.ts'
import { crossEntropyMethod } from './crossEntropyMethod.ts'
import { LQR, linearize } from './lqr.ts'
import { controlsOf, type Model, TrueModel } from './model.ts'
import { ModelBasedAgent } from './modelBased.ts'
import { MPC } from './mpc.ts'
import { randomShooting } from './randomShooting.ts'

const pendulumModel = (): TrueModel<Float32Array, ArrayLike<number>> =>
  new TrueModel(new Pendulum(), { state: ([cosine, sine, speed]) => [Math.atan2(sine, cosine), speed] })

/** The return of an episode. */
function episode<O, A>(env: Env<O, A>, act: (observation: O) => A, seed: number): number {
  let [observation] = env.reset({ seed })
  for (let sum = 0; ; ) {
    const [next, reward, terminated, truncated] = env.step(act(observation))
    observation = next
    sum += reward
    if (terminated || truncated) return sum
  }
}

describe('LQR', () => {
  // Position and speed of a mass that a force pushes, Δt = 1.
  const mass = { A: [[1, 1], [0, 1]], B: [[0], [1]], Q: [[1, 0], [0, 0]], R: [[1]] } // biome-ignore format: matrices

  test('a scalar system has the gain of its quadratic equation', () => {
    // P = 1 + P − P² / (1 + P): P is the golden ratio, K = P / (1 + P).
    const phi = (1 + Math.sqrt(5)) / 2
    const { P, gains } = new LQR({ A: [[1]], B: [[1]], Q: [[1]], R: [[1]] })
    expect(P[0][0]).toBeCloseTo(phi, 14)
    expect(gains[0][0][0]).toBeCloseTo(phi / (1 + phi), 14)
  })

  test('the solution satisfies Riccati’s equation, and long horizons come to it', () => {
    const forever = new LQR(mass)
    const { P } = lqr(mass)
    const K = forever.gains[0][0]
    // Kᵀ (R + Bᵀ P B) = (Bᵀ P A)ᵀ
    expect(K[0] * (1 + P[1][1])).toBeCloseTo(P[1][0], 12)
    expect(K[1] * (1 + P[1][1])).toBeCloseTo(P[1][0] + P[1][1], 12)
    const long = new LQR(mass, { horizon: 60 })
    expect(long.gains).toHaveLength(60)
    expect(long.gains[0][0][0]).toBeCloseTo(K[0], 10)
    expect(long.gains[59][0]).toEqual(Float64Array.of(0, 0)) // Q says nothing about the speed at the end
  })

  test('the cost of acting is the cost to go', () => {
    for (const horizon of [1, 7]) {
      const controller = new LQR(mass, { horizon })
      let x = [3, -1]
      let cost = 0
      for (let t = 0; t < horizon; t++) {
        const [u] = controller.act(x)
        cost += x[0] ** 2 + u ** 2
        x = [x[0] + x[1], x[1] + u]
      }
      cost += x[0] ** 2
      expect(cost).toBeCloseTo(quadraticCost(controller.P, [3, -1]), 10)
    }
  })

  test('holds a pole upright, by the derivatives of the true dynamics', () => {
    const push = (x: Float64Array, [u]: Float64Array): Float64Array => {
      const env = new CartPole({ forceMag: Math.abs(u) })
      env.state = x
      env.step(u > 0 ? 1 : 0)
      return env.state as Float64Array
    }
    const Q = [1, 0, 10, 0].map((q, i) => [0, 1, 2, 3].map((j) => (i === j ? q : 0)))
    // u⁺ and u⁻ around 0: never 0 itself, which is no push at all.
    const controller = new LQR({ ...linearize(push, [0, 0, 0, 0], [1e-3]), Q, R: [[0.1]] })
    const env = make('CartPole-v1')
    for (const seed of [0, 1, 2]) {
      expect(episode(env, (x) => (controller.act(x)[0] > 0 ? 1 : 0), seed)).toBe(500)
    }
  })

  test('refuses what cannot be held and what does not fit', () => {
    expect(() => new LQR({ A: [[2]], B: [[0]], Q: [[1]], R: [[1]] })).toThrow(/cannot be held/)
    expect(() => new LQR(mass, { horizon: 0 })).toThrow('LQR: horizon 0')
    expect(() => new LQR(mass, { target: [1] })).toThrow('target of 1 numbers for a state of 2')
  })
})

describe('planners', () => {
  /** A model whose plans are worth the more the nearer they are to a known one. */
  const near = (goal: readonly number[]): Model<null, unknown> => ({
    controls: controlsOf(new Box(-1, 1, { shape: [2] })),
    returns: (_, plans) => Float64Array.from(plans, (plan) => -plan.reduce((sum, v, i) => sum + (v - goal[i]) ** 2, 0)),
  })
  const goal = [0.5, -0.2, 1, 0, -0.9, 0.3]

  test('the cross-entropy method finds what random shooting only comes near', () => {
    const generator = new NumpyGenerator(1)
    const shot = randomShooting(near(goal), null, { horizon: 3, samples: 400, generator })
    const found = crossEntropyMethod(near(goal), null, { horizon: 3, samples: 100, iterations: 20, generator })
    expect(shot.value).toBeGreaterThan(-1)
    expect(shot.value).toBeLessThan(-0.01)
    expect(found.value).toBeGreaterThan(-1e-3)
    expect(found.plan.every((v) => Math.abs(v) <= 1)).toBe(true)
    expect(near(goal).returns(null, [found.plan])[0]).toBe(found.value)
  })

  test('options are checked', () => {
    const model = near(goal)
    expect(() => randomShooting(model, null, { samples: 0 })).toThrow('samples 0 is not a whole number ≥ 1')
    expect(() => crossEntropyMethod(model, null, { samples: 5, elites: 9 })).toThrow('9 elites of 5')
    expect(() => crossEntropyMethod(model, null, { mean: [1] })).toThrow('1 numbers for a plan of 40')
    expect(() => crossEntropyMethod(model, null, { smoothing: 1 })).toThrow('smoothing 1')
    expect(() => new MPC(model, { planner: 'guess' as 'cem' })).toThrow("planner 'guess'")
    expect(() => new MPC(model, { planner: 'random-shooting', elites: 2 })).toThrow("no option 'elites'")
    expect(() => controlsOf(new Box(0, Number.POSITIVE_INFINITY))).toThrow(TypeError)
  })

  test('a model that has lost its way, or cannot be set, is named', () => {
    const lost: Model<number[], unknown> = {
      controls: near(goal).controls,
      returns: (_, plans) => new Float64Array(plans.length).fill(Number.NaN),
    }
    expect(() => randomShooting(lost, [1, 2])).toThrow('plan 0 from [1,2] is worth NaN')
    expect(() => new MPC(lost).act([1, 2])).toThrow('plan 0 from [1,2] is worth NaN')
    expect(() => new TrueModel(make('CartPole-v1') as never)).toThrow('no state to set')
  })

  test('a plan is worth what the environment pays for it, up to termination', () => {
    const model = new TrueModel(new CartPole())
    const right = Float64Array.from({ length: 200 }, (_, i) => i % 2)
    // Pushing to the right all the time, the pole falls within ten steps.
    const [sum] = model.returns(new Float32Array(4), [right])
    expect(sum).toBeGreaterThan(5)
    expect(sum).toBeLessThan(12)
  })
})

describe('MPC', () => {
  test.each([0, 1])('swings the pendulum up and holds it, seed %i', (seed) => {
    const controller = new MPC(pendulumModel(), { horizon: 20, samples: 60, iterations: 3, seed })
    // The best known policies come to −150 on the average; the start decides: at most −400 hanging down.
    expect(episode(make('Pendulum-v1'), (o) => controller.act(o), seed)).toBeGreaterThan(-400)
  })

  test('balances the pole by random shooting', () => {
    const model = new TrueModel(new CartPole(), { reward: (s) => 1 - Math.abs(s[0]) / 2.4 - Math.abs(s[2]) })
    const controller = new MPC(model, { planner: 'random-shooting', horizon: 20, samples: 100 })
    expect(episode(make('CartPole-v1'), (o) => controller.act(o), 0)).toBe(500)
  })
})

test('a learned model of the pendulum is good enough to plan in', () => {
  const env = make('Pendulum-v1')
  const agent = new ModelBasedAgent(env, { horizon: 15, samples: 60, iterations: 3, seed: 0 })
  const rewards: number[] = []
  const losses: number[] = []
  for (const { episodes, metrics } of agent.learn(env, { steps: 1200, seed: 0 })) {
    rewards.push(...episodes.map(({ reward }) => reward))
    losses.push(metrics['train/model_loss'])
  }
  expect(agent.model.transitions).toBe(1200)
  expect(losses[5]).toBeLessThan(losses[0] / 2)
  // The first episode was at random, six episodes later it swings up.
  expect(rewards[0]).toBeLessThan(-700)
  expect(Math.min(...rewards.slice(-3))).toBeGreaterThan(-400)
  agent.dispose()
})

test('a learned model leaves nothing behind, also with discrete actions', () => {
  const options = { horizon: 3, samples: 10, iterations: 2, learningStarts: 70 }
  assertNoLeak('ModelBasedAgent', () => {
    const env = make('CartPole-v1')
    const agent = new ModelBasedAgent(env, { ...options, batchSize: 8 })
    const actions = new Set<number>()
    for (const { metrics } of agent.learn(env, { steps: 100, seed: 0 })) {
      expect(metrics['train/model_loss']).toBeGreaterThan(0)
      actions.add(agent.act(new Float32Array(4)))
    }
    expect([...actions].every((a) => a === 0 || a === 1)).toBe(true)
    agent.dispose()
  })
})

test('a learned model says what it lacks', () => {
  const agent = new ModelBasedAgent(make('Pendulum-v1'))
  expect(() => agent.model.fit()).toThrow('0 transitions, but a batch takes 64')
  agent.dispose()
  expect(() => new ModelBasedAgent(make('FrozenLake-v1') as never)).toThrow('not in a Box')
})
