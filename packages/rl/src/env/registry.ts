// Environments by id: register, make, spec.

import { Bandit, type BanditOptions } from '../envs/book/bandit.ts'
import type { GamblerOptions, RandomWalkOptions } from '../envs/book/chains.ts'
import { Gambler, RandomWalk } from '../envs/book/chains.ts'
import { Gridworld4x4, Gridworld5x5, WindyGridworld, type WindyGridworldOptions } from '../envs/book/gridworlds.ts'
import { Acrobot, type AcrobotOptions } from '../envs/control/acrobot.ts'
import { CartPole, type CartPoleOptions } from '../envs/control/cartPole.ts'
import { MountainCar, MountainCarContinuous, type MountainCarOptions } from '../envs/control/mountainCar.ts'
import { Pendulum, type PendulumOptions } from '../envs/control/pendulum.ts'
import { Blackjack, type BlackjackObservation, type BlackjackOptions } from '../envs/toy/blackjack.ts'
import { CliffWalking, type CliffWalkingOptions } from '../envs/toy/cliffWalking.ts'
import { FrozenLake, type FrozenLakeOptions } from '../envs/toy/frozenLake.ts'
import { Taxi, type TaxiOptions } from '../envs/toy/taxi.ts'
import type { RenderOptions } from '../render/rendered.ts'
import { OrderEnforcing, PassiveEnvChecker, TimeLimit } from '../wrappers/guards.ts'
import { Wrapper } from '../wrappers/wrapper.ts'
import type { Env, EnvSpec } from './env.ts'
import { EnvNotFoundError, needFunction, optionsObject, shown } from './errors.ts'

/** What is known of an id: observation, action, and the options that `make` takes. */
export interface KnownEnv<O, A, Options> {
  readonly observation: O
  readonly action: A
  readonly options: Options
}

/** Types of registered environments by id. Add yours: `declare module '@x/rl' { interface KnownEnvs { … } }`. */
export interface KnownEnvs {
  'CartPole-v0': KnownEnv<Float32Array, number, CartPoleOptions>
  'CartPole-v1': KnownEnv<Float32Array, number, CartPoleOptions>
  'MountainCar-v0': KnownEnv<Float32Array, number, MountainCarOptions>
  'MountainCarContinuous-v0': KnownEnv<Float32Array, ArrayLike<number>, MountainCarOptions>
  'Acrobot-v1': KnownEnv<Float32Array, number, AcrobotOptions>
  'Pendulum-v1': KnownEnv<Float32Array, ArrayLike<number>, PendulumOptions>
  'FrozenLake-v1': KnownEnv<number, number, FrozenLakeOptions>
  'FrozenLake8x8-v1': KnownEnv<number, number, FrozenLakeOptions>
  'CliffWalking-v1': KnownEnv<number, number, CliffWalkingOptions>
  'CliffWalkingSlippery-v1': KnownEnv<number, number, CliffWalkingOptions>
  'Taxi-v4': KnownEnv<number, number, TaxiOptions>
  'Blackjack-v1': KnownEnv<BlackjackObservation, number, BlackjackOptions>
  'Gridworld4x4-v0': KnownEnv<number, number, RenderOptions>
  'Gridworld5x5-v0': KnownEnv<number, number, RenderOptions>
  'WindyGridworld-v0': KnownEnv<number, number, WindyGridworldOptions>
  'Gambler-v0': KnownEnv<number, number, GamblerOptions>
  'RandomWalk-v0': KnownEnv<number, number, RandomWalkOptions>
  'Bandit-v0': KnownEnv<number, number, BanditOptions>
}

/** The class of an environment, and what is registered beside it. */
interface Entry extends Omit<EnvSpec, 'id' | 'entryPoint'> {
  readonly of: new (options: never) => unknown
}

/**
 * The environments of this package, as Gymnasium registers those that it has. The best returns: of the cart the limit, of
 * mountain car and pendulum by dynamic programming on grids of 401 by 401 states, of the continuous car by pushing with 0.18
 * whither it moves, of the acrobot by PPO after a million steps.
 */
