import { memoryStats } from '@x/tensor'
import { describe, expect, test, vi } from 'vitest'
import { DQN, PPO, SAC } from '../agents/index.ts'
import { make, register } from '../env/registry.ts'
import { CliffWalking } from '../envs/toy/cliffWalking.ts'
import { NumpyGenerator } from '../random/generator.ts'
import { QLearning } from '../tabular/qLearning.ts'
import { SyncVectorEnv } from '../vector/syncVectorEnv.ts'
import { bestReturn, bestReturnOf } from './bestReturn.ts'
import { evaluate } from './evaluate.ts'
import { progressLine, textCurve, toCsv, toJsonLines } from './log.ts'
import { Priorities, Replay } from './replay.ts'
import { type LogRow, type Trainable, train, trainAsync } from './train.ts'

const CLIFF = { env: 'CliffWalking-v1', episodes: 1, options: { maxEpisodeSteps: 100 } }

describe('train', () => {
  test('logs, evaluates, and measures by the best there is', () => {
    const env = make('CliffWalking-v1')
    const agent = new QLearning(env, { alpha: 0.5, gamma: 1, seed: 0 })
    const { log, best, episodes, steps } = train(agent, env, {
      steps: 20_000,
      seed: 0,
      evaluation: { ...CLIFF, every: 5000 },
    })
    expect(steps).toBe(20_000)
    expect(log[log.length - 1]['time/total_timesteps']).toBe(20_000)
    const recent = episodes.slice(-100)
    expect(log[log.length - 1]['rollout/ep_rew_mean']).toBeCloseTo(
      recent.reduce((sum, { reward }) => sum + reward, 0) / recent.length,
      9,
    )
    const evaluated = log.filter((row) => 'eval/mean_reward' in row)
    expect(evaluated).toHaveLength(4)
    expect(best?.mean).toBe(-13)
    const first = evaluated.find((row) => row['eval/mean_reward'] === -13) as LogRow
    expect(best?.steps).toBe(first.steps)
    expect(first['eval/regret']).toBe(0)
    expect(first['eval/mean_ep_length']).toBe(13)
  })

  test('callbacks hear of every line and may end it', () => {
    const env = make('CliffWalking-v1')
    const agent = new QLearning(env, { seed: 0 })
    const heard: number[] = []
    const last = vi.fn()
    const { log } = train(agent, env, {
      steps: 10_000,
      callbacks: [(row) => heard.push(row.steps) === 3, last],
    })
    expect(heard).toEqual(log.map((row) => row.steps))
    expect(last).toHaveBeenCalledTimes(3)
    expect(last.mock.calls[0][1]).toBe(agent)
  })

  /** Does better, then worse; its weights are how often it has learned. */
  class Wavering implements Trainable {
    weights = 0
    closed = 0

    act(): number {
      return [0, 1, 2, 3][Math.min(this.weights, 3)] === 2 ? 1 : 0
    }

    *learn(_: unknown, { steps }: { steps: number }): Generator<never, void> {
      try {
        for (let at = 1; at <= steps; at++) {
          this.weights = at
          yield { steps: at, episodes: [], metrics: {} } as never
        }
      } finally {
        this.closed++
      }
    }

    save(): Uint8Array {
      return Uint8Array.of(this.weights)
    }

    load([weights]: Uint8Array): void {
      this.weights = weights
    }
  }
  register({
    id: 'test/OnlyOne-v0',
    entryPoint: () => ({
      observationSpace: make('CliffWalking-v1').observationSpace,
      actionSpace: make('CliffWalking-v1').actionSpace,
      reset: () => [0, {}],
      step: (action) => [0, action as number, true, false, {}],
    }),
  })
  const evaluation = { env: 'test/OnlyOne-v0', episodes: 2, every: 1 }

  test('the best weights are there at the end, unless the last are wanted', () => {
    const agent = new Wavering()
    const { best } = train(agent, make('test/OnlyOne-v0'), { steps: 5, evaluation })
    expect([best?.steps, best?.mean, agent.weights]).toEqual([2, 1, 2])
    train(agent, make('test/OnlyOne-v0'), { steps: 5, evaluation: { ...evaluation, keepBest: false } })
    expect(agent.weights).toBe(5)
  })

  test('ends where it is good enough, and lets the loop clean up', () => {
    const agent = new Wavering()
    expect(train(agent, make('test/OnlyOne-v0'), { steps: 5, evaluation: { ...evaluation, stopAt: 1 } }).steps).toBe(2)
    expect(agent.closed).toBe(1)
  })

  test('a second training goes on: steps are those of a life, evaluations those of the training', () => {
    const env = make('CliffWalking-v1')
    const agent = new QLearning(env, { seed: 0 })
    const run = (): number[] =>
      train(agent, env, { steps: 1000, seed: 0, evaluation: { ...CLIFF, every: 500, keepBest: false } })
        .log.filter((row) => 'eval/mean_reward' in row)
        .map((row) => row.steps)
    const [first, second] = [run(), run()]
    expect(first).toHaveLength(2)
    expect(second).toHaveLength(2)
    expect(second[1]).toBe(2000)
  })

  test('regret stands beside the best return, also of environments of your own', () => {
    const env = make('CliffWalking-v1')
    const evaluation = { ...CLIFF, bestReturn: -10 }
    const { best, log } = train(new QLearning(env), env, { steps: 100, seed: 0, evaluation })
    expect(best?.regret).toBe(-10 - (best?.mean as number))
    expect(log.at(-1)?.['eval/regret']).toBe(-10 - (log.at(-1)?.['eval/mean_reward'] as number))
    const waiting = (n: number): SyncVectorEnv<Float32Array, number> =>
      new SyncVectorEnv(
        Array.from({ length: n }, () => () => make('CartPole-v1')),
        { autoresetMode: 'same-step' },
      )
    expect(evaluate({ act: () => 0 }, waiting, { episodes: 2 }).regret).toBeNull()
    const { mean, regret } = evaluate({ act: () => 0 }, waiting, { episodes: 2, bestReturn: 500 })
    expect(regret).toBe(500 - mean)
  })

  test('bad options are named', () => {
    const env = make('CliffWalking-v1')
    const agent = new QLearning(env)
    expect(() => train(agent, env, { steps: 9, episodes: 3 } as never)).toThrow("train: there is no option 'episodes'")
    expect(() => train(agent, env, { steps: 0 })).toThrow('train: 0 is not a number of steps ≥ 1')
  })
})

