// A pole is balanced on a cart by what was learned: a policy by PPO, action values by DQN.
// Source: V. Mnih et al. 2015, "Human-level control through deep reinforcement learning"; J. Schulman et al. 2017,
// arXiv:1707.06347.
import { evaluate, type LearnOptions, make, makeVec, type Progress, type RenderMode } from '@x/rl'
import { DQN, dqnPresets, PPO, ppoPresets } from '@x/rl/agents'
import { type Curve, defineScenario, type Shown } from '../scenario.ts'
import { pauseOption, watch } from './watch.ts'

const ID = 'CartPole-v1'

const makeEnvs = (numEnvs: number) => makeVec(ID, { numEnvs, autoresetMode: 'same-step' })
type Envs = ReturnType<typeof makeEnvs>

/** What both have in common. */
interface Learner {
  act(observation: ArrayLike<number>, options: { deterministic: boolean }): unknown
  learn(env: Envs, options: LearnOptions): IterableIterator<Progress, void>
  save(): Uint8Array
  load(checkpoint: Uint8Array): void
  dispose(): void
}

/** Environments at once, and settings that were tuned for the task. */
const WAYS: Readonly<Record<string, { numEnvs: number; make: (envs: Envs, seed: number) => Learner }>> = {
  PPO: {
    numEnvs: ppoPresets[ID].numEnvs,
    make: (envs, seed) => new PPO(envs, { ...ppoPresets[ID].options, seed }),
  },
  DQN: {
    numEnvs: dqnPresets[ID].numEnvs,
    make: (envs, seed) => new DQN(envs, { ...dqnPresets[ID].options, seed }),
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
      const envs = makeEnvs(numEnvs)
      const agent = makeAgent(envs, seed)
      const curve = { name, x: [] as number[], y: [] as number[] }
      curves.push(curve)
      const view = {
        make: (renderMode: RenderMode) => make(ID, { renderMode }),
        act: (observation: Float32Array) => agent.act(observation, { deterministic: true }) as number,
        seed: seed + 1,
        pause: quick ? 0 : options.pause,
        breathe,
      }
      const before = yield* watch({ ...view, id: `${name} before`, title: `${name} before it has learned anything` })
      const every = 1000
      let best = { mean: Number.NEGATIVE_INFINITY, weights: agent.save() }
      let due = every
      for (const progress of agent.learn(envs, { steps, seed })) {
        if (progress.steps >= due || progress.steps >= steps) {
          while (due <= progress.steps) due += every
          const { mean } = evaluate(agent as never, ID, { episodes: 50, seed: seed + 777 })
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
      const { mean } = evaluate(agent as never, ID, { episodes: 100, seed: seed + 12_345 })
      yield {
        kind: 'claim',
        text: `${name}: ${mean.toFixed(1)} of 500 on 100 new starts, after ${curve.x.at(-1)} steps`,
        holds: mean >= 475,
      }
      const after = yield* watch({ ...view, id: name, title: `${name} after ${curve.x.at(-1)} steps` })
      yield {
        kind: 'claim',
        text: `${name}: the pole that fell after ${before} steps now stands for ${after}`,
        holds: after > before,
      }
      envs.close()
      agent.dispose()
    }
  },
})
