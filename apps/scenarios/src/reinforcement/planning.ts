// A pendulum swings up by thinking ahead: in the true model, and in one that was learned from a few minutes of swinging.
// Source: G. Williams et al. 2017 and K. Chua et al. 2018, arXiv:1805.12114, for sampled plans; A. Nagabandi et al. 2018,
// arXiv:1708.02596, for the learned model.
import { make, Pendulum, type RenderMode } from '@x/rl'
import { ModelBasedAgent, MPC, TrueModel } from '@x/rl/planning'
import { defineScenario, type Shown } from '../scenario.ts'
import { pauseOption, watch } from './watch.ts'

export const planning = defineScenario({
  name: 'planning',
  topic: 'Reinforcement learning',
  title: 'A pendulum that thinks ahead',
  about:
    'The motor is too weak to lift the rod: it has to swing first. At every step the cross-entropy method seeks the best plan ' +
    'for the next second and takes its first move. Once with the laws of motion given, and once with a small network that has ' +
    'to learn them first.',
  options: {
    horizon: { kind: 'number', about: 'steps of 0.05 s to look ahead', default: 20, least: 2, most: 100 },
    samples: { kind: 'number', about: 'plans to try per iteration', default: 80, least: 10, most: 2000 },
    episodes: { kind: 'number', about: 'episodes to learn the model from', default: 8, least: 2, most: 100 },
    pause: pauseOption,
  },
  async *run({ options, seed, quick, breathe }): AsyncGenerator<Shown> {
    const planner = { horizon: options.horizon, samples: quick ? 60 : options.samples, iterations: 3, seed }
    const pause = quick ? 0 : options.pause
    const view = {
      make: (renderMode: RenderMode) => make('Pendulum-v1', { renderMode }),
      start: [Math.PI, 0], // hanging down
      seed,
      pause,
      breathe,
    }
    const truth = new TrueModel(new Pendulum(), {
      state: ([cosine, sine, speed]: Float32Array) => [Math.atan2(sine, cosine), speed],
    })
    const controller = new MPC(truth, planner)
    const act = (observation: Float32Array): ArrayLike<number> => controller.act(observation)
    yield { kind: 'heading', text: 'with the true model' }
    const known = yield* watch({ ...view, act, id: 'true', title: 'true model' })
    yield { kind: 'claim', text: `it swings up and stays up: return ${known.toFixed(0)}`, holds: known > -450 }

    yield { kind: 'heading', text: 'with a learned model' }
    const env = make('Pendulum-v1')
    const agent = new ModelBasedAgent(env, { ...planner, horizon: Math.min(planner.horizon, 15) })
    const steps = 200 * (quick ? Math.min(options.episodes, 6) : options.episodes)
    const returns = { name: 'return', x: [] as number[], y: [] as number[] }
    const losses = { name: 'error', x: [] as number[], y: [] as number[] }
    for (const { steps: done, episodes, metrics } of agent.learn(env, { steps, seed })) {
      for (const { reward } of episodes) {
        returns.x.push(returns.x.length + 1)
        returns.y.push(reward)
      }
      losses.x.push(losses.x.length + 1)
      losses.y.push(metrics['train/model_loss'])
      yield { kind: 'progress', done, of: steps, note: `episode ${returns.x.length}: ${returns.y.at(-1)?.toFixed(0)}` }
      yield {
        kind: 'plot',
        id: 'returns',
        title: 'return of every episode',
        x: 'episode',
        y: 'return',
        curves: [returns],
      }
      yield {
        kind: 'plot',
        id: 'losses',
        title: 'squared error of the model, in variances',
        x: 'episode',
        y: 'error',
        curves: [losses],
      }
      await breathe()
    }
    agent.controller.reset()
    const learned = yield* watch({
      ...view,
      act: (observation) => agent.act(observation),
      id: 'learned',
      title: 'learned model',
    })
    agent.dispose()
    yield {
      kind: 'claim',
      text: `after ${steps} steps the learned model is enough: return ${learned.toFixed(0)}, from ${returns.y[0].toFixed(0)} at random`,
      holds: learned > -500 && learned > returns.y[0],
    }
  },
})
