// What compiles, for those who write TypeScript: the type check reads this file, and the tests run it.
import type { Tensor } from '@x/tensor'
import { expect, test } from 'vitest'
import { A2C, DQN, PPO, Reinforce, SAC } from './agents/index.ts'
import {
  Box,
  CartPole,
  ClipAction,
  ClipObservation,
  Discrete,
  type Env,
  evaluate,
  make,
  makeVec,
  NormalizeObservation,
  NormalizeReward,
  QLearning,
  RecordEpisodeStatistics,
  RescaleAction,
  RescaleObservation,
  type ResetOptions,
  type StepResult,
  SyncVectorEnv,
  TimeLimit,
  train,
} from './index.ts'
import { checkEnv } from './testing.ts'

/** A place on a line, with whole numbers. */
class Corridor implements Env<number, number> {
  readonly observationSpace = new Discrete(5)
  readonly actionSpace = new Discrete(2)
  private at = 0

  reset(_options?: ResetOptions): [number, Record<string, unknown>] {
    this.at = 0
    return [0, {}]
  }

  step(action: number): StepResult<number> {
    this.at = Math.max(0, this.at + (action === 1 ? 1 : -1))
    return [this.at, this.at === 4 ? 1 : 0, this.at === 4, false, {}]
  }
}

/** The same with arrays, whose kind follows from the dtype. */
class Line implements Env<Float32Array, number> {
  readonly observationSpace = new Box(-1, 1, { shape: [2] })
  readonly actionSpace = new Discrete(2)
  private t = 0

  reset(): [Float32Array, Record<string, unknown>] {
    this.t = 0
    return [new Float32Array(2), {}]
  }

  step(action: number): StepResult<Float32Array> {
    this.t++
    return [Float32Array.of(action, this.t / 5), action, this.t === 5, false, {}]
  }
}

test('spaces have the arrays of their dtype', () => {
  const whole: Float32Array = new Box(-1, 1, { shape: [2] }).sample()
  const bytes: Uint8Array = new Box(0, 255, { shape: [2], dtype: 'uint8' }).sample()
  const long: Float64Array = new Box(-1, 1, { dtype: 'float64' }).low
  expect([whole, bytes, long].map((x) => x.length)).toEqual([2, 2, 1])
})

test('environments of one’s own, wherever environments are taken', () => {
  checkEnv(new CartPole())
  checkEnv(new Corridor())
  checkEnv(new Line())
  checkEnv(make('Pendulum-v1'))
  const corridor = new TimeLimit(new RecordEpisodeStatistics(new Corridor()), 20)
  const table = new QLearning(corridor)
  for (const _ of table.learn(corridor, { steps: 30, seed: 0 })) {
  }
  train(table, corridor, { steps: 30, evaluation: { env: () => new TimeLimit(new Corridor(), 20), episodes: 2 } })
  const line = new Line()
  const dqn = new DQN(line, { hidden: [4], learningStarts: 5, batchSize: 4 })
  for (const _ of dqn.learn(line, { steps: 10 })) {
  }
  const [observation] = line.reset()
  const reward: number = line.step(dqn.act(observation))[1]
  expect(reward === 0 || reward === 1).toBe(true)
  expect(evaluate(dqn, () => line, { episodes: 3 }).lengths).toEqual(Float64Array.of(5, 5, 5))
  expect(evaluate(dqn, line, { episodes: 2 }).lengths).toEqual(Float64Array.of(5, 5))
  dqn.dispose()
})

test('an agent acts as its environment takes it', () => {
  const pole = make('CartPole-v1')
  const ppo = new PPO(pole, { hidden: [4], nSteps: 8, batchSize: 8 })
  for (const _ of ppo.learn(pole, { steps: 8, seed: 0 })) {
  }
  const [start] = pole.reset({ seed: 0 })
  const choice: number = ppo.act(start)
  pole.step(choice)

  const pendulum = make('Pendulum-v1')
  const [swing] = pendulum.reset({ seed: 0 })
  for (const agent of [new PPO(pendulum, { hidden: [4] }), new A2C(pendulum, { hidden: [4] })]) {
    const torque: Float32Array = agent.act(swing)
    pendulum.step(torque)
    agent.dispose()
  }
  const reinforce = new Reinforce(pendulum, { hidden: [4] })
  const sac = new SAC(pendulum, { hidden: [4] })
  pendulum.step(reinforce.act(swing))
  pendulum.step(sac.act(swing))
  for (const agent of [ppo, reinforce, sac]) agent.dispose()
})

test('several environments', () => {
  const envs = makeVec('CartPole-v1', { numEnvs: 3 })
  const a2c = new A2C(envs, { hidden: [4] })
  const observations: Tensor = envs.reset({ seed: 0 })[0]
  const actions: number[] = a2c.actMany(observations)
  envs.step(actions)
  a2c.dispose()
  envs.close()
  const lines = new SyncVectorEnv([() => new Line(), () => new Line()])
  const ppo = new PPO(lines, { hidden: [4], nSteps: 8 })
  lines.step(ppo.actMany(lines.reset()[0]))
  ppo.dispose()
})

test('wrappers take what make gives', () => {
  const pendulum = () => make('Pendulum-v1')
  const wrapped = new NormalizeReward(
    new ClipObservation(new NormalizeObservation(new RescaleAction(pendulum(), -1, 1)), -5, 5),
  )
  wrapped.reset({ seed: 0 })
  expect(wrapped.step([0.5])[0].length).toBe(3)
  const other = new RescaleObservation(new ClipAction(pendulum()))
  other.reset({ seed: 0 })
  expect(Number(other.step(Float32Array.of(9))[0][0])).toBeLessThanOrEqual(1)
})
