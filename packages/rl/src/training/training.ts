// A training under way: its log, its evaluations, and its checkpoints.

import { FormatError, tensor, tidy } from '@x/tensor'
import { loadSafetensors, saveSafetensors } from '@x/tensor/safetensors'
import { knownOptions, needFunction, needList, optionsObject } from '../env/errors.ts'
import { whole } from '../env/numbers.ts'
import type { EpisodeResult, LearnOptions, Progress } from './agent.ts'
import { evaluate } from './evaluate.ts'
import type { BestEvaluation, Learner, LogRow, TrainOptions, TrainResult } from './train.ts'

const OPTIONS = ['steps', 'seed', 'callbacks', 'evaluation', 'window', 'checkpoint', 'resume', 'signal']
const VERSION = '1'

/** What a checkpoint says beside the weights. */
interface Saved {
  /** The options that must be the same again. */
  readonly options: Readonly<Record<string, unknown>>
  /** Parts that are done. */
  readonly parts: number
  readonly begin: number
  readonly steps: number
  readonly due: number
  readonly seconds: number
  readonly episodes: readonly EpisodeResult[]
  readonly log: readonly LogRow[]
  readonly best: { readonly steps: number; readonly mean: number; readonly regret: number | null } | null
}

/** What `train` and `trainAsync` keep while they run an agent's loop. */
export class Training {
  private readonly name: string
  private readonly agent: Learner
  private readonly options: TrainOptions
  /** Steps between evaluations, and steps of a part. */
  private readonly every: number
  private readonly span: number
  private episodes: EpisodeResult[] = []
  private log: LogRow[] = []
  private best: BestEvaluation | null = null
  private part = 0
  /** Steps of the agent's life: at the beginning, now, at the next evaluation, and at the end of the last part. */
  private readonly begin: number
  private now: number
  private due: number
  private last = Number.POSITIVE_INFINITY
  private isStopped = false
  /** When it began, and when less the time that it took before it was resumed. */
  private readonly began = performance.now()
  private started = this.began
  private readonly startedAt: number

  /** @throws as `train` */
  constructor(name: string, agent: Learner, options: TrainOptions) {
    checkTrainOptions(name, options)
    const { steps, evaluation, checkpoint, resume } = options
    this.name = name
    this.agent = agent
    this.options = options
    this.every = evaluation?.every ?? Math.ceil(steps / 10)
    const saved = resume === undefined ? null : this.restore(resume)
    this.span = checkpoint?.every ?? (saved ? Number(saved.options.checkpointEvery) : steps)
    if ((checkpoint || resume) && options.seed === undefined) {
      throw new RangeError(`${name}: a training with checkpoints needs a seed, to begin its parts by`)
    }
    if (checkpoint && !agent.save) throw new TypeError(`${name}: the agent has no save(), which checkpoints need`)
    if (saved) this.mustAgree(saved)
    this.begin = saved?.begin ?? agent.steps ?? 0
    this.now = saved?.steps ?? this.begin
    this.due = saved?.due ?? this.begin + this.every
    this.startedAt = this.now
  }

  /** What the agent's loop is to learn, part after part; after each of them a checkpoint is written. */
  *parts(): Generator<LearnOptions, void> {
    const { steps: total, seed, checkpoint } = this.options
    const count = Math.ceil(total / this.span)
    while (this.part < count && !this.isStopped) {
      const before = this.part * this.span
      const steps = Math.min(this.span, total - before)
      if (this.part === count - 1) this.last = (this.agent.steps ?? 0) + steps
      // The seeds of environments side by side are one apart: those of the parts are farther.
      const own = seed === undefined || this.part === 0 ? seed : BigInt(seed) + (BigInt(this.part) << 64n)
      yield { steps, seed: own, before, total }
      this.part++
      if (checkpoint && !this.isStopped) checkpoint.write(this.save(), this.now)
    }
  }

  /** Takes in a report; true ends the training. */
  take(progress: Progress): boolean {
    this.options.signal?.throwIfAborted()
    const { evaluation, window = 100, callbacks = [] } = this.options
    for (const episode of progress.episodes) this.episodes.push(episode)
    this.now = progress.steps
    const seconds = this.seconds
    const recent = this.episodes.slice(-window)
    const mean = (of: (e: EpisodeResult) => number): number => recent.reduce((sum, e) => sum + of(e), 0) / recent.length
    const row: Record<string, number> & { steps: number } = {
      steps: progress.steps,
      ...(recent.length > 0 && {
        'rollout/ep_rew_mean': mean((e) => e.reward),
        'rollout/ep_len_mean': mean((e) => e.length),
      }),
      'time/iterations': this.log.length + 1,
      'time/episodes': this.episodes.length,
      'time/total_timesteps': progress.steps,
      'time/time_elapsed': seconds,
      'time/fps': Math.round((progress.steps - this.startedAt) / ((performance.now() - this.began) / 1000)),
      ...progress.metrics,
    }
    if (evaluation && (progress.steps >= this.due || progress.steps >= this.last)) this.evaluate(row)
    this.log.push(row)
    // Every callback hears of every line, also of the last one.
    for (const callback of callbacks) if (callback(row, this.agent as never) === true) this.isStopped = true
    return this.isStopped
  }

  private get seconds(): number {
    return (performance.now() - this.started) / 1000
  }

