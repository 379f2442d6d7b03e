import { tensor, tidy } from '@x/tensor'
import { describe, expect, test } from 'vitest'
import { storagesLeft } from '../../fixtures/runs.ts'
import { make } from '../env/registry.ts'
import { evaluate } from '../training/evaluate.ts'
import { train } from '../training/train.ts'
import { makeVec } from '../vector/makeVec.ts'
import { A2C } from './a2c.ts'
import { Reinforce } from './reinforce.ts'

const carts = (numEnvs = 8): ReturnType<typeof makeVec> =>
  makeVec('CartPole-v1', { numEnvs, autoresetMode: 'same-step' })

describe('Reinforce', () => {
  test.each([true, false])('balances the pole, with a baseline: %s', (baseline) => {
    const env = make('CartPole-v1')
    const agent = new Reinforce(env, { baseline, seed: 0 })
    expect(evaluate(agent, 'CartPole-v1').mean).toBeLessThan(100)
    const { log } = train(agent, env, { steps: 60_000, seed: 0 })
    expect('train/value_loss' in log[0]).toBe(baseline)
    expect(evaluate(agent, 'CartPole-v1').mean).toBeGreaterThan(475)
    agent.dispose()
  })

  test('drawn continuous actions are cut to their bounds', () => {
    const env = make('Pendulum-v1')
    const agent = new Reinforce(env, { batchEpisodes: 1 })
    const { episodes } = train(agent, env, { steps: 400, seed: 0 })
    expect(episodes).toHaveLength(2)
    const actions = tidy(() => agent.actMany(tensor([...Array(50)].map(() => [1, 0, 0])))) as Float32Array[]
    expect(actions.every(([u]) => Math.abs(u) <= 2)).toBe(true)
    expect(new Set(actions.map(([u]) => u)).size).toBeGreaterThan(20)
    agent.dispose()
  })
})

describe('A2C', () => {
  test('balances the pole', () => {
    const envs = carts()
    const agent = new A2C(envs, { seed: 0 })
    train(agent, envs, { steps: 200_000, seed: 0 })
    expect(evaluate(agent, 'CartPole-v1').mean).toBeGreaterThan(475)
    agent.dispose()
  })

  test('continuous actions and cut episodes', () => {
    const envs = makeVec('Pendulum-v1', { numEnvs: 2, autoresetMode: 'same-step' })
    const agent = new A2C(envs, { nSteps: 8, normalizeAdvantage: true, entCoef: 0.01 })
    const { log, episodes } = train(agent, envs, { steps: 480, seed: 0 })
    expect(log).toHaveLength(30)
    expect(episodes.map(({ length }) => length)).toEqual([200, 200])
    expect(Number.isFinite(log[29]['train/value_loss'])).toBe(true)
    agent.dispose()
  })
})

test.each(['Reinforce', 'A2C'])('%s goes on from a checkpoint, and only from its own', (name) => {
  const of = (seed: number): Reinforce | A2C =>
    name === 'A2C' ? new A2C(carts(), { seed }) : new Reinforce(make('CartPole-v1'), { seed })
  const learn = (agent: Reinforce | A2C, seed: number): unknown => {
    const env = name === 'A2C' ? carts() : make('CartPole-v1')
    return train(agent, env, { steps: 800, seed }).log.map((row) => row['train/value_loss'])
  }
  const [first, second] = [of(0), of(1)]
  learn(first, 0)
  second.load(first.save())
  expect(learn(second, 5)).toEqual(learn(first, 5))
  const other = name === 'A2C' ? new Reinforce(make('CartPole-v1')) : new A2C(carts())
  expect(() => other.load(first.save())).toThrow('the checkpoint is of')
  for (const agent of [first, second, other]) agent.dispose()
})

test('bad use is named, and nothing is left behind', () => {
  expect(() => new A2C(carts(), { entcoef: 1 } as never)).toThrow("A2C: there is no option 'entcoef'")
  expect(() => new Reinforce(make('FrozenLake-v1'))).toThrow('no vectors')
  const reinforce = (): void => {
    const env = make('CartPole-v1')
    const agent = new Reinforce(env)
    train(agent, env, { steps: 300, seed: 0 })
    agent.dispose()
  }
  const a2c = (): void => {
    const envs = carts()
    const agent = new A2C(envs)
    train(agent, envs, { steps: 200, seed: 0 })
    agent.dispose()
    envs.close()
  }
  for (const run of [reinforce, a2c]) expect(storagesLeft(run)).toBe(0)
})