describe('evaluate', () => {
  const still = { act: () => 0 }

  test('every agent begins at the same starts', () => {
    const idle = { act: () => [0] }
    const returns = (seed: number): number[] => Array.from(evaluate(idle, 'Pendulum-v1', { episodes: 5, seed }).returns)
    expect(returns(3)).toEqual(returns(3))
    expect(returns(3)).not.toEqual(returns(4))
  })

  test('environments that are made by hand, and what is left of them', () => {
    const run = (): number =>
      evaluate(
        still,
        (n) =>
          new SyncVectorEnv(
            Array(n).fill(() => make('CartPole-v1')),
            { autoresetMode: 'same-step' },
          ),
        {
          episodes: 4,
        },
      ).mean
    expect(run()).toBeGreaterThan(7)
    const before = memoryStats().storages
    expect(run()).toBeLessThan(12)
    expect(memoryStats().storages).toBe(before)
  })

  test('episodes without end and unknown options are named', () => {
    expect(() => evaluate(still, 'CliffWalking-v1', { episodes: 1 })).toThrow('evaluate: 1 episodes go on')
    expect(() => evaluate(still, 'CliffWalking-v1', { episode: 1 } as never)).toThrow("there is no option 'episode'")
  })
})

test('the best return: exact with a table and a limit, known, or unknown', () => {
  expect(bestReturn('CliffWalking-v1')).toBe(-13)
  expect(bestReturn('CliffWalking-v1', { maxEpisodeSteps: 12 })).toBe(-12)
  expect(bestReturn('Taxi-v4')).toBeCloseTo(7.93, 9)
  expect(bestReturn('FrozenLake-v1', { isSlippery: false })).toBe(1)
  expect(bestReturn('FrozenLake-v1')).toBeCloseTo(0.7442, 4)
  expect(bestReturn('CartPole-v1')).toBe(500)
  expect(bestReturn('CartPole-v1', { maxEpisodeSteps: 900 })).toBeNull()
  expect(bestReturn('Blackjack-v1')).toBeNull()
  expect(bestReturn('Gridworld5x5-v0')).toBeNull()
  expect(bestReturnOf(new CliffWalking().mdp, 1)).toBe(-1)
})

