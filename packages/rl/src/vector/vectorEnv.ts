// Several environments stepped at once: the contract, and what happens when an episode ends.

import type { Tensor } from '@x/tensor'
import type { ResetOptions } from '../env/env.ts'
import { oneOf } from '../env/numbers.ts'
import type { Seed } from '../random/seedSequence.ts'
import type { Space } from '../spaces/space.ts'

/**
 * When an environment whose episode has ended is reset:
 * `next-step` at the next step, whose action is ignored and whose reward is 0 (the default);
 * `same-step` at once: the observation is the first of the new episode, the last one of the old is `info.finalObs`;
 * `disabled` never: call `reset` with `options.resetMask`.
 */
export type AutoresetMode = 'next-step' | 'same-step' | 'disabled'

/** @throws RangeError for a mode that there is not */
export const checkAutoresetMode = (mode: AutoresetMode): AutoresetMode =>
  oneOf('autoresetMode', mode, ['next-step', 'same-step', 'disabled'])

/** Observations or actions of all environments: tensors with a first axis of numEnvs, in the structure of the space. */
export type Batch = Tensor | readonly Batch[] | { readonly [name: string]: Batch }

/** The batch of so many elements: a tensor of numbers and arrays, else in the structure of the space. */
export type BatchOf<O> = unknown extends O
  ? Batch
  : O extends readonly unknown[]
    ? Batch
    : O extends number | ArrayLike<number>
      ? Tensor
      : Batch

/**
 * What the environments tell, by name: one value each, and under the name with an underscore which of them said it
 * (1 or 0). Nested objects are such infos again.
 */
export type VectorInfo = Record<string, unknown>

export interface VectorResetOptions extends Omit<ResetOptions, 'seed'> {
  /** One seed, which environment i gets plus i; or one per environment, null to go on. */
  seed?: Seed | readonly (Seed | null)[]
}

/** [observations, rewards, terminations, truncations, infos] */
export type VectorStepResult<B = Batch> = [
  observations: B,
  rewards: Float64Array,
  terminations: Uint8Array,
  truncations: Uint8Array,
  infos: VectorInfo,
]

/** What steps several environments at once: Gymnasium's `VectorEnv`. */
export interface VectorEnv<O = unknown, A = unknown, B extends Batch = BatchOf<O>> {
  readonly numEnvs: number
  readonly autoresetMode: AutoresetMode
  readonly singleObservationSpace: Space<O>
  readonly singleActionSpace: Space<A>
  /** The spaces of all environments at once. */
  readonly observationSpace: Space
  readonly actionSpace: Space
  /** Starts an episode in every environment, or in those that `options.resetMask` marks. */
  reset(options?: VectorResetOptions): [observations: B, infos: VectorInfo]
  /** One step of every environment, with one action for each (an array or a tensor). */
  step(actions: ArrayLike<A> | Batch): VectorStepResult<B>
  close(): void
}

/** The seed of every environment. @throws RangeError for a list of another length */
export function seedsOf(seed: VectorResetOptions['seed'], numEnvs: number): (Seed | undefined)[] {
  if (typeof seed === 'number' || typeof seed === 'bigint') {
    return Array.from({ length: numEnvs }, (_, i) => (typeof seed === 'bigint' ? seed + BigInt(i) : seed + i))
  }
  if (seed && seed.length !== numEnvs) throw new RangeError(`reset: ${seed.length} seeds for ${numEnvs} environments`)
  return Array.from({ length: numEnvs }, (_, i) => seed?.[i] ?? undefined)
}

/** The mask of environments to reset, of 0 and 1; null for all of them. @throws RangeError */
export function resetMaskOf(options: VectorResetOptions['options'], numEnvs: number): ArrayLike<number> | null {
  const mask = options?.resetMask as ArrayLike<number> | undefined
  if (mask === undefined) return null
  if (mask.length !== numEnvs) throw new RangeError(`reset: a resetMask of ${mask.length} for ${numEnvs} environments`)
  if (!Array.from(mask).some(Boolean)) throw new RangeError('reset: the resetMask marks no environment')
  return mask
}
