// What a worker of A3C does: algorithm S3 of Mnih et al. 2016.
import { stopGradient, valueAndGrad } from '@x/autograd'
import { clipGradNorm, mseLoss } from '@x/nn'
import { type Compiled, compile, concat, Generator, stack, type Tensor, tensor, tidy } from '@x/tensor'
import type { Env } from '../env/env.ts'
import { make } from '../env/registry.ts'
import type { Seed } from '../random/seedSequence.ts'
import type { EpisodeResult } from '../training/agent.ts'
import { lastingZeros, write } from '../training/lasting.ts'
import type { A3COptions } from './a3c.ts'
import { RANDOM, Shared, STEPS, STOP, UPDATES } from './a3cMemory.ts'
import { ActorCritic } from './actorCritic.ts'
import { checkLoss } from './loss.ts'
import { checkLength } from './networks.ts'

/** What of the options workers need. */
export type A3CSettings = Omit<Required<A3COptions>, 'learningRate' | 'worker' | 'modules'>

/** What a worker is given. */
export interface A3CJob {
  readonly index: number
  readonly env: string
  readonly modules: readonly string[]
  readonly settings: A3CSettings
  readonly envSeed: Seed | undefined
  readonly memory: SharedArrayBuffer
  /** Environment steps of all workers at which they end. */
  readonly end: number
}

/** What a worker tells from time to time, and at its end. */
export interface A3CReport {
  readonly episodes: readonly EpisodeResult[]
  /** Sums of LOGGED over so many updates. */
  readonly sums: readonly number[]
  readonly updates: number
  readonly isDone: boolean
}

/** What is logged of updates. */
export const LOGGED = ['train/loss', 'train/policy_loss', 'train/value_loss', 'train/entropy_loss'] as const
/** Updates of a worker between its reports. */
const REPORT_EVERY = 20
/** Numbers of all parameters. */
export const countOf = ({ parameters }: ActorCritic): number => parameters.reduce((sum, p) => sum + p.size, 0)

/** What a worker does: algorithm S3. Its reports go to `tell`. @throws RangeError for a loss that is not finite */
export function runA3C(job: A3CJob, tell: (report: A3CReport) => void): void {
  const { settings, index, end } = job
  const { nSteps, gamma, hidden, activation } = settings
  const env = make(job.env, settings.envOptions) as Env<ArrayLike<number>, unknown>
  const generator = new Generator(settings.seed).fork(index)
  const model = new ActorCritic(env as Env, { agent: 'A3C', hidden, activation, generator })
  const shared = new Shared(countOf(model), settings.workers, job.memory)
  const { control } = shared
  const words = shared.randomOf(index)
  if (words[RANDOM - 1] === 1) generator.restore(Array.from(words.subarray(0, RANDOM - 1), (w) => w >>> 0))
  const { size, actor, policy } = model
  const gradient = compiledGradient(model, settings)
  const seen = lastingZeros([1, size])
  const observations = new Float32Array(nSteps * size)
  const actions = actor.width ? new Float32Array(nSteps * actor.width) : new Int32Array(nSteps)
  const returns = new Float32Array(nSteps)
  const [rewards, following] = [new Float64Array(nSteps), new Float64Array(nSteps)]
  const isOver = new Uint8Array(nSteps)
  let episodes: EpisodeResult[] = []
  let sums = new Float64Array(LOGGED.length)
  let [updates, reward, length] = [0, 0, 0]

  const look = (observation: ArrayLike<number>): { drawn: Float32Array; value: number } =>
    tidy(() => {
      checkLength('A3C', observation, size)
      write(seen, observation)
      const [a, v] = policy(seen)
      return { drawn: a.data() as Float32Array, value: Number(v.data()[0]) }
    })
  const report = (isDone: boolean): void => {
    tell({ episodes, sums: Array.from(sums), updates, isDone })
    episodes = []
    sums = new Float64Array(LOGGED.length)
    updates = 0
  }

  let [observation] = env.reset({ seed: job.envSeed })
  while (Atomics.load(control, STEPS) < end && Atomics.load(control, STOP) === 0) {
    shared.pull(model.parameters)
    for (let t = 0; t < nSteps; t++) {
      const { drawn } = look(observation)
      observations.set(observation, t * size)
      actions.set(drawn, t * drawn.length)
      const [next, r, terminated, truncated] = env.step(actor.toEnv(drawn, 1)[0])
      rewards[t] = r
      reward += r
      length++
      isOver[t] = Number(terminated || truncated)
      // What an episode is worth that was cut off, and the rollout's last state.
      following[t] = terminated ? 0 : truncated || t === nSteps - 1 ? look(next).value : 0
      observation = next
      if (isOver[t]) {
        episodes.push({ reward, length })
        reward = length = 0
        observation = env.reset()[0]
      }
    }
    // R ← rᵢ + γ R, backwards.
    let R = 0
    for (let t = nSteps - 1; t >= 0; t--) {
      R = rewards[t] + gamma * (isOver[t] || t === nSteps - 1 ? following[t] : R)
      returns[t] = R
    }
    tidy(() => {
      const rows = [nSteps, ...(actor.width ? [actor.width] : [])]
      const [d, numbers] = gradient(
        tensor(observations, { shape: [nSteps, size] }),
        tensor(actions, { shape: rows }),
        tensor(returns),
      )
      const losses = numbers.data() as Float32Array
      checkLoss('A3C', control[STEPS], losses[0], { policy: losses[1], value: losses[2] })
      for (let k = 0; k < sums.length; k++) sums[k] += losses[k]
      shared.step(d.data() as Float32Array, settings)
    })
    updates++
    Atomics.add(control, UPDATES, 1)
    Atomics.add(control, STEPS, nSteps)
    if (updates === REPORT_EVERY) report(false)
  }
  words.set([...generator.save(), 1])
  report(true)
  env.close?.()
  gradient.dispose()
  seen.dispose()
  model.dispose()
}

/** observations [T, n], actions, returns [T] → the gradient of all parameters [P], and the losses. */
function compiledGradient(
  model: ActorCritic,
  { entCoef, vfCoef, maxGradNorm }: A3CSettings,
): Compiled<[Tensor, Tensor, Tensor], Tensor[]> {
  const { actor, parameters } = model
  return compile((observations: Tensor, actions: Tensor, returns: Tensor) => {
    const { grads, aux } = valueAndGrad(() => {
      const outputs = actor.net.forward(observations)
      const values = model.values(observations)
      const advantages = returns.sub(stopGradient(values))
      const policyLoss = actor.logProb(outputs, actions).mul(advantages).mean().neg()
      const valueLoss = mseLoss(values, returns)
      const entropy = actor.entropy(outputs)
      const loss = policyLoss.add(valueLoss.mul(vfCoef)).sub(entropy.mul(entCoef))
      return [loss, [loss, policyLoss, valueLoss, entropy.neg()]] as const
    }, parameters)
    const clipped = clipGradNorm(grads as Tensor[], maxGradNorm).grads
    return [concat(clipped.map((g) => g.reshape([g.size]))), stack(aux.map((x) => x.reshape([])))]
  })
}
