// A pendulum that is too heavy for its motor is swung up and held by what was learned from trial and error alone.
// Source: T. Haarnoja et al. 2018, arXiv:1812.05905; S. Fujimoto et al. 2018, arXiv:1802.09477.
import { bestReturn, evaluate, make, makeVec, type RenderMode } from '@x/rl'
import { SAC, sacPresets, TD3, td3Presets } from '@x/rl/agents'
import { defineScenario, type Shown } from '../scenario.ts'
import { pauseOption, watch } from './watch.ts'

const ID = 'Pendulum-v1'
const HANGING = [Math.PI, 0]

const makeEnvs = () => makeVec(ID, { numEnvs: 1, autoresetMode: 'same-step' })
type Envs = ReturnType<typeof makeEnvs>

const AGENTS = {
  SAC: (envs: Envs, seed: number) => new SAC(envs, { ...sacPresets[ID].options, seed }),
  TD3: (envs: Envs, seed: number) => new TD3(envs, { ...td3Presets[ID].options, seed }),
} as const

export const pendulum = defineScenario({
  name: 'pendulum',
  topic: 'Reinforcement learning',
  title: 'SAC swings a pendulum up',
  about:
    'Every step costs the more, the further the rod is from upright, and the motor is too weak to lift it straight away. Soft ' +
    'actor-critic knows nothing of mechanics: it learns from single steps, again and again, how good a push is, and to push ' +
    'so that it gets better.',
  options: {
    algorithm: { kind: 'choice', about: 'who learns', default: 'SAC', among: ['SAC', 'TD3'] },
    steps: { kind: 'number', about: 'steps of 0.05 s to learn from', default: 10_000, least: 1000, most: 200_000 },
    pause: pauseOption,
  },
  async *run({ options, seed, quick, breathe }): AsyncGenerator<Shown> {
    const { algorithm } = options
    const steps = quick ? Math.min(options.steps, 6000) : options.steps
    const envs = makeEnvs()
    const agent = AGENTS[algorithm as keyof typeof AGENTS](envs, seed)
    const view = {
      make: (renderMode: RenderMode) => make(ID, { renderMode }),
      act: (observation: Float32Array) => agent.act(observation, { deterministic: true }),
      start: HANGING,
      seed,
      pause: quick ? 0 : options.pause,
      breathe,
    }
    yield { kind: 'heading', text: 'before it has learned anything' }
    const before = yield* watch({ ...view, id: 'before', title: 'before' })

    yield { kind: 'heading', text: `${algorithm} learns` }
    const score = (episodes: number, from: number): number => evaluate(agent, ID, { episodes, seed: seed + from }).mean
    const best = bestReturn(ID) as number
    const returns = { name: algorithm, x: [0], y: [score(20, 777)] }
    const known = { name: 'best known', x: [0, steps], y: [best, best] }
    let kept = { mean: Number.NEGATIVE_INFINITY, weights: agent.save() }
    for (const { steps: done } of agent.learn(envs, { steps, seed })) {
      const mean = score(20, 777)
      // What was learned is lost for a while now and then: the weights of the best evaluation are kept.
      if (mean > kept.mean) kept = { mean, weights: agent.save() }
      returns.x.push(done)
      returns.y.push(mean)
      yield { kind: 'progress', done, of: steps, note: `return ${mean.toFixed(0)}` }
      yield {
        kind: 'plot',
        id: 'returns',
        title: 'mean return of 20 episodes',
        x: 'step',
        y: 'return',
        curves: [returns, known],
      }
      await breathe()
    }
    agent.load(kept.weights)
    const mean = score(100, 12_345)
    yield {
      kind: 'claim',
      text: `${algorithm}: mean return ${mean.toFixed(1)} on 100 new starts after ${steps} steps; the best known is ${best} on average`,
      holds: mean >= -185,
    }
    yield { kind: 'heading', text: 'what it has learned' }
    const after = yield* watch({ ...view, id: 'after', title: algorithm })
    yield {
      kind: 'claim',
      text: `hanging at first, it swings up and stays up: return ${after.toFixed(0)}, from ${before.toFixed(0)} before learning`,
      holds: after > -450 && after > before,
    }
    envs.close()
    agent.dispose()
  },
})
