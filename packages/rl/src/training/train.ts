// train: runs an agent's learning loop, with logs, evaluation, the best weights kept, and checkpoints to resume from.
import type { Env } from '../env/env.ts'
import { needEnv } from '../env/errors.ts'
import type { Seed } from '../random/seedSequence.ts'
import type { VectorEnv } from '../vector/vectorEnv.ts'
import { type EpisodeResult, type LearnOptions, PAUSE, type Progress } from './agent.ts'
import type { Acting, EvaluateOptions, EvaluationEnv } from './evaluate.ts'
import { Training } from './training.ts'

/** An agent whose weights can be kept. */
export interface Savable {
  /** @param options.memory whether steps of the past are kept too, where there are any */
  save(options?: { memory?: boolean }): Uint8Array
  load(checkpoint: Uint8Array): void
}

/** What acts, and may be saved: all that callbacks and evaluations need. */
export type Learner = Acting &
  Partial<Savable> & {
    /** Environment steps of its life so far. Default 0, for one that does not count them */
    readonly steps?: number
  }

/** Whatever `train` can train. */
export type Trainable = Learner & { learn(env: never, options: LearnOptions): Iterator<Progress, void> }

/** Whatever `trainAsync` can train: what learns in environments of its own, such as A3C. */
export type AsyncTrainable = Learner & { learn(options: LearnOptions): AsyncGenerator<Progress, void> }

/** One line of the log: numbers under their standard names (rollout/ep_rew_mean, train/loss, eval/mean_reward …). */
export interface LogRow {
  readonly steps: number
  readonly [name: string]: number
}

/** Hears of every line; true ends the training. */
export type Callback<A = Learner> = (row: LogRow, agent: A) => boolean | void

export interface EvaluationOptions extends EvaluateOptions {
  /** An id, an environment, or a function that makes environments, as `evaluate` takes it. */
  env: EvaluationEnv
  /** Environment steps between evaluations. Default: a tenth of all */
  every?: number
  /** Whether the agent has the weights of the best evaluation at the end. Default true */
  keepBest?: boolean
  /** Mean return at which the training ends. Default none */
  stopAt?: number
}

export interface CheckpointOptions {
  /** Environment steps between checkpoints, at each of which the environments begin anew. */
  every: number
  /** Is given each of them, for `resume`: agent, memory of the past, log and best weights in a safetensors file. */
  write: (checkpoint: Uint8Array, steps: number) => void
}

export interface TrainOptions {
  /** Environment steps. */
  steps: number
  /** Seeds the environment. Needed for checkpoints. */
  seed?: Seed
  /** Called with every line of the log, in their order. Default [] */
  callbacks?: readonly Callback<never>[]
  evaluation?: EvaluationOptions
  /** Episodes that rollout/ep_rew_mean is the mean of. Default 100 */
  window?: number
  checkpoint?: CheckpointOptions
  /** A checkpoint that a training with the same options wrote: goes on from it, as if it had not been interrupted. */
  resume?: Uint8Array
  /** Ends the training when it is aborted: the reason is thrown at the next report, or in `trainAsync` the next pause. */
  signal?: AbortSignal
}

export interface TrainResult {
  /** Environment steps of the agent's life. */
  readonly steps: number
  readonly seconds: number
  readonly episodes: readonly EpisodeResult[]
  readonly log: readonly LogRow[]
  /** The best evaluation, with what is missing to the best return that is known (or null); null without any. */
  readonly best: BestEvaluation | null
}

export interface BestEvaluation {
  readonly steps: number
  readonly mean: number
  readonly regret: number | null
  readonly checkpoint: Uint8Array | null
}