describe('Replay', () => {
  const step = (reward: number, next: number, end: 'terminated' | 'truncated' | null = null) => ({
    reward,
    next: [next],
    terminated: end === 'terminated',
    truncated: end === 'truncated',
  })
  const rows = (replay: Replay): unknown => {
    const { observations, rewards, next, discounts } = replay
    const [s, r, n, d] = [observations, rewards, next, discounts].map((x) => Array.from(x.data(), Number))
    return s.slice(0, replay.size).map((from, i) => [from, r[i], n[i], d[i]])
  }

  test('adds up rewards over steps, up to the end of an episode', () => {
    const replay = new Replay({ capacity: 8, observationSize: 1, gamma: 0.5, nStep: 2 })
    expect(replay.add(0, [0], [1], step(1, 1))).toBe(0)
    expect(replay.add(0, [1], [1], step(2, 2))).toBe(1)
    expect(replay.add(0, [2], [1], step(4, 3, 'truncated'))).toBe(2)
    expect(replay.add(0, [5], [1], step(8, 6, 'terminated'))).toBe(1)
    expect(rows(replay)).toEqual([
      [0, 2, 2, 0.25],
      [1, 4, 3, 0.25],
      [2, 4, 3, 0.5],
      [5, 8, 6, 0],
    ])
    replay.add(0, [7], [1], step(1, 8))
    replay.restart()
    replay.add(0, [0], [1], step(1, 1))
    expect(replay.size).toBe(4)
    replay.dispose()
  })

  test('environments side by side do not mix, and old steps make room', () => {
    const replay = new Replay({ capacity: 3, observationSize: 1, gamma: 1, nStep: 2, environments: 2 })
    for (const at of [0, 1, 2]) {
      replay.add(0, [at], [0], step(1, at + 1))
      replay.add(1, [10 + at], [0], step(2, 11 + at))
    }
    expect(rows(replay)).toEqual([
      [11, 4, 13, 1],
      [10, 4, 12, 1],
      [1, 2, 3, 1],
    ])
    expect([replay.size, replay.position]).toEqual([3, 1])
    replay.dispose()
  })

  test('sizes that make no sense', () => {
    expect(() => new Replay({ capacity: 0, observationSize: 1, gamma: 1 })).toThrow('capacity 0')
    expect(() => new Replay({ capacity: 1, observationSize: 1, gamma: 1, nStep: 1.5 })).toThrow('nStep 1.5')
  })
})

test('Priorities: new steps first, then by the size of their error', () => {
  const priorities = new Priorities(4, { alpha: 1, epsilon: 0 })
  const generator = new NumpyGenerator(0)
  for (const place of [0, 1, 2, 3]) priorities.added(place)
  expect(Array.from(priorities.sample(4, 4, 1, generator).places)).toEqual([0, 1, 2, 3])
  priorities.update(Int32Array.of(0, 1, 2, 3), [-3, 0, 1, 0])
  const counts = new Float64Array(4)
  const { places, weights } = priorities.sample(4000, 4, 1, generator)
  for (const place of places) counts[place]++
  expect(Array.from(counts)).toEqual([3000, 0, 1000, 0])
  // 1 / (N P) over the largest of them.
  expect(weights[0]).toBeCloseTo(1 / 3, 9)
  expect(weights[3999]).toBe(1)
  const copy = new Priorities(4, { alpha: 1, epsilon: 0 })
  copy.added(3)
  copy.restore(priorities.save(3))
  expect([0, 1, 2, 3].map((i) => copy.tree.get(i))).toEqual([3, 0, 1, 0])
})

