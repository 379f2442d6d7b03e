// A pole is balanced on a cart by what was learned: a policy by PPO, action values by DQN.
// Source: V. Mnih et al. 2015, "Human-level control through deep reinforcement learning"; J. Schulman et al. 2017,
// arXiv:1707.06347.
import { evaluate, type LearnOptions, make, makeVec, type Progress, type VectorEnv } from '@x/rl'
import { DQN, PPO } from '@x/rl/agents'
import { type Curve, defineScenario, type Shown } from '../scenario.ts'
import { pauseOption, watch } from './watch.ts'

/** What both have in common. */
interface Learner {
  act(observation: ArrayLike<number>, options: { deterministic: boolean }): unknown
  learn(env: VectorEnv, options: LearnOptions): IterableIterator<Progress, void>
  save(): Uint8Array
  load(checkpoint: Uint8Array): void
  dispose(): void
}

/** Environments at once, and settings that suit the task. */
const WAYS: Readonly<Record<string, { numEnvs: number; make: (envs: VectorEnv, seed: number) => Learner }>> = {
  PPO: {
    numEnvs: 8,
    make: (envs, seed) =>
      new PPO(envs, {
        ...{ nSteps: 32, batchSize: 256, nEpochs: 20, gamma: 0.98, gaeLambda: 0.8, seed },
        learningRate: (left) => 1e-3 * left,
        clipRange: (left) => 0.2 * left,
      }),
  },
  DQN: {
    numEnvs: 1,
    make: (envs, seed) =>
      new DQN(envs, {
        ...{ learningRate: 2.3e-3, trainFreq: 256, gradientSteps: 128, targetUpdateInterval: 10 },
        ...{ explorationFraction: 0.16, explorationFinalEps: 0.04, seed },
      }),
  },
}

export const cartPole = defineScenario({
  name: 'cartpole',
  topic: 'Reinforcement learning',
  title: 'PPO and DQN balance a pole',
  about:
    'A cart is pushed left or right, and the pole on it must not fall. PPO improves a policy by what it tried, DQN learns what ' +
    'every push is worth. The best weights of each are kept, tested on new starts, and shown at work.',
  options: {
    algorithm: { kind: 'choice', about: 'who learns', default: 'both', among: ['both', 'PPO', 'DQN'] },
    steps: { kind: 'number', about: 'steps of the environment at most', default: 50_000, least: 2000, most: 1_000_000 },
    pause: pauseOption,
  },
  async *run({ options, seed, quick, breathe }): AsyncGenerator<Shown> {
    const curves: Curve[] = []
    const { algorithm, steps } = options
    const names = Object.keys(WAYS).filter((name) => algorithm === 'both' || algorithm === name)
    for (const name of names) {
      yield { kind: 'heading', text: name }
      const { numEnvs, make: makeAgent } = WAYS[name]
      const envs = makeVec('CartPole-v1', { numEnvs, autoresetMode: 'same-step' })
      const agent = makeAgent(envs, seed)
      const curve = { name, x: [] as number[], y: [] as number[] }
      curves.push(curve)
      const every = 1000
      let best = { mean: Number.NEGATIVE_INFINITY, weights: agent.save() }
      let due = every
      for (const progress of agent.learn(envs, { steps, seed })) {
        if (progress.steps >= due || progress.steps >= steps) {
          while (due <= progress.steps) due += every
          const { mean } = evaluate(agent as never, 'CartPole-v1', { episodes: 50, seed: seed + 777 })
          curve.x.push(progress.steps)
          curve.y.push(mean)
          if (mean >= best.mean) best = { mean, weights: agent.save() }
          yield {
            kind: 'progress',
            done: Math.min(progress.steps, steps),
            of: steps,
            note: `${name}: return ${mean.toFixed(0)}`,
          }
          yield { kind: 'plot', id: 'returns', title: 'mean return of 50 episodes', x: 'step', y: 'return', curves }
          if (mean === 500) break
        }
        await breathe()
      }
      agent.load(best.weights)
      const { mean } = evaluate(agent as never, 'CartPole-v1', { episodes: 100, seed: seed + 12_345 })
      yield {
        kind: 'claim',
        text: `${name}: ${mean.toFixed(1)} of 500 on 100 new starts, after ${curve.x.at(-1)} steps`,
        holds: mean >= 475,
      }
      yield* watch({
        make: (renderMode) => make('CartPole-v1', { renderMode }),
        act: (observation: Float32Array) => agent.act(observation, { deterministic: true }) as number,
        id: name,
        title: name,
        seed: seed + 1,
        pause: quick ? 0 : options.pause,
        breathe,
      })
      envs.close()
      agent.dispose()
    }
  },
})
