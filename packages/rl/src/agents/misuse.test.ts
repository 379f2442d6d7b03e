// What agents say of options, observations and checkpoints that they cannot take.
import { describe, expect, test } from 'vitest'
import type { Env } from '../env/env.ts'
import { make } from '../env/registry.ts'
import { QLearning } from '../tabular/qLearning.ts'
import { Sarsa } from '../tabular/sarsa.ts'
import { A2C, DDPG, DQN, PPO, Reinforce, SAC, TD3 } from './index.ts'

const any = (x: unknown): never => x as never
const pole = (): Env => make('CartPole-v1') as Env
const swing = (): Env => make('Pendulum-v1') as Env
const agents = { PPO, A2C, Reinforce, DQN, SAC, TD3, DDPG }

describe.each(Object.entries(agents))('%s', (name, Agent) => {
  const isBox = ['SAC', 'TD3', 'DDPG'].includes(name)
  const start = (): Env => (isBox ? swing() : pole())
  const of = (options: unknown): unknown => new (Agent as typeof PPO)(start(), options as never)

  test('options that there are not, or of the wrong kind', () => {
    expect(() => of({ gama: 0.9 })).toThrow(`${name}: there is no option 'gama'; there are hidden, activation`)
    expect(() => of(3)).toThrow(`${name}: options are an object, such as { hidden: …`)
    for (const gamma of [-0.1, 1.1, Number.NaN, '0.9']) expect(() => of({ gamma })).toThrow('gamma')
    for (const hidden of [[0], [1.5], ['a']]) expect(() => of({ hidden })).toThrow('hidden')
    expect(() => of({ activation: 'elu' })).toThrow("activation 'elu' is none of 'tanh', 'relu'")
    for (const seed of [-1, 0.5]) expect(() => of({ seed })).toThrow('seed')
  })

  test('checkpoints of others', () => {
    const agent = of({ hidden: [4] }) as PPO
    expect(() => agent.load(new QLearning({ states: 2, actions: 2 }).save())).toThrow('the checkpoint is of QLearning')
    expect(() => agent.load(Uint8Array.of(1, 2))).toThrow('safetensors')
    agent.dispose()
  })

  test('numbers out of their range', () => {
    const known = Object.keys((of({}) as PPO).options)
    const wrong = { learningRate: -1, maxGradNorm: 0, entCoef: -1, gaeLambda: 2, nSteps: 0, batchSize: 1.5, tau: 0 }
    const own = { critics: 3, policyDelay: 0, targetPolicyNoise: -1, actionNoise: -0.1, initialEntCoef: 0 }
    const more = { ...own, vfCoef: -1, bufferSize: 0, trainFreq: 0, explorationFraction: 2, nEpochs: '3', clipRange: 0 }
    for (const [option, value] of Object.entries({ ...wrong, ...more })) {
      if (!known.includes(option)) continue
      const shown = typeof value === 'string' ? `'${value}'` : value
      expect(() => of({ [option]: value }), option).toThrow(`${name}: ${option} ${shown} is not`)
    }
    const defaults = (of({ gamma: undefined }) as PPO).options
    expect(defaults.gamma).toBe(0.99)
  })

  test('learning for no steps, and from something else', () => {
    const agent = of({ hidden: [4] }) as PPO
    const learn = (options: unknown): unknown => [...agent.learn(start(), options as never)]
    expect(() => learn(500)).toThrow(`${name}.learn: options are an object, such as { steps: 10000 }, not 500`)
    expect(() => learn(undefined)).toThrow(`${name}.learn: options are an object`)
    expect(() => learn({ steps: 0 })).toThrow('steps 0 is not a number ≥ 1')
    expect(() => learn({ steps: 5, sed: 1 })).toThrow("there is no option 'sed'")
    expect(agent.steps).toBe(0)
    expect(() => agent.act(new Float32Array(7))).toThrow(
      `${name}: an observation of 7 numbers; there are ${isBox ? 3 : 4}`,
    )
    const other = make('Acrobot-v1') as never
    expect(() => [...agent.learn(other, { steps: 10 })]).toThrow(
      `${name}: made for observations of ${isBox ? 3 : 4} numbers`,
    )
    agent.dispose()
  })
})

test('the weight of the entropy, as Stable-Baselines3 writes it', () => {
  const sac = (options: object): SAC => new SAC(swing(), { hidden: [4], ...options })
  const begun = sac({ entCoef: 'auto_0.1', targetEntropy: 'auto' })
  expect(Math.exp(begun.logAlpha.item())).toBeCloseTo(0.1, 6)
  begun.dispose()
  for (const entCoef of ['auto_0', 'auto_x']) expect(() => sac({ entCoef })).toThrow('SAC: initialEntCoef')
  expect(() => sac({ entCoef: 'none' })).toThrow("SAC: entCoef 'none' is not a number ≥ 0")
})

test('acting with options that there are not', () => {
  const typo = any({ determinstic: true })
  const agent = new PPO(pole(), { hidden: [4] })
  expect(() => agent.act(new Float32Array(4), typo)).toThrow("PPO.act: there is no option 'determinstic'")
  agent.dispose()
  expect(() => new Sarsa({ states: 2, actions: 2 }).act(0, typo)).toThrow(
    "Sarsa.act: there is no option 'determinstic'",
  )
  expect(() => new Sarsa({ states: 2, actions: 2 }).act(0, any(true))).toThrow('Sarsa.act: options are an object')
  const replaying = new DQN(pole(), { hidden: [4], bufferSize: 9 })
  expect(() => replaying.save(any({ memry: true }))).toThrow("DQN.save: there is no option 'memry'")
  replaying.dispose()
})