const BUILT_IN: Readonly<Record<keyof KnownEnvs, Entry>> = {
  'CartPole-v0': { of: CartPole, maxEpisodeSteps: 200, rewardThreshold: 195, bestReturn: 200 },
  'CartPole-v1': { of: CartPole, maxEpisodeSteps: 500, rewardThreshold: 475, bestReturn: 500 },
  'MountainCar-v0': { of: MountainCar, maxEpisodeSteps: 200, rewardThreshold: -110, bestReturn: -97.75 },
  'MountainCarContinuous-v0': {
    of: MountainCarContinuous,
    maxEpisodeSteps: 999,
    rewardThreshold: 90,
    bestReturn: 98.81,
  },
  'Acrobot-v1': { of: Acrobot, maxEpisodeSteps: 500, rewardThreshold: -100, bestReturn: -72.1 },
  'Pendulum-v1': { of: Pendulum, maxEpisodeSteps: 200, bestReturn: -137.15 },
  'FrozenLake-v1': { of: FrozenLake, kwargs: { mapName: '4x4' }, maxEpisodeSteps: 100, rewardThreshold: 0.7 },
  'FrozenLake8x8-v1': { of: FrozenLake, kwargs: { mapName: '8x8' }, maxEpisodeSteps: 200, rewardThreshold: 0.85 },
  'CliffWalking-v1': { of: CliffWalking },
  'CliffWalkingSlippery-v1': { of: CliffWalking, kwargs: { isSlippery: true } },
  'Taxi-v4': { of: Taxi, maxEpisodeSteps: 200, rewardThreshold: 8 },
  'Blackjack-v1': { of: Blackjack, kwargs: { sab: true, natural: false } },
  'Gridworld4x4-v0': { of: Gridworld4x4 },
  'Gridworld5x5-v0': { of: Gridworld5x5 },
  'WindyGridworld-v0': { of: WindyGridworld, maxEpisodeSteps: 100 },
  'Gambler-v0': { of: Gambler },
  'RandomWalk-v0': { of: RandomWalk },
  'Bandit-v0': { of: Bandit, maxEpisodeSteps: 1000 },
}

/** An environment's class, whose constructor takes the options. */
export type EnvClass = new (options: Readonly<Record<string, unknown>>) => Env

const registered = new Map<string, EnvSpec>()

const VERSION = /-v(\d+)$/
const versionOf = (id: string): number => Number(VERSION.exec(id)?.[1])
const maker =
  (Made: EnvClass): EnvSpec['entryPoint'] =>
  (options) =>
    new Made(options)

/**
 * Gives an environment of your own, made by a function or its class, an id for `make`. An id that is taken is taken over.
 * @throws RangeError for an id that is not `[namespace/]Name-v0`, TypeError for an entryPoint that is no function
 * @example
 * import { CartPole, make, register } from '@x/rl'
 * register({ id: 'me/LongCartPole-v0', entryPoint: (options) => new CartPole(options), maxEpisodeSteps: 1000 })
 * make('me/LongCartPole-v0').reset({ seed: 0 })
 */
export function register(spec: EnvSpec | (Omit<EnvSpec, 'entryPoint'> & { readonly entryPoint: EnvClass })): void {
  const { id, entryPoint } = spec
  if (!/^([\w:.-]+\/)?[\w:.-]+-v\d+$/.test(id)) {
    throw new RangeError(`register: ${shown(id)} is no id of the form [namespace/]Name-v0`)
  }
  needFunction('register: entryPoint', entryPoint)
  const isClass = /^class\b/.test(String(entryPoint))
  registered.set(id, { ...spec, entryPoint: isClass ? maker(entryPoint as EnvClass) : entryPoint } as EnvSpec)
}

/** Ids of all environments there are. */
export const registeredIds = (): string[] => [...new Set([...Object.keys(BUILT_IN), ...registered.keys()])]

/**
 * How an environment is made. An id without a version is that of the newest.
 * @throws EnvNotFoundError that names the nearest ids
 */
