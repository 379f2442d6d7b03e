// RecordEpisodeStatistics: return, length and duration of episodes.

import type { Env, Info, ResetOptions, StepResult } from '../env/env.ts'
import { knownOptions } from '../env/errors.ts'
import { whole } from '../env/numbers.ts'
import { Wrapper } from './wrapper.ts'

/** What `info.episode` says of an episode that has just ended. */
export interface EpisodeStatistics {
  /** Sum of the rewards. */
  r: number
  /** Number of steps. */
  l: number
  /** Duration in seconds. */
  t: number
}

/**
 * Adds `info.episode` to the last step of every episode, and keeps the last ones. Gymnasium's `RecordEpisodeStatistics`.
 * @example
 * import { make, RecordEpisodeStatistics } from '@x/rl'
 * const env = new RecordEpisodeStatistics(make('Pendulum-v1'))
 * env.reset({ seed: 0 })
 * for (let t = 0; t < 200; t++) env.step([0])
 * env.episodes[0].l // 200
 */
export class RecordEpisodeStatistics<O, A> extends Wrapper<O, A> {
  /** The last episodes, the newest at the end. */
  readonly episodes: EpisodeStatistics[] = []
  /** Episodes that ended so far. */
  episodeCount = 0
  private readonly bufferLength: number
  private started = 0
  private current = { r: 0, l: 0 }

  /**
   * @param options.bufferLength how many episodes to keep. Default 100
   * @throws RangeError for an option that there is not, or a length that is not a whole number ≥ 1
   */
  constructor(env: Env<O, A>, options: { bufferLength?: number } = {}) {
    super(env)
    knownOptions('RecordEpisodeStatistics', options, ['bufferLength'])
    const { bufferLength = 100 } = options
    this.bufferLength = whole('RecordEpisodeStatistics: bufferLength', bufferLength)
  }

  override reset(options?: ResetOptions): [observation: O, info: Info] {
    this.started = performance.now()
    this.current = { r: 0, l: 0 }
    return this.env.reset(options)
  }

  override step(action: A): StepResult<O> {
    const result = this.env.step(action)
    const [, reward, terminated, truncated, info] = result
    this.current.r += reward
    this.current.l++
    if (terminated || truncated) {
      const episode: EpisodeStatistics = {
        ...this.current,
        t: Math.round((performance.now() - this.started) * 1e3) / 1e6,
      }
      result[4] = { ...info, episode }
      this.episodeCount++
      this.episodes.push(episode)
      if (this.episodes.length > this.bufferLength) this.episodes.shift()
    }
    return result
  }
}
