// makeVec: several environments of an id, stepped at once.

import type { Env } from '../env/env.ts'
import { optionsObject } from '../env/errors.ts'
import { oneOf, whole } from '../env/numbers.ts'
import { enter, type KnownEnvs, type MakeOptions, make, spec } from '../env/registry.ts'
import { KernelVectorEnv } from './kernelVectorEnv.ts'
import { SyncVectorEnv } from './syncVectorEnv.ts'
import type { AutoresetMode, VectorEnv } from './vectorEnv.ts'
import type { Vectorizable } from './vectorized.ts'

export interface MakeVecOptions extends MakeOptions {
  /** Default 1 */
  numEnvs?: number
  /** 'kernel' steps all at once in Wasm, 'sync' one after the other. Default: 'kernel' where there is one */
  vectorization?: 'kernel' | 'sync'
  /** Default 'next-step' */
  autoresetMode?: AutoresetMode
}

/**
 * Several environments of an id, stepped at once: Gymnasium's `make_vec`. Further options go to the environments.
 * @throws EnvNotFoundError, RangeError for an option that there is not, or a kernel that there is not, TypeError for a number
 * in place of options
 * @example
 * import { makeVec } from '@x/rl'
 * const envs = makeVec('Pendulum-v1', { numEnvs: 4, vectorization: 'sync' })
 * envs.reset({ seed: 0 })
 */
export function makeVec<Id extends keyof KnownEnvs>(
  id: Id,
  options?: MakeVecOptions & KnownEnvs[Id]['options'],
): VectorEnv<KnownEnvs[Id]['observation'], KnownEnvs[Id]['action']>
export function makeVec(id: string, options?: MakeVecOptions & Readonly<Record<string, unknown>>): VectorEnv
export function makeVec(id: string, options: MakeVecOptions & Readonly<Record<string, unknown>> = {}): VectorEnv {
  optionsObject('makeVec', options, 'numEnvs: 4')
  const { numEnvs = 1, vectorization, autoresetMode, ...own } = options
  const { maxEpisodeSteps, disableEnvChecker, ...kwargs } = own
  if (vectorization !== undefined) oneOf('makeVec: vectorization', vectorization, ['kernel', 'sync'])
  whole('makeVec: numEnvs', numEnvs)
  if (maxEpisodeSteps !== undefined && maxEpisodeSteps !== -1) whole('makeVec: maxEpisodeSteps', maxEpisodeSteps)
  if (vectorization !== 'sync') {
    const known = spec(id)
    const bare = enter(known, { ...known.kwargs, ...kwargs }) as Env & Partial<Vectorizable>
    if (bare.vectorized || vectorization === 'kernel') {
      const limit = maxEpisodeSteps ?? known.maxEpisodeSteps ?? 0
      return new KernelVectorEnv(bare, { numEnvs, autoresetMode, maxEpisodeSteps: Math.max(0, limit) })
    }
  }
  return new SyncVectorEnv(
    Array.from({ length: numEnvs }, () => () => make(id, own)),
    { autoresetMode: autoresetMode ?? 'next-step' },
  )
}