  private evaluate(row: Record<string, number> & { steps: number }): void {
    const { agent, every } = this
    while (this.due <= row.steps) this.due += every
    const {
      env,
      every: _,
      keepBest: __,
      stopAt,
      ...rest
    } = this.options.evaluation as NonNullable<TrainOptions['evaluation']>
    const { mean, std, regret, lengths } = evaluate(agent, env, rest)
    row['eval/mean_reward'] = mean
    row['eval/std_reward'] = std
    row['eval/mean_ep_length'] = lengths.reduce((a, b) => a + b, 0) / lengths.length
    if (regret !== null) row['eval/regret'] = regret
    if (this.best === null || mean > this.best.mean) {
      this.best = { steps: row.steps, mean, regret, checkpoint: agent.save?.() ?? null }
    }
    if (stopAt !== undefined && mean >= stopAt) this.isStopped = true
  }

  /** What came of it; the agent has its best weights then. */
  end(): TrainResult {
    const { now: steps, seconds, episodes, log, best } = this
    if ((this.options.evaluation?.keepBest ?? true) && best?.checkpoint) this.agent.load?.(best.checkpoint)
    return { steps, seconds, episodes, log, best }
  }

  /** The options that a training which goes on from a checkpoint must share with the one that wrote it. */
  private get shared(): Saved['options'] {
    const { steps, seed, evaluation, window = 100 } = this.options
    const evaluationEvery = evaluation ? this.every : null
    return { steps, seed: String(seed), evaluationEvery, window, checkpointEvery: this.span }
  }

  private mustAgree({ options }: Saved): void {
    for (const [name, value] of Object.entries(this.shared)) {
      if (value === options[name]) continue
      throw new FormatError(`${this.name}: the checkpoint is of a training with ${name} ${options[name]}, not ${value}`)
    }
  }

  private save(): Uint8Array {
    const { best, begin, now: steps, due, seconds, episodes, log } = this
    const saved: Saved = {
      ...{ options: this.shared, parts: this.part, begin, steps, due, seconds, episodes, log },
      best: best && { steps: best.steps, mean: best.mean, regret: best.regret },
    }
    const agent = (this.agent.save as (options: { memory: boolean }) => Uint8Array).call(this.agent, { memory: true })
    return tidy(() =>
      saveSafetensors(
        { agent: tensor(agent), ...(best?.checkpoint && { best: tensor(best.checkpoint) }) },
        { 'x-rl-training': VERSION, state: JSON.stringify(saved, unJson) },
      ),
    )
  }

  /** @throws FormatError for what is no checkpoint of a training, or of another agent */
  private restore(bytes: Uint8Array): Saved {
    const { agent } = this
    if (!(bytes instanceof Uint8Array))
      throw new TypeError(`${this.name}: resume is a Uint8Array that a checkpoint gave`)
    const { saved, own, best } = tidy(() => {
      const { metadata, tensors } = loadSafetensors(bytes)
      if (metadata['x-rl-training'] !== VERSION) {
        const what = metadata['x-rl-agent'] ? `of an agent (${metadata['x-rl-agent']}); agent.load reads it` : 'no such'
        throw new FormatError(`${this.name}: resume takes what checkpoint.write was given, but this file is ${what}`)
      }
      const bytesOf = (name: string): Uint8Array | null => (tensors[name]?.data() as Uint8Array) ?? null
      const saved: Saved = JSON.parse(metadata.state, reJson)
      return { saved, own: bytesOf('agent') as Uint8Array, best: bytesOf('best') }
    })
    if (!agent.load) throw new TypeError(`${this.name}: the agent has no load(), which resuming needs`)
    agent.load(own)
    this.part = saved.parts
    this.episodes = [...saved.episodes]
    this.log = [...saved.log]
    this.best = saved.best && { ...saved.best, checkpoint: best }
    this.started -= saved.seconds * 1000
    return saved
  }
}

/** Numbers that JSON does not have, as text. */
const unJson = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? `#${value}` : Object.is(value, -0) ? '#-0' : value
const reJson = (_: string, value: unknown): unknown =>
  typeof value === 'string' && /^#(-0|NaN|-?Infinity)$/.test(value) ? Number(value.slice(1)) : value

function checkTrainOptions(name: string, options: TrainOptions): void {
  optionsObject(name, options, 'steps: 50000', true)
  knownOptions(name, options, OPTIONS)
  const { steps, callbacks = [], evaluation, window, checkpoint } = options
  if (!(steps >= 1 && steps < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${name}: ${steps} is not a number of steps ≥ 1`)
  }
  if (window !== undefined) whole(`${name}: window`, window)
  needList(`${name}: callbacks`, callbacks)
  for (const callback of callbacks) needFunction(`${name}: callback`, callback)
  if (evaluation !== undefined) {
    optionsObject(`${name}: evaluation`, evaluation, "env: 'CartPole-v1'")
    const known = ['env', 'every', 'keepBest', 'stopAt', 'episodes', 'seed', 'deterministic', 'options', 'bestReturn']
    knownOptions(`${name}: evaluation`, evaluation, known)
    if (evaluation.every !== undefined) whole(`${name}: evaluation.every`, evaluation.every)
  }
  if (checkpoint !== undefined) {
    knownOptions(`${name}: checkpoint`, checkpoint, ['every', 'write'])
    whole(`${name}: checkpoint.every`, checkpoint.every)
    needFunction(`${name}: checkpoint.write`, checkpoint.write)
  }
}
