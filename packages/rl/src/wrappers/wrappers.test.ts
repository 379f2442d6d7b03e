import { describe, expect, test } from 'vitest'
import type { Env, StepResult } from '../env/env.ts'
import { EnvContractError } from '../env/errors.ts'
import { make, register, spec } from '../env/registry.ts'
import { Box } from '../spaces/box.ts'
import { Discrete } from '../spaces/discrete.ts'
import { checkEnv } from '../testing.ts'
import { PassiveEnvChecker, TimeLimit } from './guards.ts'
import { FrameStackObservation, MaxAndSkipObservation, TimeAwareObservation } from './memory.ts'
import { NormalizeObservation, NormalizeReward } from './normalize.ts'
import { RecordEpisodeStatistics } from './statistics.ts'
import {
  ClipAction,
  ClipReward,
  FlattenObservation,
  RescaleAction,
  RescaleObservation,
  TransformObservation,
} from './transform.ts'

/** Walks to the right; every third step is the last. */
const walk = (changes: Partial<Env<number, number>> = {}): Env<number, number> => {
  let at = 0
  return {
    observationSpace: new Discrete(4),
    actionSpace: new Discrete(2),
    reset: () => {
      at = 0
      return [at, {}]
    },
    step: () => {
      at++
      return [at, 1, at === 3, false, {}]
    },
    ...changes,
  }
}

const asAny = (env: unknown): Env<never, never> => env as Env<never, never>

