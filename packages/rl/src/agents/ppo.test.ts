import { tensor, tidy } from '@x/tensor'
import { describe, expect, test } from 'vitest'
import { onBothBackends, storagesLeft } from '../../fixtures/runs.ts'
import type { Env } from '../env/env.ts'
import { make } from '../env/registry.ts'
import { Box } from '../spaces/box.ts'
import { Discrete } from '../spaces/discrete.ts'
import { evaluate } from '../training/evaluate.ts'
import { train } from '../training/train.ts'
import { makeVec } from '../vector/makeVec.ts'
import type { VectorEnv } from '../vector/vectorEnv.ts'
import { PPO } from './ppo.ts'
import { ppoPresets } from './presets.ts'

const vec = (id: string, numEnvs: number): VectorEnv => makeVec(id, { numEnvs, autoresetMode: 'same-step' })

test.each([1, 2])('balances the pole within its preset, seed %i', (seed) => {
  const { numEnvs, steps, options } = ppoPresets['CartPole-v1']
  const envs = vec('CartPole-v1', numEnvs)
  const agent = new PPO(envs, { ...options, seed })
  expect(evaluate(agent, 'CartPole-v1').mean).toBeLessThan(150)
  train(agent, envs, { steps, seed })
  expect(evaluate(agent, 'CartPole-v1', { seed: 9 }).mean).toBeGreaterThanOrEqual(475)
  agent.dispose()
})

test('continuous actions: better than without learning, inside the bounds', () => {
  const { numEnvs, options } = ppoPresets['Pendulum-v1']
  const envs = vec('Pendulum-v1', numEnvs)
  const agent = new PPO(envs, { ...options, seed: 1 })
  const before = evaluate(agent, 'Pendulum-v1', { episodes: 50 }).mean
  train(agent, envs, { steps: 40_000, seed: 1 })
  expect(evaluate(agent, 'Pendulum-v1', { episodes: 50 }).mean).toBeGreaterThan(before + 500)
  const drawn = tidy(() => agent.actMany(tensor([...Array(50)].map(() => [1, 0, 0])))) as Float32Array[]
  expect(drawn.every(([u]) => Math.abs(u) <= 2)).toBe(true)
  expect(agent.act([1, 0, 0], { deterministic: true })).toEqual(agent.act([1, 0, 0], { deterministic: true }))
  agent.dispose()
})

test('logs every update under the usual names', () => {
  const envs = vec('CartPole-v1', 4)
  const agent = new PPO(envs, { nSteps: 16, batchSize: 32, nEpochs: 2, learningRate: (left) => 1e-3 * left })
  const { log } = train(agent, envs, { steps: 256, seed: 0 })
  expect(log.map(({ steps }) => steps)).toEqual([64, 128, 192, 256])
  expect(log.map((row) => row['train/n_updates'])).toEqual([4, 8, 12, 16])
  expect(log.map((row) => row['train/learning_rate'])).toEqual([1e-3, 0.75e-3, 0.5e-3, 0.25e-3])
  const names = [
    'loss',
    'policy_gradient_loss',
    'value_loss',
    'entropy_loss',
    'approx_kl',
    'clip_fraction',
    'clip_range',
  ]
  for (const name of names) expect(Number.isFinite(log[3][`train/${name}`]), name).toBe(true)
  expect(log[0]['train/entropy_loss']).toBeCloseTo(-Math.log(2), 2)
  agent.dispose()
})

test('a limit on the divergence ends the passes early', () => {
  const updates = (targetKl: number | null): number => {
    const envs = vec('CartPole-v1', 4)
    const agent = new PPO(envs, { nSteps: 32, batchSize: 32, nEpochs: 10, learningRate: 0.02, targetKl })
    const { log } = train(agent, envs, { steps: 512, seed: 0 })
    agent.dispose()
    return log[log.length - 1]['train/n_updates']
  }
  expect(updates(null)).toBe(160)
  expect(updates(0.01)).toBeLessThan(80)
})

test.each(['CartPole-v1', 'Pendulum-v1'])('%s: goes on from a checkpoint to the bit', (id) => {
  const options = { nSteps: 16, batchSize: 32, nEpochs: 2 }
  const of = (seed: number): PPO => new PPO(vec(id, 4), { ...options, seed })
  const learn = (agent: PPO, seed: number): unknown =>
    train(agent, vec(id, 4), { steps: 128, seed }).log.map((row) => [row.steps, row['train/loss']])
  const [first, second] = [of(0), of(1)]
  learn(first, 0)
  second.load(first.save())
  expect(learn(second, 5)).toEqual(learn(first, 5))
  for (const agent of [first, second]) agent.dispose()
})

