// makeVec: several environments of an id, stepped at once.
import type { Env } from '../env/env.ts'
import { type KnownEnvs, type MakeOptions, make, spec } from '../env/registry.ts'
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
 * @throws EnvNotFoundError, RangeError for an option that there is not, or a kernel that there is not
 * @example
 * import { makeVec } from '@x/rl'
 * const envs = makeVec('Pendulum-v1', { numEnvs: 4, vectorization: 'sync' })
 * envs.reset({ seed: 0 })
 */
export function makeVec<Id extends keyof KnownEnvs>(
  id: Id,
  options?: MakeVecOptions & KnownEnvs[Id]['options'],
): VectorEnv
export function makeVec(id: string, options?: MakeVecOptions & Readonly<Record<string, unknown>>): VectorEnv
export function makeVec(id: string, options: MakeVecOptions & Readonly<Record<string, unknown>> = {}): VectorEnv {
  const { numEnvs = 1, vectorization, autoresetMode, ...own } = options
  const { maxEpisodeSteps, disableEnvChecker, ...kwargs } = own
  if (vectorization !== undefined && vectorization !== 'kernel' && vectorization !== 'sync') {
    throw new RangeError(`makeVec: vectorization '${vectorization}' is not 'kernel' or 'sync'`)
  }
  if (vectorization !== 'sync') {
    const known = spec(id)
    const bare = known.entryPoint({ ...known.kwargs, ...kwargs }) as Env & Partial<Vectorizable>
    if (bare.vectorized || vectorization === 'kernel') {
      const limit = maxEpisodeSteps ?? known.maxEpisodeSteps ?? 0
      return new KernelVectorEnv(bare, { numEnvs, autoresetMode, maxEpisodeSteps: Math.max(0, limit) })
    }
  }
  if (!Number.isSafeInteger(numEnvs) || numEnvs < 1) throw new RangeError(`makeVec: ${numEnvs} environments`)
  return new SyncVectorEnv(
    Array.from({ length: numEnvs }, () => () => make(id, own)),
    { autoresetMode: autoresetMode ?? 'next-step' },
  )
}