export function spec(id: string): EnvSpec {
  if (typeof id !== 'string') throw new TypeError(`make: ${typeof id} is not an id, such as 'CartPole-v1'`)
  const known = registered.get(id)
  if (known) return known
  if (Object.hasOwn(BUILT_IN, id)) {
    const { of, ...rest } = BUILT_IN[id as keyof KnownEnvs]
    return { id, entryPoint: maker(of as EnvClass), ...rest }
  }
  const ids = registeredIds()
  const base = id.replace(VERSION, '')
  const versions = ids.filter((other) => other.replace(VERSION, '') === base)
  const newest = versions.sort((a, b) => versionOf(a) - versionOf(b)).at(-1)
  if (base === id && newest) return spec(newest)
  const like = ids.filter((other) => other.toLowerCase().startsWith(base.slice(0, 4).toLowerCase()))
  const hint = versions.length
    ? `, but ${versions.join(', ')}`
    : like.length
      ? `; did you mean ${like.join(', ')}?`
      : ''
  throw new EnvNotFoundError(`make: there is no environment '${id}'${hint}`)
}

export interface MakeOptions {
  /** Steps after which episodes are truncated; −1 for no limit. Default: as registered */
  maxEpisodeSteps?: number
  /** Leave out the check of what goes in and out. Default: as registered, else false */
  disableEnvChecker?: boolean
}

/** The bare environment. What it says of options that it does not have goes on with those of `make` and `makeVec`. */
export function enter({ entryPoint }: EnvSpec, kwargs: Readonly<Record<string, unknown>>): Env {
  try {
    return entryPoint(kwargs)
  } catch (error) {
    if (error instanceof RangeError && error.message.includes('there is no option')) {
      error.message +=
        '; make has maxEpisodeSteps, disableEnvChecker, and makeVec numEnvs, vectorization, autoresetMode'
    }
    throw error
  }
}

/** An environment that `make` made, with its wrappers. */
class MadeEnv<O, A> extends Wrapper<O, A> {
  private readonly made: EnvSpec

  constructor(env: Env<O, A>, made: EnvSpec) {
    super(env)
    this.made = made
  }

  override get unwrapped(): Env<unknown, unknown> {
    return this.env as Env<unknown, unknown>
  }

  override get spec(): EnvSpec {
    return this.made
  }
}

/**
 * The environment of an id, with the guards that Gymnasium puts around it: a check of what goes in and out, the order of
 * `reset` and `step`, and the time limit. Further options go to the environment.
 * @throws EnvNotFoundError, RangeError for an option that the environment does not have, TypeError for what is no options
 * object
 * @example
 * import { make } from '@x/rl'
 * const env = make('FrozenLake-v1', { isSlippery: false })
 * const [observation] = env.reset({ seed: 42 })
 * const [next, reward, terminated, truncated] = env.step(env.actionSpace.sample())
 */
export function make<Id extends keyof KnownEnvs>(
  id: Id,
  options?: MakeOptions & KnownEnvs[Id]['options'],
): Env<KnownEnvs[Id]['observation'], KnownEnvs[Id]['action']>
export function make(id: string, options?: MakeOptions & Readonly<Record<string, unknown>>): Env<unknown, unknown>
export function make(id: string, options: MakeOptions & Readonly<Record<string, unknown>> = {}): Env<unknown, unknown> {
  const known = spec(id)
  optionsObject('make', options, 'maxEpisodeSteps: 200')
  const { maxEpisodeSteps, disableEnvChecker, ...own } = options
  const kwargs = { ...known.kwargs, ...own }
  const limit = maxEpisodeSteps === -1 ? undefined : (maxEpisodeSteps ?? known.maxEpisodeSteps)
  const made: EnvSpec = { ...known, kwargs, maxEpisodeSteps: limit }
  const bare = enter(known, kwargs)
  let env: Env<unknown, unknown>
  if (Object.isExtensible(bare) && !(bare instanceof Wrapper)) {
    bare.spec = made
    env = bare
  } else env = new MadeEnv(bare, made)
  if (!(disableEnvChecker ?? known.disableEnvChecker)) env = new PassiveEnvChecker(env)
  if (known.orderEnforce ?? true) env = new OrderEnforcing(env)
  return limit === undefined ? env : new TimeLimit(env, limit)
}
