import { tensor, tidy } from '@x/tensor'
import { describe, expect, test } from 'vitest'
import { onBothBackends, storagesLeft } from '../../fixtures/runs.ts'
import type { Env, Info, StepResult } from '../env/env.ts'
import { make } from '../env/registry.ts'
import { Box } from '../spaces/box.ts'
import { evaluate } from '../training/evaluate.ts'
import { train } from '../training/train.ts'
import { makeVec } from '../vector/makeVec.ts'
import type { VectorEnv } from '../vector/vectorEnv.ts'
import { ActionBounds } from './continuous.ts'
import { sacPresets } from './presets.ts'
import { SAC, type SACOptions } from './sac.ts'
import { DDPG, TD3, type TD3Options } from './td3.ts'

const vec = (numEnvs = 1): VectorEnv => makeVec('Pendulum-v1', { numEnvs, autoresetMode: 'same-step' })

type Off = SAC | TD3 | DDPG
const agents: Record<string, (env: VectorEnv | Env, options?: SACOptions & TD3Options) => Off> = {
  SAC: (env, options) => new SAC(env, options),
  TD3: (env, options) => new TD3(env, options),
  DDPG: (env, options) => new DDPG(env, options),
}

/** Pays for guessing a number between −3 and 5 that the observation tells. */
class Guess implements Env<Float32Array, ArrayLike<number>> {
  readonly observationSpace = new Box(-1, 1, { shape: [1] })
  readonly actionSpace = new Box([-3], [5])
  private asked = 0
  private count = 0

  private ask(): Float32Array {
    this.asked = Math.fround(Math.sin(this.count++ * 1.7))
    return Float32Array.of(this.asked)
  }

  reset(): [Float32Array, Info] {
    return [this.ask(), {}]
  }

  step(guess: ArrayLike<number>): StepResult<Float32Array> {
    const reward = -Math.abs(guess[0] - (1 + 2 * this.asked))
    return [this.ask(), reward, true, false, {}]
  }
}