test.each(['next-step', 'disabled'] as const)('learns the same from environments that reset by %s', (autoresetMode) => {
  const learned = (mode: 'next-step' | 'same-step' | 'disabled', vectorization: 'kernel' | 'sync'): number[] => {
    const envs = makeVec('CartPole-v1', { numEnvs: 2, autoresetMode: mode, vectorization })
    const agent = new PPO(envs, { hidden: [8], nSteps: 64, batchSize: 32, nEpochs: 2 })
    for (const _ of agent.learn(envs, { steps: 256, seed: 3 })) {
    }
    const weights = agent.critic.parameters().flatMap((x) => Array.from(x.data(), Number))
    agent.dispose()
    envs.close()
    return weights
  }
  for (const vectorization of ['kernel', 'sync'] as const) {
    expect(learned(autoresetMode, vectorization)).toEqual(learned('same-step', vectorization))
  }
})

describe('bad use is named', () => {
  const agent = new PPO(vec('CartPole-v1', 2))

  test('options, spaces, environments', () => {
    expect(() => new PPO(vec('CartPole-v1', 2), { gama: 0.9 } as never)).toThrow("PPO: there is no option 'gama'")
    expect(() => new PPO(make('FrozenLake-v1'))).toThrow('FlattenObservation')
  })

  test('checkpoints of others', () => {
    const wider = new PPO(vec('CartPole-v1', 2), { hidden: [65, 64] })
    expect(() => wider.load(agent.save())).toThrow("'actor.0.weight' has shape")
    const other = new PPO(vec('Acrobot-v1', 2))
    expect(() => other.load(agent.save())).toThrow('the checkpoint is of PPO on [4] with Discrete(2)')
    for (const a of [wider, other]) a.dispose()
  })

  test('a reward that is no number, and when', () => {
    const env: Env<Float32Array, number> = {
      observationSpace: new Box(-1, 1, { shape: [2] }),
      actionSpace: new Discrete(2),
      reset: () => [new Float32Array(2), {}],
      step: () => [new Float32Array(2), Number.NaN, false, false, {}],
    }
    const lost = new PPO(env, { nSteps: 8, batchSize: 8 })
    const where = 'environment 0: step() gave the reward NaN at step 1 of its episode'
    expect(() => train(lost, env as never, { steps: 8 })).toThrow(where)
    env.step = () => [new Float32Array(2).fill(Number.NaN), 1, false, false, {}]
    expect(() => train(lost, env as never, { steps: 8 })).toThrow(/PPO: the loss is NaN after 8 steps \(policy NaN/)
    lost.dispose()
  })
})

test('one environment of your own, without kernels', () => {
  const env: Env<Float32Array, number> & { at: number } = {
    observationSpace: new Box(-1, 1, { shape: [2] }),
    actionSpace: new Discrete(2),
    at: 0,
    reset() {
      this.at = 0
      return [Float32Array.of(1, 0), {}]
    },
    step(action) {
      this.at++
      return [Float32Array.of(1, this.at / 10), action, this.at === 10, false, {}]
    },
  }
  const agent = new PPO(env, { hidden: [8], nSteps: 40, batchSize: 20, learningRate: 0.01, seed: 3 })
  train(agent, env as never, { steps: 2000 })
  expect(agent.act([1, 0.5], { deterministic: true })).toBe(1)
  agent.dispose()
})

test('leaves nothing behind', () => {
  const run = (): void => {
    const envs = vec('Pendulum-v1', 4)
    const agent = new PPO(envs, { nSteps: 8, batchSize: 16 })
    train(agent, envs, { steps: 64, evaluation: { env: 'Pendulum-v1', episodes: 2, every: 32 } })
    agent.dispose()
    envs.close()
  }
  expect(storagesLeft(run)).toBe(0)
})

test('the js backend learns alike', () => {
  const losses = (): number[] => {
    const envs = vec('CartPole-v1', 2)
    const agent = new PPO(envs, { nSteps: 16, batchSize: 16, nEpochs: 1, hidden: [8] })
    const { log } = train(agent, envs, { steps: 64, seed: 0 })
    agent.dispose()
    return log.map((row) => row['train/loss'])
  }
  const [wasm, js] = onBothBackends(losses)
  js.forEach((loss, i) => {
    expect(loss).toBeCloseTo(wasm[i], 4)
  })
})
