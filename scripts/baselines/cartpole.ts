// REINFORCE on CartPole: batches of eight episodes, returns standardised over the batch, an entropy bonus.
// Source: R. J. Williams 1992, "Simple statistical gradient-following algorithms for connectionist reinforcement learning".
import { valueAndGrad } from '@x/autograd'
import { Adam, Linear, Sequential, Tanh } from '@x/nn'
import { CartPole } from '@x/rl'
import { compile, Generator, gather, type Tensor, tensor, tidy } from '@x/tensor'
import type { Baseline } from './baseline.ts'

const [EPISODES, LONGEST, GAMMA, UPDATES] = [8, 500, 0.99, 80]
/** Training ends when the mean return of this many episodes reaches the goal. */
const [RECENT, GOAL] = [16, 450]

interface Batch {
  readonly observations: number[]
  readonly actions: number[]
  readonly returns: number[]
  /** Undiscounted, one per episode. */
  readonly lengths: number[]
}

/** Plays the episodes side by side, so that the network sees all observations of a step at once. */
function play(policy: (x: Tensor) => Tensor, envs: readonly CartPole[], generator: Generator): Batch {
  const batch: Batch = { observations: [], actions: [], returns: [], lengths: [] }
  const at = envs.map(() => ({ observations: [] as number[], actions: [] as number[] }))
  const now = envs.map((env) => [...env.reset()[0]])
  let running = envs.map((_, i) => i)
  for (let t = 0; t < LONGEST && running.length > 0; t++) {
    const p = tidy(() => policy(tensor(now)).softmax(-1).data() as Float32Array)
    const draws = generator.words(envs.length)
    running = running.filter((i) => {
      const action = (draws[i] >>> 0) / 2 ** 32 < p[2 * i] ? 0 : 1
      at[i].observations.push(...now[i])
      at[i].actions.push(action)
      const [observation, , terminated] = envs[i].step(action)
      now[i] = [...observation]
      return !terminated
    })
  }
  for (const { observations, actions } of at) {
    const returns = new Array<number>(actions.length)
    for (let t = actions.length - 1, sum = 0; t >= 0; t--) returns[t] = sum = 1 + GAMMA * sum
    batch.observations.push(...observations)
    batch.actions.push(...actions)
    batch.returns.push(...returns)
    batch.lengths.push(actions.length)
  }
  return batch
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

export const cartpole: Baseline = {
  id: 'cartpole-reinforce',
  run(_, seed) {
    const generator = new Generator(seed)
    const model = new Sequential(new Linear(4, 32, { generator }), new Tanh(), new Linear(32, 2, { generator }))
    const parameters = model.parameters()
    const optimizer = new Adam(parameters, { lr: 0.01 })
    const policy = compile((x: Tensor) => model.forward(x))
    const envs = Array.from({ length: EPISODES }, (_, i) => {
      const env = new CartPole()
      env.reset({ seed: 1000 * seed + i })
      return env
    })
    const lengths: number[] = []
    let best = 0
    for (let update = 0; update < UPDATES && best < GOAL; update++) {
      const { observations, actions, returns, lengths: played } = play(policy, envs, generator)
      lengths.push(...played)
      if (lengths.length >= RECENT) best = Math.max(best, mean(lengths.slice(-RECENT)))
      const centre = mean(returns)
      const spread = Math.sqrt(mean(returns.map((r) => (r - centre) ** 2)))
      tidy(() => {
        const x = tensor(observations).reshape([-1, 4])
        const taken = tensor(actions, { dtype: 'int32' }).unsqueeze(1)
        const advantage = tensor(returns.map((r) => (r - centre) / (spread + 1e-8)))
        const { grads } = valueAndGrad(() => {
          const logp = model.forward(x).logSoftmax(-1)
          const entropy = logp.exp().mul(logp).sum(1).mean().neg()
          return gather(logp, taken, 1).squeeze(1).mul(advantage).mean().neg().sub(entropy.mul(0.01))
        }, parameters)
        optimizer.step(grads)
      })
    }
    policy.dispose()
    return best
  },
}
