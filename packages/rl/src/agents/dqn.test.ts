import { tensor, tidy } from '@x/tensor'
import { describe, expect, test } from 'vitest'
import { onBothBackends, storagesLeft } from '../../fixtures/runs.ts'
import type { Env, Info, StepResult } from '../env/env.ts'
import { make } from '../env/registry.ts'
import { Box } from '../spaces/box.ts'
import { Discrete } from '../spaces/discrete.ts'
import { evaluate } from '../training/evaluate.ts'
import { train } from '../training/train.ts'
import { makeVec } from '../vector/makeVec.ts'
import type { VectorEnv } from '../vector/vectorEnv.ts'
import { DQN, type DQNOptions } from './dqn.ts'
import { dqnPresets } from './presets.ts'

const vec = (id: string, numEnvs = 1): VectorEnv => makeVec(id, { numEnvs, autoresetMode: 'same-step' })

test('balances the pole within its preset', () => {
  const { numEnvs, steps, options } = dqnPresets['CartPole-v1']
  const envs = vec('CartPole-v1', numEnvs)
  const agent = new DQN(envs, { ...options, seed: 1 })
  const evaluation = { env: 'CartPole-v1', episodes: 20, every: 2500, seed: 777, stopAt: 500 }
  const { best, steps: taken } = train(agent, envs, { steps, seed: 1, evaluation })
  expect(taken).toBe(best?.steps)
  expect(evaluate(agent, 'CartPole-v1', { seed: 9 }).mean).toBeGreaterThanOrEqual(475)
  agent.dispose()
})

/** Eleven places in a row; only stepping right ten times pays. */
class Corridor implements Env<Float32Array, number> {
  readonly observationSpace = new Box(0, 1, { shape: [2] })
  readonly actionSpace = new Discrete(2, { start: 5 })
  at = 0
  steps = 0

  private get observation(): Float32Array {
    return Float32Array.of(this.at / 5, 1)
  }

  reset(): [Float32Array, Info] {
    this.at = this.steps = 0
    return [this.observation, {}]
  }

  step(action: number): StepResult<Float32Array> {
    this.at = Math.max(0, this.at + (action === 6 ? 1 : -1))
    this.steps++
    const isThere = this.at === 5
    return [this.observation, isThere ? 1 : -0.01, isThere, !isThere && this.steps === 40, {}]
  }
}

describe.each<[string, DQNOptions]>([
  ['plain', { double: false }],
  ['double', {}],
  ['dueling', { dueling: true }],
  ['prioritized', { prioritized: true }],
  ['three steps', { nStep: 3 }],
  ['quantiles', { quantiles: 8 }],
  ['all of it', { dueling: true, prioritized: true, nStep: 3, quantiles: 8, scaleObservations: true, tau: 0.5 }],
])('%s', (_, extra) => {
  const options: DQNOptions = {
    hidden: [16],
    learningStarts: 100,
    targetUpdateInterval: 100,
    learningRate: 5e-3,
    ...extra,
  }

  test('values what it learned: rewards to come, discounted', () => {
    const env = new Corridor() as Env
    const agent = new DQN(env, { ...options, gamma: 0.9, seed: 4 })
    train(agent, env, { steps: 6000 })
    expect(agent.act([0, 1], { deterministic: true })).toBe(6)
    const values = tidy(() =>
      agent.network.forward(tensor([0, 1, 2, 3, 4].map((at) => [at / 5, 1]))).toArray(),
    ) as number[][]
    values.forEach(([, right], at) => {
      let want = 1
      for (let k = at; k < 4; k++) want = -0.01 + 0.9 * want
      expect(Math.abs(right - want), `at ${at}`).toBeLessThan(0.05)
    })
    agent.dispose()
  })

  test('goes on from a checkpoint with its memory to the bit', () => {
    const learn = (agent: DQN, seed: number): unknown =>
      train(agent, vec('CartPole-v1', 2), { steps: 1500, seed }).log.map((row) => [row.steps, row['train/loss']])
    const [first, second] = [0, 1].map((seed) => new DQN(vec('CartPole-v1', 2), { ...options, seed }))
    learn(first, 0)
    learn(second, 1)
    second.load(first.save({ memory: true }))
    expect(learn(second, 5)).toEqual(learn(first, 5))
    for (const agent of [first, second]) agent.dispose()
  })
})

