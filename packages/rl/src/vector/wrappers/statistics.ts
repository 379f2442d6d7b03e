// RecordEpisodeStatistics of several environments.
import { knownOptions } from '../../env/errors.ts'
import { whole } from '../../env/numbers.ts'
import type { EpisodeStatistics } from '../../wrappers/statistics.ts'
import {
  type Batch,
  resetMaskOf,
  type VectorEnv,
  type VectorInfo,
  type VectorResetOptions,
  type VectorStepResult,
} from '../vectorEnv.ts'
import { VectorWrapper } from './vectorWrapper.ts'

/** What `infos.episode` says: of every environment, 0 for those whose episode has not just ended. */
export interface VectorEpisodes {
  /** Sums of the rewards. */
  r: Float64Array
  /** Numbers of steps. */
  l: Float64Array
  /** Durations in seconds. */
  t: Float64Array
}

/**
 * Adds `infos.episode` (and `infos._episode`, which of them) to steps at which episodes end, and keeps the last ones.
 * Gymnasium's `RecordEpisodeStatistics` for vectors.
 * @example
 * import { makeVec } from '@x/rl'
 * import { RecordEpisodeStatistics } from '@x/rl/vector'
 * const envs = new RecordEpisodeStatistics(makeVec('Pendulum-v1', { numEnvs: 2 }))
 * envs.reset({ seed: 0 })
 * for (let t = 0; t < 200; t++) envs.step([[0], [0]])
 * envs.episodes.length // 2
 */
export class RecordEpisodeStatistics<O, A, B extends Batch> extends VectorWrapper<O, A, B> {
  /** The last episodes, the newest at the end. */
  readonly episodes: EpisodeStatistics[] = []
  /** Episodes that ended so far. */
  episodeCount = 0
  private readonly bufferLength: number
  private readonly current: (EpisodeStatistics | null)[]

  /**
   * @param options.bufferLength how many episodes to keep. Default 100
   * @throws RangeError for an option that there is not, or a length that is not a whole number ≥ 1
   */
  constructor(envs: VectorEnv<O, A, B>, options: { bufferLength?: number } = {}) {
    super(envs)
    knownOptions('RecordEpisodeStatistics', options, ['bufferLength'])
    this.bufferLength = whole('RecordEpisodeStatistics: bufferLength', options.bufferLength ?? 100)
    this.current = Array(envs.numEnvs).fill(null)
  }

  override reset(options?: VectorResetOptions): [observations: B, infos: VectorInfo] {
    const result = this.envs.reset(options)
    const mask = resetMaskOf(options?.options, this.numEnvs)
    this.current.forEach((_, i) => {
      if (!mask || mask[i]) this.current[i] = begun()
    })
    return result
  }

  override step(actions: ArrayLike<A> | Batch): VectorStepResult<B> {
    const result = this.envs.step(actions)
    const [, rewards, terminations, truncations, infos] = result
    const ended = terminations.map((flag, i) => flag | truncations[i])
    const [r, l, t] = [0, 0, 0].map(() => new Float64Array(this.numEnvs))
    this.current.forEach((episode, i) => {
      // At this step it was only reset.
      if (!episode) {
        this.current[i] = begun()
        return
      }
      episode.r += rewards[i]
      episode.l++
      if (!ended[i]) return
      r[i] = episode.r
      l[i] = episode.l
      t[i] = Math.round(performance.now() * 1e3 - episode.t * 1e3) / 1e6
      this.episodes.push({ r: r[i], l: l[i], t: t[i] })
      this.current[i] = this.autoresetMode === 'same-step' ? begun() : null
    })
    this.episodeCount += ended.reduce((n, flag) => n + flag, 0)
    this.episodes.splice(0, this.episodes.length - this.bufferLength)
    if (ended.includes(1)) result[4] = { ...infos, episode: { r, l, t } satisfies VectorEpisodes, _episode: ended }
    return result
  }
}

/** An episode that begins now; t is when. */
const begun = (): EpisodeStatistics => ({ r: 0, l: 0, t: performance.now() })