describe('an environment of one’s own', () => {
  test('needs no base class', () => {
    checkEnv(asAny(walk()))
    register({ id: 'test/Walk-v2', entryPoint: () => walk() as Env, maxEpisodeSteps: 2 })
    register({ id: 'test/Walk-v0', entryPoint: () => walk() as Env })
    const env = make('test/Walk')
    expect(spec('test/Walk').id).toBe('test/Walk-v2')
    expect(String(env)).toMatch(/<TimeLimit<OrderEnforcing<PassiveEnvChecker<test\/Walk-v2>>>>/)
    env.reset()
    expect(env.step(0).slice(0, 4)).toEqual([1, 1, false, false])
    expect(env.step(0).slice(0, 4)).toEqual([2, 1, false, true])
    expect(() => make('test/Walk-v1')).toThrow(/no environment 'test\/Walk-v1', but test\/Walk-v0, test\/Walk-v2/)
    expect(() => make('CartPoel-v1')).toThrow(/did you mean CartPole-v0/)
    expect(() => register({ id: 'Walk', entryPoint: () => walk() as Env })).toThrow(/no id/)
  })

  test.each([
    ['a wrong observation', { reset: () => [9, {}] }, /observation of reset\(\) is 9, which is not in Discrete\(4\)/],
    ['no info', { reset: () => [0] }, /reset\(\) must return \[observation, info\]/],
    ['a reward that is not a number', { step: () => [1, Number.NaN, false, false, {}] }, /reward NaN/],
    ['flags that are numbers', { step: () => [1, 0, 1, 0, {}] }, /terminated is 1, not a boolean/],
    ['four results', { step: () => [1, 0, false, {}] }, /must return \[observation, reward/],
    [
      'a run that does not repeat',
      { step: () => [1, performance.now(), false, false, {}] },
      /does not repeat with its seed/,
    ],
    ['no space', { actionSpace: 3 }, /actionSpace is 3, not a space/],
  ])('is refused with %s', (_, changes, message) => {
    const env = asAny(walk(changes as never))
    expect(() => checkEnv(env)).toThrow(EnvContractError)
    expect(() => checkEnv(env)).toThrow(message as RegExp)
  })

  test('is refused when it changes observations that it gave out', () => {
    const state = new Float32Array(1)
    const env = {
      observationSpace: new Box(-100, 100),
      actionSpace: new Discrete(2),
      reset: () => [state.fill(0), {}],
      step: () => {
        state[0]++
        return [state, 0, state[0] > 20, false, {}]
      },
    }
    expect(() => checkEnv(asAny(env))).toThrow(/changed later; give out a copy/)
  })

  test('is watched while it runs', () => {
    const results: StepResult<number>[] = [
      [1, 0, false, false, {}],
      [1, Number.POSITIVE_INFINITY, false, false, {}],
    ]
    const env = new PassiveEnvChecker(walk({ step: () => results.shift() as StepResult<number> }))
    env.reset()
    env.step(0)
    expect(() => env.step(0)).toThrow(/reward Infinity/)
    expect(() => env.step(2)).toThrow(/action 2 is not in Discrete\(2\)/)
  })
})

test('the time limit begins anew at every reset', () => {
  const env = make('CartPole-v1', { maxEpisodeSteps: 3 })
  for (let episode = 0; episode < 2; episode++) {
    env.reset({ seed: 0 })
    expect([0, 1, 0].map((a) => env.step(a)[3])).toEqual([false, false, true])
  }
  expect(make('CartPole-v1', { maxEpisodeSteps: -1 })).not.toBeInstanceOf(TimeLimit)
  expect(() => new TimeLimit(walk(), 0)).toThrow(/TimeLimit: 0 is not a whole number/)
})

test('continuous actions beyond the bounds are cut where the environment says so, and NaN never', () => {
  const env = make('Pendulum-v1')
  env.reset({ seed: 0 })
  env.step([5])
  expect(() => env.step([Number.NaN])).toThrow(/NaN/)
  expect(() => env.step([1, 2])).toThrow(/\[1,2\] is not in/)
})

test('every wrapper keeps to the contract', () => {
  const wrapped: (() => unknown)[] = [
    () => new ClipReward(make('Pendulum-v1'), -1, 0),
    () => new FrameStackObservation(make('CartPole-v1'), 4),
    () => new FrameStackObservation(make('CartPole-v1'), 2, { padding: 'zero' }),
    () => new MaxAndSkipObservation(make('CartPole-v1'), 2),
    () => new TimeAwareObservation(make('CartPole-v1') as never),
    () =>
      new TimeAwareObservation(make('Blackjack-v1', { maxEpisodeSteps: 5 }) as never, {
        flatten: false,
        normalizeTime: true,
      }),
    () => new RescaleAction(make('Pendulum-v1') as never),
    () => new RescaleObservation(make('Pendulum-v1')),
    () => new FlattenObservation(make('Taxi-v4')),
    () => new FlattenObservation(make('Blackjack-v1') as never),
    () => new TransformObservation(make('CartPole-v1'), (x) => x.map((v) => v / 10)),
  ]
  for (const one of wrapped) checkEnv(asAny(one()), { steps: 60 })
  expect(() => new RescaleObservation(make('CartPole-v1'))).not.toThrow()
  expect(() => new RescaleAction(make('CartPole-v1') as never)).toThrow(/Discrete\(2\) is not a Box/)
  expect(() => new TimeAwareObservation(walk() as never)).toThrow(/no maxEpisodeSteps/)
})

test('ClipAction cuts, RescaleAction stretches', () => {
  const seen: number[] = []
  const inner = {
    ...walk(),
    actionSpace: new Box(-2, 2),
    step: (action: Float32Array): StepResult<number> => {
      seen.push(action[0])
      return [0, 0, false, false, {}]
    },
  }
  new ClipAction(inner as never).step([7])
  new RescaleAction(inner as never, 0, 1).step([0.75])
  expect(seen).toEqual([2, 1])
})

test('normalising wrappers bring a stream to unit scale, and can be frozen', () => {
  const env = new NormalizeObservation(make('Pendulum-v1'))
  env.actionSpace.seed(0)
  env.reset({ seed: 0 })
  for (let t = 0; t < 500; t++) env.step(env.actionSpace.sample() as ArrayLike<number>)
  const sums = [0, 0, 0]
  env.updating = false
  const before = [...env.statistics.mean]
  for (let t = 0; t < 300; t++)
    for (const [i, v] of env.step(env.actionSpace.sample() as ArrayLike<number>)[0].entries()) sums[i] += v * v
  expect([...env.statistics.mean]).toEqual(before)
  for (const s of sums) expect(s / 300).toBeLessThan(4)
  const rewards = new NormalizeReward(make('Pendulum-v1'))
  rewards.reset({ seed: 0 })
  let last = 0
  for (let t = 0; t < 300; t++) last = rewards.step([0])[1]
  expect(Math.abs(last)).toBeLessThan(1)
})

test('episode statistics come with the last step', () => {
  const env = new RecordEpisodeStatistics(walk(), { bufferLength: 2 })
  for (let episode = 0; episode < 3; episode++) {
    env.reset()
    env.step(0)
    env.step(0)
    expect(env.step(0)[4].episode).toMatchObject({ r: 3, l: 3 })
  }
  expect(env.episodes.length).toBe(2)
  expect(env.episodeCount).toBe(3)
})
