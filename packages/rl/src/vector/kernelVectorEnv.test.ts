import { setBackend, type Tensor, tensor, tidy } from '@x/tensor'
import { js as tensorJs } from '@x/tensor/js'
import { assertNoLeak } from '@x/tensor/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { type KnownEnvs, make } from '../env/registry.ts'
import { js } from '../js/index.ts'
import { NumpyGenerator } from '../random/generator.ts'
import { Discrete } from '../spaces/discrete.ts'
import type { KernelVectorEnv } from './kernelVectorEnv.ts'
import { type MakeVecOptions, makeVec } from './makeVec.ts'

afterEach(() => setBackend('wasm'))

const CONTROL = ['CartPole-v1', 'MountainCar-v0', 'MountainCarContinuous-v0', 'Acrobot-v1', 'Pendulum-v1'] as const
const ALL = [
  ...CONTROL,
  'FrozenLake-v1',
  'CliffWalkingSlippery-v1',
  'Taxi-v4',
  'Blackjack-v1',
  'RandomWalk-v0',
] as const

const kernelEnv = (id: keyof KnownEnvs, options: MakeVecOptions): KernelVectorEnv =>
  makeVec(id, { ...options, vectorization: 'kernel' }) as KernelVectorEnv

const numbers = (batch: unknown): number[] =>
  Array.isArray(batch) ? batch.flatMap(numbers) : Array.from((batch as Tensor).data(), Number)

/** Actions drawn from the action space, the same for the same seed. */
function actionsOf(envs: KernelVectorEnv, generator: NumpyGenerator): number[] {
  const space = envs.singleActionSpace
  return Array.from({ length: envs.numEnvs }, () =>
    space instanceof Discrete ? generator.integers(space.n) : Math.fround(generator.uniform(-2.5, 2.5)),
  )
}

describe.each(CONTROL)('%s', (id) => {
  test('moves as the single environment does, to the last bit of the observation', () => {
    const envs = kernelEnv(id, { numEnvs: 9, autoresetMode: 'next-step' })
    const env = make(id).unwrapped as unknown as {
      state: ArrayLike<number>
      reset(): unknown
      step(action: unknown): [Float32Array, number, boolean]
    }
    env.reset()
    const generator = new NumpyGenerator(3)
    envs.reset({ seed: 5 })
    let ended = new Uint8Array(9)
    for (let t = 0; t < 300; t++) {
      const before = envs.states
      const actions = actionsOf(envs, generator)
      const [observations, rewards, terminations, truncations] = envs.step(actions)
      const rows = (observations as Tensor).data()
      const S = before.length / 9
      const width = rows.length / 9
      for (let i = 0; i < 9; i++) {
        if (ended[i]) continue
        env.state = before.slice(i * S, (i + 1) * S)
        const [observation, reward, terminated] = env.step(
          envs.singleActionSpace instanceof Discrete ? actions[i] : [actions[i]],
        )
        expect([...rows.slice(i * width, (i + 1) * width)]).toEqual([...observation])
        expect(rewards[i]).toBeCloseTo(reward, 12)
        expect(terminations[i]).toBe(Number(terminated))
      }
      ended = terminations.map((flag, i) => flag | truncations[i])
    }
    envs.close()
  })
})

describe.each(ALL)('%s', (id) => {
  const run = (backend: 'js' | 'wasm', mode: 'next-step' | 'same-step'): number[][] => {
    if (backend === 'js') setBackend(tensorJs, js)
    else setBackend('wasm')
    const envs = kernelEnv(id, { numEnvs: 7, autoresetMode: mode, maxEpisodeSteps: 25 })
    const generator = new NumpyGenerator(4)
    const seen = [numbers(envs.reset({ seed: 11 })[0])]
    for (let t = 0; t < 60; t++) {
      const [obs, rewards, terminations, truncations, infos] = envs.step(actionsOf(envs, generator))
      const final = ((infos.finalObs ?? []) as unknown[]).filter((x) => x !== null)
      const all = final.flatMap((x) => (typeof x === 'number' ? [x] : Array.from(x as ArrayLike<number>)))
      seen.push([...numbers(obs), ...rewards, ...terminations, ...truncations, ...all])
    }
    envs.close()
    return seen
  }

  test.each(['next-step', 'same-step'] as const)('is the same on both backends with %s resets', (mode) => {
    const [wasm, twin] = [run('wasm', mode), run('js', mode)]
    wasm.forEach((row, t) => {
      expect(row.length).toBe(twin[t].length)
      row.forEach((v, k) => {
        expect(Math.abs(v - twin[t][k]), `step ${t} number ${k}`).toBeLessThan(1e-5)
      })
    })
  })

  test('gives back all it takes', () => {
    const envs = kernelEnv(id, { numEnvs: 5 })
    envs.reset({ seed: 0 })
    const actions = actionsOf(envs, new NumpyGenerator(0))
    assertNoLeak(id, () => void envs.step(actions))
    envs.close()
  })
})