test('the online network chooses what the target network values, unless it is not to', () => {
  const [double, plain] = [true, false].map((double) => {
    const envs = vec('CartPole-v1', 2)
    const agent = new DQN(envs, { hidden: [16], learningStarts: 100, targetUpdateInterval: 200, double })
    const { log } = train(agent, envs, { steps: 1500, seed: 0 })
    agent.dispose()
    return log.map((row) => row['train/loss'])
  })
  expect(double).not.toEqual(plain)
})

test('logs under the usual names, while exploration falls', () => {
  const envs = vec('CartPole-v1')
  const agent = new DQN(envs, { learningStarts: 500, explorationFraction: 0.5, explorationFinalEps: 0.1 })
  const { log } = train(agent, envs, { steps: 2000, seed: 0 })
  expect(log.map(({ steps }) => steps)).toEqual([500, 1000, 1500, 2000])
  const rates = log.map((row) => row['rollout/exploration_rate'])
  expect(rates[0]).toBeCloseTo(0.55, 2)
  expect(rates.slice(2)).toEqual([0.1, 0.1])
  expect(log.map((row) => row['train/n_updates'])).toEqual([0, 125, 250, 375])
  expect(log.map((row) => 'train/loss' in row)).toEqual([false, true, true, true])
  agent.dispose()
})

describe('bad use is named', () => {
  test('options, spaces, environments', () => {
    expect(() => new DQN(vec('CartPole-v1'), { buffersize: 9 } as never)).toThrow(
      "DQN: there is no option 'buffersize'",
    )
    expect(() => new DQN(vec('CartPole-v1'), { nStep: 0 })).toThrow('nStep 0')
    expect(() => new DQN(make('Pendulum-v1'))).toThrow('are not Discrete')
    expect(() => new DQN(make('Taxi-v4'))).toThrow('FlattenObservation')
    const agent = new DQN(vec('CartPole-v1', 2))
    expect(() => [...agent.learn(vec('CartPole-v1', 3), { steps: 9 })]).toThrow('made for 2 environments, given 3')
    agent.dispose()
  })

  test('checkpoints of others', () => {
    const agent = new DQN(vec('CartPole-v1'))
    const dueling = new DQN(vec('CartPole-v1'), { dueling: true })
    const smaller = new DQN(vec('CartPole-v1'), { bufferSize: 10 })
    expect(() => dueling.load(agent.save())).toThrow("the checkpoint has no 'network.value.weight'")
    expect(() => smaller.load(agent.save({ memory: true }))).toThrow("'replay.observations' has shape [50000,4]")
    smaller.load(agent.save())
    for (const a of [agent, dueling, smaller]) a.dispose()
  })

  test('a reward or an observation that is no number', () => {
    const env = Object.assign(new Corridor(), { step: () => [new Float32Array(2), Number.NaN, false, false, {}] })
    const agent = new DQN(env as Env, { learningStarts: 8, batchSize: 8 })
    const where = 'environment 0: step() gave the reward NaN at step 1 of its episode'
    expect(() => train(agent, env as Env, { steps: 20 })).toThrow(where)
    const blind = Object.assign(new Corridor(), { step: () => [Float32Array.of(Number.NaN, 0), 1, false, false, {}] })
    expect(() => train(agent, blind as Env, { steps: 20 })).toThrow(/DQN: the loss is NaN after \d+ steps/)
    agent.dispose()
  })
})

test('leaves nothing behind', () => {
  const run = (): void => {
    const envs = vec('CartPole-v1', 2)
    const agent = new DQN(envs, { learningStarts: 20, dueling: true, prioritized: true, targetUpdateInterval: 10 })
    train(agent, envs, { steps: 100, evaluation: { env: 'CartPole-v1', episodes: 2, every: 50 } })
    agent.dispose()
    envs.close()
  }
  expect(storagesLeft(run)).toBe(0)
})

test('the js backend learns alike', () => {
  const losses = (): number[] => {
    const envs = vec('CartPole-v1')
    const agent = new DQN(envs, { learningStarts: 100, hidden: [8] })
    const { log } = train(agent, envs, { steps: 1000, seed: 0 })
    agent.dispose()
    return log.map((row) => row['train/loss'])
  }
  const [wasm, js] = onBothBackends(losses)
  js.forEach((loss, i) => {
    expect(Math.abs(loss / wasm[i] - 1)).toBeLessThan(1e-2)
  })
})