describe.each(Object.entries(agents))('%s', (name, of) => {
  test('guesses what it is told, in the units of the environment', () => {
    const env = new Guess() as unknown as Env
    const agent = of(env, { hidden: [32], batchSize: 64, learningRate: 5e-3, seed: 2 })
    train(agent, env, { steps: 3000 })
    for (const asked of [-0.8, 0, 0.8]) {
      const [guess] = agent.act([asked], { deterministic: true })
      expect(Math.abs(guess - (1 + 2 * asked)), `told ${asked}`).toBeLessThan(0.4)
    }
    agent.dispose()
  })

  test('explores inside the bounds', () => {
    const agent = of(vec())
    const drawn = tidy(() => agent.actMany(tensor([...Array(100)].map(() => [1, 0, 0]))))
    expect(drawn.every(([u]) => Math.abs(u) <= 2)).toBe(true)
    expect(new Set(drawn.map(([u]) => u)).size).toBeGreaterThan(50)
    agent.dispose()
  })

  test('goes on from a checkpoint with its memory to the bit', () => {
    const learn = (agent: Off, seed: number): unknown =>
      train(agent, vec(2), { steps: 600, seed }).log.map((row) => [row.steps, row['train/critic_loss']])
    const options = { hidden: [16], batchSize: 32 }
    const [first, second] = [0, 1].map((seed) => of(vec(2), { ...options, seed }))
    learn(first, 0)
    learn(second, 1)
    second.load(first.save({ memory: true }))
    expect(learn(second, 5)).toEqual(learn(first, 5))
    for (const agent of [first, second]) agent.dispose()
  })

  test('logs under the usual names', () => {
    const agent = of(vec(), { hidden: [8], batchSize: 16, learningRate: (left) => 1e-3 * left })
    const { log, episodes } = train(agent, vec(), { steps: 1000, seed: 0 })
    expect(log.map(({ steps }) => steps)).toEqual([500, 1000])
    expect(episodes.map(({ length }) => length)).toEqual([200, 200, 200, 200, 200])
    expect(log[1]['train/n_updates']).toBe(900)
    expect(log[1]['train/learning_rate']).toBeCloseTo(1e-6, 12)
    for (const loss of ['train/critic_loss', 'train/actor_loss']) expect(Number.isFinite(log[1][loss])).toBe(true)
    agent.dispose()
  })

  test('names bad use', () => {
    expect(() => of(vec(), { taus: 1 } as never)).toThrow(`${name}: there is no option 'taus'`)
    expect(() => of(make('CartPole-v1') as Env)).toThrow(`${name}: actions from Discrete(2) are no Box`)
    const [agent, wider] = [of(vec()), of(vec(), { hidden: [65, 64] })]
    expect(() => wider.load(agent.save())).toThrow("'actor.0.weight' has shape")
    const other = name === 'SAC' ? new TD3(vec()) : new SAC(vec())
    expect(() => other.load(agent.save())).toThrow(`the checkpoint is of ${name} on [3]`)
    expect(() => [...agent.learn(vec(3), { steps: 9 })]).toThrow('made for 1 environments, given 3')
    const env = Object.assign(new Guess(), { step: () => [new Float32Array(1), Number.NaN, true, false, {}] })
    const lost = of(env as unknown as Env, { learningStarts: 2, batchSize: 4 })
    expect(() => train(lost, env as unknown as Env, { steps: 10 })).toThrow('environment 0: step() gave the reward NaN')
    Object.assign(env, { step: () => [Float32Array.of(Number.NaN), 1, true, false, {}] })
    expect(() => train(lost, env as unknown as Env, { steps: 10 })).toThrow(`${name}: the loss is NaN`)
    for (const a of [agent, wider, other, lost]) a.dispose()
  })

  test('leaves nothing behind', () => {
    const run = (): void => {
      const envs = vec(2)
      const agent = of(envs, { hidden: [8], batchSize: 16, learningStarts: 20 })
      train(agent, envs, { steps: 60, evaluation: { env: 'Pendulum-v1', episodes: 2, every: 60 } })
      agent.dispose()
      envs.close()
    }
    expect(storagesLeft(run)).toBe(0)
  })

  test('the js backend learns alike', () => {
    const losses = (): number[] => {
      const envs = vec()
      const agent = of(envs, { hidden: [8], batchSize: 16 })
      const { log } = train(agent, envs, { steps: 500, seed: 0 })
      agent.dispose()
      return log.map((row) => row['train/critic_loss'])
    }
    const [wasm, js] = onBothBackends(losses)
    js.forEach((loss, i) => {
      expect(Math.abs(loss / wasm[i] - 1)).toBeLessThan(0.05)
    })
  })
})

test('SAC swings the pendulum up and holds it', () => {
  const envs = vec()
  const { steps, options } = sacPresets['Pendulum-v1']
  const agent = new SAC(envs, { ...options, seed: 1 })
  train(agent, envs, { steps, seed: 1 })
  expect(evaluate(agent, 'Pendulum-v1', { episodes: 50 }).mean).toBeGreaterThan(-185)
  agent.dispose()
})

test('SAC holds a fixed temperature', () => {
  const envs = vec()
  const agent = new SAC(envs, { entCoef: 0.2, hidden: [8], batchSize: 16 })
  const { log } = train(agent, envs, { steps: 300, seed: 0 })
  expect(log[0]['train/ent_coef']).toBeCloseTo(0.2, 6)
  agent.dispose()
})

test('the actor of TD3 learns at every second update', () => {
  const agent = new TD3(vec(), { hidden: [8], batchSize: 4, learningStarts: 1 })
  const weights = (): string => String(agent.actor.parameters().map((p) => p.toArray()))
  const seen: string[] = [weights()]
  for (const _ of [1, 2, 3, 4]) {
    train(agent, vec(), { steps: 1, seed: 0, callbacks: [() => void seen.push(weights())] })
  }
  // The first step is still before the first update.
  expect(new Set(seen).size).toBe(2)
  agent.dispose()
})

test('bounds that are not those of −1 and 1', () => {
  const bounds = new ActionBounds('test', new Box([-3, 0], [5, 1]))
  expect(bounds.toEnv([-1, -1, 1, 1, 0, 0]).map((a) => Array.from(a))).toEqual([
    [-3, 0],
    [5, 1],
    [1, 0.5],
  ])
  expect(() => new ActionBounds('test', new Box(Number.NEGATIVE_INFINITY, 1))).toThrow('no Box with finite bounds')
})
