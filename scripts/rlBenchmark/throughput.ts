// Steps per second of environments, observations included, and the time of an update.
import { CartPole, make, makeVec, train } from '@x/rl'
import { DQN } from '@x/rl/agents'
import { tidy } from '@x/tensor'

export interface Measured {
  readonly what: string
  readonly value: number
  readonly unit: string
  /** What is asked: at least so many per second, at most so much time. */
  readonly bar: number
  readonly better: 'high' | 'low'
}

/** The best of several rounds: what the machine does when nothing else wants it. */
function fastest(rounds: number, f: () => void): number {
  f()
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < rounds; i++) {
    const begin = performance.now()
    f()
    least = Math.min(least, performance.now() - begin)
  }
  return least / 1000
}

/** One cart as an object, its observations new at every step. */
function single(): number {
  const env = new CartPole()
  env.reset({ seed: 0 })
  const steps = 500_000
  let sum = 0
  const seconds = fastest(7, () => {
    for (let i = 0; i < steps; i++) {
      const [observation, , terminated] = env.step(i & 1)
      sum += observation[0]
      if (terminated) env.reset()
    }
  })
  if (!Number.isFinite(sum)) throw new Error('the cart left the numbers')
  return steps / seconds / 1e6
}

/** Many carts in Wasm, their observations a tensor at every step. */
function many(): number {
  const n = 1024
  const envs = makeVec('CartPole-v1', { numEnvs: n, autoresetMode: 'same-step' })
  envs.reset({ seed: 0 })
  const actions = Int32Array.from({ length: n }, (_, i) => i & 1)
  const rounds = 500
  const seconds = fastest(7, () => {
    for (let t = 0; t < rounds; t++) tidy(() => void envs.step(actions))
  })
  envs.close()
  return (n * rounds) / seconds / 1e6
}

/** An update of DQN (64x64, 64 transitions): what training takes longer for it. */
function update(): number {
  const seconds = (gradientSteps: number): number => {
    const env = make('CartPole-v1')
    const agent = new DQN(env, { trainFreq: 1, gradientSteps, learningStarts: 100, explorationFinalEps: 1 })
    train(agent, env as never, { steps: 500, seed: 0 })
    const least = fastest(7, () => train(agent, env as never, { steps: 500, seed: 0 }))
    agent.dispose()
    return least
  }
  return ((seconds(3) - seconds(1)) / 1000) * 1e6
}

export const throughput = (): Measured[] => [
  { what: 'CartPole, one object', value: single(), unit: 'M steps/s', bar: 5, better: 'high' },
  { what: 'CartPole, 1024 in Wasm, one core', value: many(), unit: 'M steps/s', bar: 50, better: 'high' },
  { what: 'DQN update, 64x64, 64 transitions, compiled', value: update(), unit: 'µs', bar: 120, better: 'low' },
]