/**
 * Trains an agent on an environment (or several at once): logs every report of its loop, evaluates it from time to time
 * on other environments with common starts, and keeps the weights of the best evaluation.
 *
 * With `checkpoint`, the training is made of parts that each begin with a reset of the environments, by a seed that follows
 * from `seed`: one that is resumed gives the same weights, log and episodes to the last bit as one that was never stopped
 * (but for times), for every agent and every environment that its seed determines.
 * @throws RangeError for options that there are not or out of range, TypeError for a number in place of them, FormatError for
 * a checkpoint of another training or another agent, and what the agent's loop throws
 * @example
 * import { make, QLearning, train } from '@x/rl'
 * const env = make('CliffWalking-v1')
 * const agent = new QLearning(env, { alpha: 0.5, gamma: 1 })
 * const { log } = train(agent, env, { steps: 5000, seed: 0, evaluation: { env: 'CliffWalking-v1', episodes: 1, every: 2500, options: { maxEpisodeSteps: 100 } } })
 * log.at(-1)['rollout/ep_rew_mean']
 */
export function train(agent: Trainable, env: Env | VectorEnv, options: TrainOptions): TrainResult {
  needEnv('train', env)
  const training = new Training('train', agent, options)
  for (const part of training.parts()) {
    const loop = agent.learn(env as never, part)
    try {
      for (let next = loop.next(); !next.done && !training.take(next.value); next = loop.next());
    } finally {
      loop.return?.()
    }
  }
  return training.end()
}

/** Milliseconds that a training may keep an event loop to itself. */
const SLICE = 12

/** Lets a page draw, and events and timers in: by a task of its own, which `scheduler.yield` would put before theirs. */
function breath(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (then: () => void) => void }
  return new Promise((then) => {
    if (setImmediate) return setImmediate(then)
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      then()
    }
    port2.postMessage(null)
  })
}

/**
 * `train` that does not keep the event loop: every twelve milliseconds or so, between two updates, whatever else is due comes
 * in, so that a page goes on drawing and `signal` can end it. Results are those of `train`. Evaluations are not divided.
 *
 * Without an environment it trains agents that learn in environments and threads of their own, such as A3C.
 * @throws as `train`; the reason of `signal` when that is aborted
 * @example
 * import { make, trainAsync } from '@x/rl'
 * import { DQN } from '@x/rl/agents'
 * const env = make('CartPole-v1')
 * const stop = new AbortController()
 * const { episodes } = await trainAsync(new DQN(env, { learningStarts: 100 }), env, { steps: 500, seed: 0, signal: stop.signal })
 * @example
 * import { trainAsync } from '@x/rl'
 * import { A3C } from '@x/rl/agents'
 * const agent = new A3C('CartPole-v1', { workers: 2 })
 * const { log } = await trainAsync(agent, { steps: 4000, seed: 0, evaluation: { env: 'CartPole-v1', episodes: 10 } })
 * log.at(-1)['eval/mean_reward']
 */
export async function trainAsync(agent: AsyncTrainable, options: TrainOptions): Promise<TrainResult>
export async function trainAsync(agent: Trainable, env: Env | VectorEnv, options: TrainOptions): Promise<TrainResult>
export async function trainAsync(
  agent: AsyncTrainable | Trainable,
  ...given: [TrainOptions] | [Env | VectorEnv, TrainOptions]
): Promise<TrainResult> {
  const options = given.at(-1) as TrainOptions
  const training = new Training('trainAsync', agent, options)
  for (const part of training.parts()) {
    const loop =
      given.length === 1
        ? (agent as AsyncTrainable).learn(part)
        : (agent as Trainable).learn(given[0] as never, { ...part, pauses: true })
    if (given.length === 1 && !(Symbol.asyncIterator in loop)) {
      throw new TypeError('trainAsync: this agent learns in an environment: trainAsync(agent, env, options)')
    }
    let since = performance.now()
    try {
      for (let next = await loop.next(); !next.done; next = await loop.next()) {
        if (next.value !== PAUSE && training.take(next.value)) break
        if (performance.now() - since < SLICE) continue
        await breath()
        options.signal?.throwIfAborted()
        since = performance.now()
      }
    } finally {
      await loop.return?.(undefined)
    }
  }
  return training.end()
}
