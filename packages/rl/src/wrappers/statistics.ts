// RecordEpisodeStatistics: return, length and duration of episodes.
import type { Env, Info, ResetOptions, StepResult } from '../env/env.ts'
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

/** Adds `info.episode` to the last step of every episode, and keeps the last ones. Gymnasium's `RecordEpisodeStatistics`. */
export class RecordEpisodeStatistics<O, A> extends Wrapper<O, A> {
  /** The last episodes, the newest at the end. */
  readonly episodes: EpisodeStatistics[] = []
  /** Episodes that ended so far. */
  episodeCount = 0
  private readonly bufferLength: number
  private started = 0
  private current = { r: 0, l: 0 }

  /** @param options.bufferLength how many episodes to keep. Default 100 */
  constructor(env: Env<O, A>, { bufferLength = 100 }: { bufferLength?: number } = {}) {
    super(env)
    this.bufferLength = bufferLength
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
