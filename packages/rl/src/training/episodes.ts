// Episode after episode of an environment, with the counting that every learning loop needs.
import type { Env, Info } from '../env/env.ts'
import { badReward, needEnv } from '../env/errors.ts'
import { nameOf } from '../wrappers/wrapper.ts'
import { type Clock, type EpisodeResult, type LearnOptions, learnOptions, type Progress } from './agent.ts'

/** An episode under way. */
export class Episode<O, A> implements EpisodeResult {
  /** The present observation. */
  observation: O
  info: Info
  /** Undiscounted return so far. */
  reward = 0
  length = 0
  /** Whether the task ended it: nothing follows. */
  terminated = false
  /** Whether it is over: terminated, truncated, or out of steps. */
  done = false
  /** Whether it came to its own end, and not only to that of the budget. */
  hasEnded = false
  private readonly env: Env<O, A>
  private readonly clock: Clock
  private readonly end: number

  constructor(env: Env<O, A>, [observation, info]: readonly [O, Info], clock: Clock, end: number) {
    this.env = env
    this.observation = observation
    this.info = info
    this.clock = clock
    this.end = end
  }

  /**
   * Takes an action, moves on to the next observation, and returns the reward.
   * @throws EnvContractError for a reward that is not a finite number
   */
  step(action: A): number {
    const [observation, reward, terminated, truncated, info] = this.env.step(action)
    this.observation = observation
    this.info = info
    this.length++
    if (!Number.isFinite(reward)) throw badReward(nameOf(this.env as Env), reward, this.length)
    this.reward += reward
    this.clock.steps++
    this.terminated = terminated
    this.hasEnded = terminated || truncated
    this.done = this.hasEnded || this.clock.steps >= this.end
    return reward
  }

  /** What a learning loop tells at the end of this episode. */
  report(metrics: Readonly<Record<string, number>> = {}): Progress {
    const episodes = this.hasEnded ? [{ reward: this.reward, length: this.length }] : []
    return { steps: this.clock.steps, episodes, metrics }
  }
}

/** Episodes until `steps` steps have been taken; the last one may be cut short. The seed is that of the first reset. */
export function* episodes<O, A>(env: Env<O, A>, options: LearnOptions, clock: Clock): Generator<Episode<O, A>, void> {
  needEnv('learn', env)
  const { steps, seed } = learnOptions(nameOf(env as Env), options)
  const end = clock.steps + steps
  for (let first = true; clock.steps < end; first = false) {
    yield new Episode(env, env.reset(first ? { seed } : {}), clock, end)
  }
}
