// train: runs an agent's learning loop, with logs, evaluation, and the best checkpoint kept.
import type { Env } from '../env/env.ts'
import { knownOptions } from '../env/errors.ts'
import type { Seed } from '../random/seedSequence.ts'
import type { VectorEnv } from '../vector/vectorEnv.ts'
import type { Agent, EpisodeResult, LearnOptions, Progress } from './agent.ts'
import { type BatchAgent, type EvaluateOptions, evaluate } from './evaluate.ts'

/** An agent whose weights can be kept. */
export interface Savable {
  save(): Uint8Array
  load(checkpoint: Uint8Array): void
}

/** Whatever `train` can train. */
export type Trainable = Pick<Agent<never>, 'act'> &
  Partial<BatchAgent> &
  Partial<Savable> & { learn(env: never, options: LearnOptions): Iterator<Progress, void> }

/** One line of the log: numbers under their standard names (rollout/ep_rew_mean, train/loss, eval/mean_reward …). */
export interface LogRow {
  readonly steps: number
  readonly [name: string]: number
}

/** Hears of every line; true ends the training. */
export type Callback = (row: LogRow, agent: Trainable) => boolean | void

export interface EvaluationOptions extends EvaluateOptions {
  /** An id, or a function that makes so many environments. */
  env: string | ((numEnvs: number) => VectorEnv)
  /** Environment steps between evaluations. Default: a tenth of all */
  every?: number
  /** Whether the agent has the weights of the best evaluation at the end. Default true */
  keepBest?: boolean
  /** Mean return at which the training ends. Default none */
  stopAt?: number
}

export interface TrainOptions {
  /** Environment steps. */
  steps: number
  /** Seeds the environment. */
  seed?: Seed
  callbacks?: readonly Callback[]
  evaluation?: EvaluationOptions
  /** Episodes that rollout/ep_rew_mean is the mean of. Default 100 */
  window?: number
}

export interface TrainResult {
  readonly steps: number
  readonly seconds: number
  readonly episodes: readonly EpisodeResult[]
  readonly log: readonly LogRow[]
  /** The best evaluation; null without any. */
  readonly best: { readonly steps: number; readonly mean: number; readonly checkpoint: Uint8Array | null } | null
}

/**
 * Trains an agent on an environment (or several at once): logs every report of its loop, evaluates it from time to time
 * on other environments with common starts, and keeps the weights of the best evaluation.
 * @throws RangeError for options that there are not, and what the agent's loop throws
 * @example
 * import { make, QLearning, train } from '@x/rl'
 * const env = make('CliffWalking-v1')
 * const agent = new QLearning(env, { alpha: 0.5, gamma: 1 })
 * const { log } = train(agent, env, { steps: 5000, seed: 0, evaluation: { env: 'CliffWalking-v1', episodes: 1, every: 2500, options: { maxEpisodeSteps: 100 } } })
 * log.at(-1)['rollout/ep_rew_mean']
 */
export function train(agent: Trainable, env: Env<never, never> | Env | VectorEnv, options: TrainOptions): TrainResult {
  knownOptions('train', options, ['steps', 'seed', 'callbacks', 'evaluation', 'window'])
  const { steps, seed, callbacks = [], evaluation, window = 100 } = options
  if (!(steps >= 1)) throw new RangeError(`train: ${steps} is not a number of steps ≥ 1`)
  const begun = performance.now()
  const episodes: EpisodeResult[] = []
  const log: LogRow[] = []
  const every = evaluation?.every ?? Math.ceil(steps / 10)
  let best: TrainResult['best'] = null
  let due = every
  let done = 0
  const loop = agent.learn(env as never, { steps, seed })
  for (let next = loop.next(); !next.done; next = loop.next()) {
    const progress = next.value
    episodes.push(...progress.episodes)
    done = progress.steps
    const seconds = (performance.now() - begun) / 1000
    const recent = episodes.slice(-window)
    const mean = (of: (e: EpisodeResult) => number): number => recent.reduce((sum, e) => sum + of(e), 0) / recent.length
    const row: Record<string, number> & { steps: number } = {
      steps: progress.steps,
      ...(recent.length > 0 && {
        'rollout/ep_rew_mean': mean((e) => e.reward),
        'rollout/ep_len_mean': mean((e) => e.length),
      }),
      'time/total_timesteps': progress.steps,
      'time/time_elapsed': seconds,
      'time/fps': Math.round(progress.steps / seconds),
      ...progress.metrics,
    }
    let isSolved = false
    if (evaluation && (progress.steps >= due || progress.steps >= steps)) {
      while (due <= progress.steps) due += every
      const { env: where, every: _, keepBest: __, stopAt, ...rest } = evaluation
      const result = evaluate(agent, where, rest)
      row['eval/mean_reward'] = result.mean
      if (result.regret !== null) row['eval/regret'] = result.regret
      row['eval/mean_ep_length'] = result.lengths.reduce((a, b) => a + b, 0) / result.lengths.length
      if (best === null || result.mean > best.mean) {
        best = { steps: progress.steps, mean: result.mean, checkpoint: agent.save?.() ?? null }
      }
      isSolved = stopAt !== undefined && result.mean >= stopAt
    }
    log.push(row)
    const isStopped = callbacks.map((callback) => callback(row, agent) === true).includes(true)
    if (isStopped || isSolved) {
      loop.return?.()
      break
    }
  }
  if ((evaluation?.keepBest ?? true) && best?.checkpoint) agent.load?.(best.checkpoint)
  return { steps: done, seconds: (performance.now() - begun) / 1000, episodes, log, best }
}