test('starts depend on the seed, and lie within the bounds', () => {
  const envs = kernelEnv('CartPole-v1', { numEnvs: 200 })
  const first = numbers(envs.reset({ seed: 1 })[0])
  expect(Math.max(...first.map(Math.abs))).toBeLessThan(0.05)
  expect(new Set(first).size).toBeGreaterThan(790)
  expect(numbers(envs.reset({ seed: 1 })[0])).toEqual(first)
  expect(numbers(envs.reset()[0])).not.toEqual(first)
  expect(numbers(envs.reset({ seed: 2 })[0])).not.toEqual(first)
  const far = numbers(envs.reset({ seed: 1, options: { low: 0.1, high: 0.2 } })[0])
  expect(Math.min(...far)).toBeGreaterThanOrEqual(Math.fround(0.1))
  envs.close()
})

test('takes a list of seeds', () => {
  const envs = kernelEnv('CartPole-v1', { numEnvs: 3 })
  const start = (seed: number[]): number[] => numbers(envs.reset({ seed })[0])
  expect(start([1, 2, 3])).toEqual(start([1, 2, 3]))
  expect(start([1, 2, 3])).not.toEqual(start([1, 2, 4]))
  envs.close()
})

test('an observation that was handed out does not change', () => {
  const envs = kernelEnv('CartPole-v1', { numEnvs: 3 })
  const [obs] = envs.reset({ seed: 1 })
  const before = numbers(obs)
  const [next] = envs.step(tensor([0, 1, 0], { dtype: 'int32' }))
  const after = numbers(next)
  envs.step([1, 1, 1])
  expect(numbers(obs)).toEqual(before)
  expect(numbers(next)).toEqual(after)
  envs.close()
})

test('resets by next step, by same step, and by hand', () => {
  const push = [1, 1]
  const untilEnd = (envs: KernelVectorEnv): ReturnType<KernelVectorEnv['step']> => {
    for (;;) {
      const result = envs.step(push)
      if (result[2][0]) return result
    }
  }
  const next = kernelEnv('CartPole-v1', { numEnvs: 2 })
  next.reset({ seed: 0 })
  const [fallen] = untilEnd(next)
  expect(Math.abs(numbers(fallen)[2])).toBeGreaterThan(0.2)
  const [fresh, rewards, terminations] = next.step(push)
  expect(Math.abs(numbers(fresh)[2])).toBeLessThan(0.05)
  expect([rewards[0], terminations[0]]).toEqual([0, 0])

  const same = kernelEnv('CartPole-v1', { numEnvs: 2, autoresetMode: 'same-step' })
  same.reset({ seed: 0 })
  const [first, , , , infos] = untilEnd(same)
  expect(Math.abs(numbers(first)[2])).toBeLessThan(0.05)
  const [final] = infos.finalObs as Float32Array[]
  expect(Math.abs(final[2])).toBeGreaterThan(0.2)

  const manual = kernelEnv('CartPole-v1', { numEnvs: 1, autoresetMode: 'disabled' })
  manual.reset({ seed: 0 })
  let ended = manual.step([1])[2]
  while (!ended[0]) ended = manual.step([1])[2]
  expect(() => manual.step([1])).toThrow(/episode 0 has ended/)
  manual.reset({ options: { resetMask: ended } })
  expect(manual.step([1])[1][0]).toBe(1)
  for (const envs of [next, same, manual]) envs.close()
})

test('bad use is named', () => {
  const envs = kernelEnv('CartPole-v1', { numEnvs: 2 })
  expect(() => envs.step([0, 1])).toThrow(/before reset/)
  envs.reset()
  expect(() => envs.step([0])).toThrow(/1 actions for 2/)
  expect(() => envs.step([0, 2])).toThrow(/environment 1: action 2 is not in Discrete\(2\)/)
  expect(() => envs.reset({ options: { lo: 1 } })).toThrow(/no option 'lo'/)
  expect(() => envs.reset({ seed: [1, null] })).toThrow(/seeds of some/)
  expect(() => envs.reset({ seed: [1] })).toThrow('1 seeds for 2 environments')
  envs.close()
  expect(() => makeVec('Taxi-v4', { numEnvs: 2, vectorization: 'kernel', ficklePassenger: true })).toThrow(/no kernel/)
  expect(() => makeVec('Bandit-v0', { numEnvs: 2, vectorization: 'kernel' })).toThrow(/no kernel/)
  expect(makeVec('Bandit-v0', { numEnvs: 2 }).numEnvs).toBe(2)
})

test('the kernel plays blackjack as the rules say', () => {
  const envs = kernelEnv('Blackjack-v1', { numEnvs: 4000, autoresetMode: 'same-step' })
  let obs = envs.reset({ seed: 0 })[0] as Tensor[]
  let total = 0
  let games = 0
  // Stick on 17 and more: the expected value of that is about −0.08 under these rules.
  for (let t = 0; t < 60; t++) {
    const sums = obs[0].data()
    const [next, rewards, terminations] = tidy(() => envs.step(Array.from(sums, (s) => Number(Number(s) < 17))))
    obs = next as Tensor[]
    rewards.forEach((r, i) => {
      total += r
      games += terminations[i]
    })
  }
  expect(games).toBeGreaterThan(80_000)
  expect(Math.abs(total / games + 0.0785)).toBeLessThan(0.012)
  envs.close()
})
