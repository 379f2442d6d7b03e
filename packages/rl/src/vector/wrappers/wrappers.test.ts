import { type Tensor, tidy } from '@x/tensor'
import { assertNoLeak } from '@x/tensor/testing'
import { expect, test } from 'vitest'
import { PPO } from '../../agents/index.ts'
import { make } from '../../env/registry.ts'
import { train } from '../../training/train.ts'
import {
  NormalizeObservation as NormalizeOne,
  NormalizeReward as NormalizeRewardOfOne,
} from '../../wrappers/normalize.ts'
import {
  ClipObservation,
  ClipReward,
  NormalizeObservation,
  NormalizeReward,
  RecordEpisodeStatistics,
} from '../index.ts'
import { makeVec } from '../makeVec.ts'
import type { AutoresetMode } from '../vectorEnv.ts'

const pendulums = (numEnvs: number, autoresetMode: AutoresetMode = 'next-step') =>
  makeVec('Pendulum-v1', { numEnvs, autoresetMode, vectorization: 'sync', maxEpisodeSteps: 20 })

test('normalise one environment as the wrappers of one do', () => {
  const one = new NormalizeRewardOfOne(new NormalizeOne(make('Pendulum-v1', { maxEpisodeSteps: 20 })), { gamma: 0.9 })
  const many = new NormalizeReward(new NormalizeObservation(pendulums(1)), { gamma: 0.9 })
  const rows = (x: Tensor): number[] => Array.from(x.data(), Number)
  expect(rows(many.reset({ seed: 3 })[0])).toEqual(Array.from(one.reset({ seed: 3 })[0]))
  for (let t = 0; t < 20; t++) {
    const [observation, reward] = one.step([t / 10])
    const [observations, rewards] = many.step([[t / 10]])
    expect(rows(observations)).toEqual(Array.from(observation))
    expect(rewards[0]).toBe(reward)
  }
})

test('share their statistics among environments, count no row twice, and can be frozen', () => {
  const envs = new NormalizeObservation(pendulums(3))
  envs.reset({ seed: 0 })
  expect(envs.statistics.count).toBeCloseTo(3, 3)
  envs.reset({ options: { resetMask: [0, 1, 0] } })
  expect(envs.statistics.count).toBeCloseTo(4, 3)
  envs.updating = false
  envs.step([[0], [0], [0]])
  expect(envs.statistics.count).toBeCloseTo(4, 3)
  expect(envs.observationSpace.shape).toEqual([3, 3])
})

test.each(['next-step', 'same-step'] as const)('count episodes with %s resets', (mode) => {
  const envs = new RecordEpisodeStatistics(pendulums(2, mode), { bufferLength: 3 })
  envs.reset({ seed: 0 })
  const told: unknown[] = []
  for (let t = 0; t < 63; t++) {
    const [, , , , infos] = envs.step([[0], [0]])
    if (infos.episode) told.push(Array.from((infos.episode as { l: Float64Array }).l))
  }
  expect(told).toEqual([20, 20, 20].map((l) => [l, l]))
  expect([envs.episodes.length, envs.episodeCount]).toEqual([3, 6])
})

test('cut, also the last observations of episodes', () => {
  const envs = new ClipReward(new ClipObservation(pendulums(2, 'same-step'), -0.5, 0.5), -1, 0)
  expect(String(envs.singleObservationSpace)).toBe('Box(-0.5, 0.5, [3], float32)')
  envs.reset({ seed: 0 })
  for (let t = 0; t < 20; t++) {
    const [observations, rewards, , , infos] = envs.step([[2], [2]])
    const last = ((infos.finalObs ?? []) as Float32Array[]).flatMap((x) => [...x])
    for (const x of [...(observations.data() as Float32Array), ...last]) expect(Math.abs(x)).toBeLessThanOrEqual(0.5)
    expect(Math.min(...rewards)).toBeGreaterThanOrEqual(-1)
    expect(last.length).toBe(t === 19 ? 6 : 0)
  }
  assertNoLeak('step', () => tidy(() => void envs.step([[0], [0]])))
})

test.each(['next-step', 'same-step', 'disabled'] as const)('agents learn in them with %s resets', (mode) => {
  const envs = new RecordEpisodeStatistics(new NormalizeReward(new NormalizeObservation(pendulums(2, mode))))
  const agent = new PPO(envs, { hidden: [8], nSteps: 32 })
  const { episodes } = train(agent, envs, { steps: 128, seed: 0 })
  expect(episodes.map(({ length }) => length)).toEqual(Array(6).fill(20))
  expect(envs.episodeCount).toBe(6)
  agent.dispose()
  expect(() => new NormalizeReward(make('Pendulum-v1') as never)).toThrow('those of @x/rl are for one')
  expect(() => new NormalizeObservation(makeVec('FrozenLake-v1'))).toThrow('Discrete(16) is not a Box')
  expect(() => new NormalizeReward(envs, { gama: 1 } as never)).toThrow("there is no option 'gama'")
})