test('an agent that has no batch of observations is asked one by one', () => {
  const asked: number[] = []
  const agent = { act: (observation: number) => asked.push(observation) && 1 }
  evaluate(agent as never, 'FrozenLake-v1', { episodes: 3, options: { isSlippery: false, maxEpisodeSteps: 2 } })
  expect(asked).toEqual([0, 0, 0, 4, 4, 4])
})

describe('logs as text', () => {
  const log: LogRow[] = [
    { steps: 5, a: 1 },
    { steps: 10, a: 3, b: Number.NaN },
  ]

  test('as tables', () => {
    expect(toCsv(log)).toBe('steps,a,b\n5,1,\n10,3,NaN\n')
    expect(toJsonLines(log)).toBe('{"steps":5,"a":1}\n{"steps":10,"a":3,"b":null}\n')
  })

  test('as a line of progress', () => {
    expect(progressLine({ steps: 500, 'time/fps': 2000, 'rollout/ep_rew_mean': 21.5 }, 1000)).toBe(
      '██████████░░░░░░░░░░  50 %  500 of 1000 steps  2000 steps/s  return 21.5',
    )
    expect(progressLine({ steps: 1024, 'eval/mean_reward': 3 }, 1000)).toBe(
      '████████████████████  100 %  1024 of 1000 steps  evaluated 3',
    )
  })

  test('as a curve', () => {
    expect(textCurve(log, 'a', { width: 4, height: 3 })).toBe(
      ['a, 10 steps', '        3 │   •', '          │', '        1 │  •', ''].join('\n'),
    )
    expect(() => textCurve(log, 'c')).toThrow("no row has 'c': steps, a, b")
  })
})

describe('trainAsync', () => {
  const made = { PPO: () => make('CartPole-v1'), DQN: () => make('CartPole-v1'), SAC: () => make('Pendulum-v1') }
  const agents = {
    PPO: () => new PPO(made.PPO(), { hidden: [8], nSteps: 64, batchSize: 16 }),
    DQN: () => new DQN(made.DQN(), { hidden: [8], learningStarts: 20 }),
    SAC: () => new SAC(made.SAC(), { hidden: [8], learningStarts: 20, batchSize: 16 }),
  }

  test.each(['PPO', 'DQN', 'SAC'] as const)('%s learns as by train, and lets others in meanwhile', async (name) => {
    const options = { steps: 200, seed: 1 }
    const [one, other] = [agents[name](), agents[name]()]
    let turns = 0
    // Messages, for a page that is not in front slows its timers down.
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      turns++
      port2.postMessage(null)
    }
    port2.postMessage(null)
    const { episodes } = await trainAsync(one, made[name](), options)
    port1.close()
    expect(episodes).toEqual(train(other, made[name](), options).episodes)
    expect(Array.from(one.save())).toEqual(Array.from(other.save()))
    if (name === 'SAC') expect(turns).toBeGreaterThan(0)
    for (const agent of [one, other]) agent.dispose()
  })

  test('a signal ends it', async () => {
    const agent = agents.SAC()
    const stop = new AbortController()
    const training = trainAsync(agent, made.SAC(), { steps: 1e6, seed: 0, signal: stop.signal })
    setTimeout(() => stop.abort(new Error('enough')), 30)
    await expect(training).rejects.toThrow('enough')
    expect(() => train(agent, made.SAC(), { steps: 600, signal: stop.signal })).toThrow('enough')
    await expect(trainAsync(agent as never, { steps: 10 })).rejects.toThrow('trainAsync(agent, env, options)')
    agent.dispose()
  })
})
