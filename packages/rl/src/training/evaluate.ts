// How well an agent does, on environments of its own.

import { dispose, Tensor, tidy } from '@x/tensor'
import type { Env } from '../env/env.ts'
import { badReward, knownOptions } from '../env/errors.ts'
import { whole } from '../env/numbers.ts'
import type { Seed } from '../random/seedSequence.ts'
import { unstackElements } from '../vector/batch.ts'
import { makeVec } from '../vector/makeVec.ts'
import { SyncVectorEnv } from '../vector/syncVectorEnv.ts'
import type { Batch, VectorEnv } from '../vector/vectorEnv.ts'
import type { ActOptions, Agent } from './agent.ts'
import { bestReturn } from './bestReturn.ts'
import { isVectorEnv, sameStepEnvs } from './vector.ts'

/** An agent that chooses for many observations at once. */
export interface BatchAgent {
  actMany(observations: Tensor, options?: ActOptions): ArrayLike<unknown>
}

/** What can be evaluated: it acts, perhaps for many observations at once. */
export type Acting = Pick<Agent<never>, 'act'> & Partial<BatchAgent>

export interface EvaluateOptions {
  /** How many episodes, each in an environment of its own. Default 100 */
  episodes?: number
  /** Seeds the starts: the same seed gives the same starts to every agent. Default 0 */
  seed?: Seed
  /** Whether to take the best actions instead of drawing them. Default true */
  deterministic?: boolean
  /** Further options of the environment. */
  options?: Readonly<Record<string, unknown>>
  /** What regret is measured by. Default: the best return that is known of the environment (`bestReturn`) */
  bestReturn?: number
}

/** Where agents are evaluated: an id, an environment, or what makes one or so many. */
export type EvaluationEnv = string | Env | ((numEnvs: number) => Env | VectorEnv)

export interface AgentEvaluation {
  /** Return of every episode. */
  readonly returns: Float64Array
  readonly lengths: Float64Array
  readonly mean: number
  /** Standard deviation of the returns. */
  readonly std: number
  /** What is missing to the best mean return there is or is known (`bestReturn`); null where none is. */
  readonly regret: number | null
}

/** Steps after which an episode that does not end is given up. */
const MOST_STEPS = 100_000

/**
 * Returns of whole episodes that begin at common starts, in environments that the agent did not learn in.
 * @param env an id; an environment, in which the episodes follow one another; or a function that makes one (it is called
 * for every episode) or so many at once
 * @throws RangeError for episodes that do not end, or options that there are not or out of range; TypeError for a number in
 * place of options; EnvContractError for a reward that is not a finite number
 * @example
 * import { make, QLearning, evaluate } from '@x/rl'
 * const agent = new QLearning(make('FrozenLake-v1'))
 * evaluate(agent, 'FrozenLake-v1', { episodes: 10 }).mean // 0: it has learned nothing
 */
export function evaluate(agent: Acting, env: EvaluationEnv, settings: EvaluateOptions = {}): AgentEvaluation {
  knownOptions('evaluate', settings, ['episodes', 'seed', 'deterministic', 'options', 'bestReturn'])
  const { episodes = 100, seed = 0, deterministic = true, options = {} } = settings
  whole('evaluate: episodes', episodes)
  const returns = new Float64Array(episodes)
  const lengths = new Float64Array(episodes)
  const play = (envs: VectorEnv, first: number): void => {
    const one = rollouts(agent, envs, {
      seed: typeof seed === 'bigint' ? seed + BigInt(first) : seed + first,
      deterministic,
    })
    returns.set(one.returns, first)
    lengths.set(one.lengths, first)
  }
  const envs = environments(env, episodes, options)
  if (isVectorEnv(envs)) {
    try {
      play(envs, 0)
    } finally {
      envs.close()
    }
  } else for (let k = 0; k < episodes; k++) play(sameStepEnvs(envs), k)
  const mean = returns.reduce((a, b) => a + b, 0) / episodes
  const std = Math.sqrt(returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / episodes)
  const best = settings.bestReturn ?? (typeof env === 'string' ? bestReturn(env, options) : null)
  return { returns, lengths, mean, std, regret: best === null ? null : best - mean }
}

/** So many environments that begin anew at the same step; or the only one that there is. */
function environments(env: EvaluationEnv, episodes: number, options: object): VectorEnv | Env {
  if (typeof env === 'string') return makeVec(env, { ...options, numEnvs: episodes, autoresetMode: 'same-step' })
  if (typeof env === 'object' && env !== null && !isVectorEnv(env)) return env
  if (typeof env !== 'function') {
    throw new TypeError('evaluate: give an id, an environment, or a function that makes environments')
  }
  const first = env(episodes)
  if (isVectorEnv(first)) {
    if (first.numEnvs === episodes) return sameStepEnvs(first)
    throw new RangeError(`evaluate: the function made ${first.numEnvs} environments for ${episodes} episodes`)
  }
  const others = Array.from({ length: episodes - 1 }, () => env(episodes) as Env)
  if (others.includes(first)) return first
  return new SyncVectorEnv(
    [first, ...others].map((one) => () => one),
    { autoresetMode: 'same-step' },
  )
}

/** An episode of every environment. */
function rollouts(
  agent: Acting,
  envs: VectorEnv,
  { seed, deterministic }: { seed: Seed; deterministic: boolean },
): { returns: Float64Array; lengths: Float64Array } {
  const episodes = envs.numEnvs
  const returns = new Float64Array(episodes)
  const lengths = new Float64Array(episodes)
  const isOver = new Uint8Array(episodes)
  let observations = envs.reset({ seed })[0]
  for (let left = episodes, t = 0; left > 0; t++) {
    if (t === MOST_STEPS) throw new RangeError(`evaluate: ${left} episodes go on after ${MOST_STEPS} steps; limit them`)
    const before = observations
    observations = tidy(() => {
      const actions = choose(agent, envs, observations, deterministic)
      const [next, rewards, terminations, truncations] = envs.step(actions)
      for (let i = 0; i < episodes; i++) {
        if (isOver[i]) continue
        lengths[i]++
        if (!Number.isFinite(rewards[i])) throw badReward(`evaluate: environment ${i}`, rewards[i], lengths[i])
        returns[i] += rewards[i]
        isOver[i] = terminations[i] | truncations[i]
        left -= isOver[i]
      }
      return next
    })
    dispose(before)
  }
  dispose(observations)
  return { returns, lengths }
}

function choose(agent: Acting, envs: VectorEnv, observations: Batch, deterministic: boolean): ArrayLike<unknown> {
  if (agent.actMany && observations instanceof Tensor) return agent.actMany(observations, { deterministic })
  const each = unstackElements(envs.singleObservationSpace, observations, envs.numEnvs)
  return each.map((observation) => agent.act(observation as never, { deterministic }))
}
