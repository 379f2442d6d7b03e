// Steps per second of environments, observations included, and the time of an update.
import { CartPole, type KernelVectorEnv, make, makeVec, train } from '@x/rl'
import { DQN } from '@x/rl/agents'
import { type Tensor, tidy } from '@x/tensor'

export interface Measured {
  readonly what: string
  readonly value: number
  readonly unit: string
  /** What is asked: at least so many per second, at most so much time. */
  readonly bar: number
  readonly better: 'high' | 'low'
  /** What others come to at it, as measured beside when the bar was set. */
  readonly peer: string
}

/** Seconds of each function at its best, all measured in turn: what the machine does when nothing else wants it. */
function fastest(rounds: number, ...fs: readonly (() => void)[]): number[] {
  const least = fs.map(() => Number.POSITIVE_INFINITY)
  for (let i = 0; i < rounds; i++) {
    fs.forEach((f, k) => {
      const begin = performance.now()
      f()
      least[k] = Math.min(least[k], performance.now() - begin)
    })
  }
  return least.map((milliseconds) => milliseconds / 1000)
}

/** One cart as an object, its observations new at every step. */
function single(): number {
  const env = new CartPole()
  env.reset({ seed: 0 })
  const steps = 20_000
  // Somebody holds the last observations, so that none can be left unwritten.
  const held: Float32Array[] = []
  const [seconds] = fastest(300, () => {
    for (let i = 0; i < steps; i++) {
      const [observation, , terminated] = env.step(i & 1)
      held[i % 64] = observation
      if (terminated) env.reset()
    }
  })
  if (!held.every((x) => x.every(Number.isFinite))) throw new Error('the cart left the numbers')
  return steps / seconds / 1e6
}

/** Many carts in Wasm, all reset at the step that ends their episodes, their observations a tensor at every step. */
function many(): number {
  const n = 1024
  const envs = makeVec('CartPole-v1', { numEnvs: n, autoresetMode: 'same-step' }) as KernelVectorEnv
  envs.reset({ seed: 0 })
  const actions = Int32Array.from({ length: n }, (_, i) => i & 1)
  const steps = 40
  const [seconds] = fastest(500, () => {
    for (let t = 0; t < steps; t++) tidy(() => void envs.step(actions))
  })
  checkAgainstSingle(envs, actions)
  envs.close()
  return (n * steps) / seconds / 1e6
}

/** What was timed must be the cart: a step of all of them against the same steps of single ones. */
function checkAgainstSingle(envs: KernelVectorEnv, actions: Int32Array): void {
  const before = envs.states
  tidy(() => {
    const [observations, rewards, terminations, truncations] = envs.step(actions)
    const rows = (observations as Tensor).data() as Float32Array
    const env = new CartPole()
    actions.forEach((action, i) => {
      env.state = before.subarray(4 * i, 4 * i + 4)
      const [expected, reward, terminated] = env.step(action)
      const isSame = reward === rewards[i] && terminated === Boolean(terminations[i])
      // Of an episode that ended the row is the start of the next one.
      const isNear = terminated || truncations[i] || expected.every((x, k) => Math.abs(x - rows[4 * i + k]) < 1e-6)
      if (!isSame || !isNear) throw new Error(`cart ${i} went another way in Wasm`)
    })
  })
}

/** An update of DQN (64x64, 64 transitions), with its sample: what training takes longer for two more at every step. */
function update(): number {
  const steps = 20
  const agents = [1, 3].map((gradientSteps) => {
    const env = make('CartPole-v1')
    const agent = new DQN(env, { trainFreq: 1, gradientSteps, learningStarts: 200, explorationFinalEps: 1 })
    const go = () => train(agent, env, { steps, seed: 0 })
    for (let i = 0; i < 50; i++) go()
    return { agent, go }
  })
  const weights = agents.map(({ agent }) => agent.save())
  const [short, long] = fastest(400, ...agents.map(({ go }) => go))
  agents.forEach(({ agent, go }, k) => {
    if (!(Number(go().log.at(-1)?.['train/loss']) > 0) || Buffer.compare(weights[k], agent.save()) === 0)
      throw new Error('DQN: the update learned nothing')
    agent.dispose()
  })
  return ((long - short) / (2 * steps)) * 1e6
}

export const throughput = (): Measured[] => [
  {
    what: 'CartPole, one object in TypeScript',
    value: single(),
    unit: 'M steps/s',
    bar: 5,
    better: 'high',
    peer: 'Gymnasium 0.19 to 0.24',
  },
  {
    what: 'CartPole, 1024 in Wasm, one core',
    value: many(),
    unit: 'M steps/s',
    bar: 50,
    better: 'high',
    peer: 'Gymnasium, vectorised with NumPy, 29 to 59',
  },
  {
    what: 'DQN update, 64x64, 64 transitions, compiled',
    value: update(),
    unit: 'µs',
    bar: 120,
    better: 'low',
    peer: 'tfjs on Wasm 5000',
  },
]
