// How well an agent does, on environments of its own.
import { dispose, Tensor, tidy } from '@x/tensor'
import { knownOptions } from '../env/errors.ts'
import type { Seed } from '../random/seedSequence.ts'
import { unstackElements } from '../vector/batch.ts'
import { makeVec } from '../vector/makeVec.ts'
import type { Batch, VectorEnv } from '../vector/vectorEnv.ts'
import type { ActOptions, Agent } from './agent.ts'
import { bestReturn } from './bestReturn.ts'

/** An agent that chooses for many observations at once. */
export interface BatchAgent {
  actMany(observations: Tensor, options?: ActOptions): ArrayLike<unknown>
}

export interface EvaluateOptions {
  /** How many episodes, each in an environment of its own. Default 100 */
  episodes?: number
  /** Seeds the starts: the same seed gives the same starts to every agent. Default 0 */
  seed?: Seed
  /** Whether to take the best actions instead of drawing them. Default true */
  deterministic?: boolean
  /** Further options of the environment. */
  options?: Readonly<Record<string, unknown>>
}

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
 * @param env an id, or a function that makes so many environments which reset at the same step
 * @throws RangeError for episodes that do not end
 * @example
 * import { make, QLearning, evaluate } from '@x/rl'
 * const agent = new QLearning(make('FrozenLake-v1'))
 * evaluate(agent, 'FrozenLake-v1', { episodes: 10 }).mean // 0: it has learned nothing
 */
export function evaluate(
  agent: Pick<Agent<never>, 'act'> & Partial<BatchAgent>,
  env: string | ((numEnvs: number) => VectorEnv),
  settings: EvaluateOptions = {},
): AgentEvaluation {
  knownOptions('evaluate', settings, ['episodes', 'seed', 'deterministic', 'options'])
  const { episodes = 100, seed = 0, deterministic = true, options = {} } = settings
  const envs =
    typeof env === 'string'
      ? makeVec(env, { ...options, numEnvs: episodes, autoresetMode: 'same-step' })
      : env(episodes)
  const returns = new Float64Array(episodes)
  const lengths = new Float64Array(episodes)
  const isOver = new Uint8Array(episodes)
  try {
    let observations = envs.reset({ seed })[0]
    for (let left = episodes, t = 0; left > 0; t++) {
      if (t === MOST_STEPS)
        throw new RangeError(`evaluate: ${left} episodes go on after ${MOST_STEPS} steps; limit them`)
      const before = observations
      observations = tidy(() => {
        const actions = choose(agent, envs, observations, deterministic)
        const [next, rewards, terminations, truncations] = envs.step(actions)
        for (let i = 0; i < episodes; i++) {
          if (isOver[i]) continue
          returns[i] += rewards[i]
          lengths[i]++
          isOver[i] = terminations[i] | truncations[i]
          left -= isOver[i]
        }
        return next
      })
      dispose(before)
    }
    dispose(observations)
  } finally {
    envs.close()
  }
  const mean = returns.reduce((a, b) => a + b, 0) / episodes
  const std = Math.sqrt(returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / episodes)
  const best = typeof env === 'string' ? bestReturn(env, options) : null
  return { returns, lengths, mean, std, regret: best === null ? null : best - mean }
}

function choose(
  agent: Pick<Agent<never>, 'act'> & Partial<BatchAgent>,
  envs: VectorEnv,
  observations: Batch,
  deterministic: boolean,
): ArrayLike<unknown> {
  if (agent.actMany && observations instanceof Tensor) return agent.actMany(observations, { deterministic })
  const each = unstackElements(envs.singleObservationSpace, observations, envs.numEnvs)
  return each.map((observation) => agent.act(observation as never, { deterministic }))
}
