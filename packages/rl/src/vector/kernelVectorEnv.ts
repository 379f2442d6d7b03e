// Many environments of one kind, stepped by a Wasm kernel: their states lie side by side in the linear memory.

import { slice, type Tensor, tensor, tidy, zeros } from '@x/tensor'
import { elements, empty, heap, lasting, pointer, run, tick } from '@x/tensor/op'
import type { Env } from '../env/env.ts'
import { episodeEnded, invalidAction, knownOptions, knownResetOptions, resetNeeded } from '../env/errors.ts'
import { finite, whole } from '../env/numbers.ts'
import { freshSeed, type Seed, seedWords } from '../random/seedSequence.ts'
import { Tuple } from '../spaces/composite.ts'
import { Discrete } from '../spaces/discrete.ts'
import { batchSpace, flatdim } from '../spaces/flatten.ts'
import type { Space } from '../spaces/space.ts'
import { kernel } from './kernels.ts'
import { packed } from './packed.ts'
import {
  type AutoresetMode,
  type Batch,
  checkAutoresetMode,
  resetMaskOf,
  seedsOf,
  type VectorEnv,
  type VectorInfo,
  type VectorResetOptions,
  type VectorStepResult,
} from './vectorEnv.ts'
import type { Vectorizable, Vectorized } from './vectorized.ts'

export interface KernelVectorEnvOptions {
  /** How many environments. */
  numEnvs: number
  /** Default 'next-step' */
  autoresetMode?: AutoresetMode
  /** Steps after which episodes are truncated. Default 0: no limit */
  maxEpisodeSteps?: number
}

const MODES: Readonly<Record<AutoresetMode, number>> = { 'next-step': 0, 'same-step': 1, disabled: 2 }

/** Places in the numbers that kernels take (assembly/rl/episodes.ts). */
const [MODE, LIMIT, BOUNDS, OWN, COUNT, KEY] = [0, 1, 2, 4, 14, 15]

/**
 * Environments stepped by a kernel, many million times a second, with fresh observations in a tensor at every step.
 *
 * Dynamics, rewards and flags are those of the single environment, in float64: from the same state the observations agree
 * to the last bit, but for one number in about 10⁸ (sines are computed in Wasm, to 1.8 ulp). Starts are drawn by counter:
 * those of environment i's k-th episode depend on the seed, i and k alone, and are not NumPy's. Infos hold `finalObs`
 * alone, with 'same-step' resets.
 * @example
 * import { makeVec } from '@x/rl'
 * const envs = makeVec('CartPole-v1', { numEnvs: 1024 })
 * const [observations] = envs.reset({ seed: 0 }) // float32 [1024, 4]
 * const [next, rewards] = envs.step(new Int32Array(1024))
 */
export class KernelVectorEnv implements VectorEnv {
  readonly numEnvs: number
  readonly autoresetMode: AutoresetMode
  readonly singleObservationSpace: Space
  readonly singleActionSpace: Space
  readonly observationSpace: Space
  readonly actionSpace: Space
  private readonly kind: Vectorized
  /** Environments and, if their number is odd, one that is nobody's. */
  private readonly m: number
  private readonly width: number
  private readonly dtype: 'float32' | 'int32'
  private readonly block: Tensor
  private readonly numbers: Tensor
  private readonly table: Tensor
  private readonly actions: Tensor
  private readonly mask: Tensor
  private readonly last: Tensor
  private hasReset = false

  /** @throws RangeError for an environment that no kernel steps, or options out of range */
  constructor(env: Env & Partial<Vectorizable>, options: KernelVectorEnvOptions) {
    knownOptions('KernelVectorEnv', options, ['numEnvs', 'autoresetMode', 'maxEpisodeSteps'])
    const { numEnvs, autoresetMode = 'next-step', maxEpisodeSteps = 0 } = options
    whole('KernelVectorEnv: numEnvs', numEnvs)
    whole('KernelVectorEnv: maxEpisodeSteps', maxEpisodeSteps, 0)
    const kind = env.vectorized
    if (!kind)
      throw new RangeError(`KernelVectorEnv: no kernel steps ${env.constructor.name} as it is; use SyncVectorEnv`)
    this.kind = kind
    this.numEnvs = numEnvs
    this.autoresetMode = checkAutoresetMode(autoresetMode)
    this.singleObservationSpace = env.observationSpace
    this.singleActionSpace = env.actionSpace
    this.observationSpace = batchSpace(env.observationSpace, numEnvs)
    this.actionSpace = batchSpace(env.actionSpace, numEnvs)
    this.m = numEnvs + (numEnvs % 2)
    const { m } = this
    const isDiscrete = env.observationSpace instanceof Discrete
    this.dtype = isDiscrete || env.observationSpace instanceof Tuple ? 'int32' : 'float32'
    this.width = isDiscrete
      ? 1
      : env.observationSpace instanceof Tuple
        ? env.observationSpace.spaces.length
        : flatdim(env.observationSpace)
    const numbers = new Float64Array(16)
    numbers.set(kind.numbers, OWN)
    numbers.set(kind.start?.bounds ?? [0, 0], BOUNDS)
    numbers[MODE] = MODES[autoresetMode]
    numbers[LIMIT] = maxEpisodeSteps
    numbers[COUNT] = m
    const kept = (make: () => Tensor): Tensor => lasting(() => tidy(make))
    this.block = kept(() => zeros([m * (kind.states + 2) + Math.ceil((3 * m) / 8)], { dtype: 'float64' }))
    this.numbers = kept(() => tensor(numbers))
    this.table = kept(() => tensor(kind.mdp ? packed(kind.mdp) : new Float64Array(1)))
    this.actions = kept(() => zeros([m], { dtype: env.actionSpace instanceof Discrete ? 'int32' : 'float32' }))
    this.mask = kept(() => zeros([m], { dtype: 'uint8' }))
    this.last = kept(() => zeros([m, this.width], { dtype: this.dtype }))
    this.seed(freshSeed())
  }

  private seed(seed: Seed): void {
    const at = pointer(this.numbers) / 4 + KEY * 2
    heap.u32.set(seedWords(seed, 2), at)
    const { view, start } = elements(this.block)
    // Episodes count from the beginning again.
    view.fill(0, start + this.m * (this.kind.states + 1), start + this.block.size)
  }

  /** One seed for a list of them. @throws RangeError for a list of another length, or with gaps */
  private together(seeds: readonly (Seed | null)[]): Seed {
    return seedsOf(seeds, this.numEnvs).reduce((all: bigint, seed) => {
      if (seed !== undefined) return (all << 64n) + BigInt(seed)
      throw new RangeError('reset: a kernel seeds all environments or none; use SyncVectorEnv for seeds of some')
    }, 1n)
  }

  /** The state of every environment, one behind the other, float64 [numEnvs · numbers of a state]. */
  get states(): Float64Array {
    const { m, numEnvs } = this
    const S = this.kind.states
    const { view, start } = elements(this.block)
    return Float64Array.from({ length: numEnvs * S }, (_, k) => view[start + (k % S) * m + Math.floor(k / S)])
  }

  set states(values: ArrayLike<number>) {
    const { m, numEnvs } = this
    const S = this.kind.states
    if (values.length !== numEnvs * S) throw new RangeError(`states: ${values.length} numbers, not ${numEnvs * S}`)
    const { view, start } = elements(this.block)
    for (let k = 0; k < values.length; k++) view[start + (k % S) * m + Math.floor(k / S)] = values[k]
    this.hasReset = true
  }

  /**
   * Starts anew. A list of seeds counts as a whole: each start depends on all of them.
   * @throws RangeError for seeds of some environments only, an option that the environment does not have, or a mask of another length
   */
  reset(given: VectorResetOptions = {}): [observations: Batch, infos: VectorInfo] {
    knownResetOptions('KernelVectorEnv.reset', given)
    const { seed, options } = given
    const { names, bounds } = this.kind.start ?? { names: [], bounds: [] }
    const { resetMask, ...own } = options ?? {}
    knownOptions('KernelVectorEnv.reset', own, names)
    const chosen = resetMaskOf(options, this.numEnvs)
    if (seed !== undefined && seed !== null) this.seed(typeof seed === 'object' ? this.together(seed) : seed)
    const numbers = elements(this.numbers)
    names.forEach((name, i) => {
      const value = (own[name] ?? bounds[i]) as number
      numbers.view[numbers.start + BOUNDS + i] = finite(`KernelVectorEnv.reset: ${name}`, value)
    })
    const mask = elements(this.mask)
    for (let i = 0; i < this.m; i++) mask.view[mask.start + i] = chosen ? Number(chosen[i] ?? 0) : 1
    tick()
    const obs = empty([this.m, this.width], this.dtype)
    const { m } = this
    run(
      kernel(`${this.kind.kernel}Reset`),
      m / 2,
      m * 50,
      pointer(this.block),
      pointer(this.mask),
      pointer(obs),
      pointer(this.numbers),
      pointer(this.table),
      m,
    )
    this.hasReset = true
    return [this.shaped(obs), {}]
  }

  /**
   * @throws ResetNeededError, InvalidActionError for an action outside the space
   * @throws RangeError for another number of actions
   */
  step(actions: ArrayLike<unknown> | Batch): VectorStepResult {
    if (!this.hasReset) throw resetNeeded(`${this.kind.kernel} (KernelVectorEnv)`)
    this.copyActions(actions)
    const { m, numEnvs } = this
    if (this.autoresetMode === 'disabled') this.refuseEnded()
    tick()
    const obs = empty([m, this.width], this.dtype)
    run(
      kernel(this.kind.kernel),
      m / 2,
      m * 200,
      pointer(this.block),
      pointer(this.actions),
      pointer(obs),
      pointer(this.last),
      pointer(this.numbers),
      pointer(this.table),
      m,
    )
    const at = pointer(this.block) + m * this.kind.states * 8
    const rewards = heap.f64.slice(at / 8, at / 8 + numEnvs)
    const flags = at + m * 16
    const terminations = heap.u8.slice(flags, flags + numEnvs)
    const truncations = heap.u8.slice(flags + m, flags + m + numEnvs)
    const infos = this.autoresetMode === 'same-step' ? this.ends(terminations, truncations) : {}
    return [this.shaped(obs), rewards, terminations, truncations, infos]
  }

  private refuseEnded(): void {
    const due = pointer(this.block) + this.m * (this.kind.states * 8 + 18)
    const at = heap.u8.subarray(due, due + this.numEnvs).indexOf(1)
    if (at >= 0) throw episodeEnded('KernelVectorEnv', at)
  }

  /** Fewer rows if one is nobody's, and no axis for observations that are numbers. */
  private shaped(obs: Tensor): Batch {
    const { numEnvs, singleObservationSpace: space } = this
    const rows = numEnvs === this.m ? obs : obs.at(slice(0, numEnvs))
    if (space instanceof Discrete) return rows.reshape([numEnvs])
    if (space instanceof Tuple) return space.spaces.map((_: Space, k: number) => rows.at('...', k))
    return rows
  }

  private copyActions(given: ArrayLike<unknown> | Batch): void {
    const { numEnvs, singleActionSpace: space } = this
    if (typeof given !== 'object' || given === null) throw new RangeError(`step: ${given} for ${numEnvs} environments`)
    const isTensor = typeof (given as Tensor).data === 'function'
    const actions = (isTensor ? (given as Tensor).data() : given) as ArrayLike<number>
    if (actions.length !== numEnvs) throw new RangeError(`step: ${actions.length} actions for ${numEnvs} environments`)
    if (space instanceof Discrete) {
      const { n } = space
      const to = pointer(this.actions) / 4
      const memory = heap.i32
      for (let i = 0; i < numEnvs; i++) {
        const a = actions[i]
        if (a >>> 0 !== a || a >= n) throw invalidAction(`environment ${i}`, a, space)
        memory[to + i] = a
      }
      return
    }
    const { view, start } = elements(this.actions)
    for (let i = 0; i < numEnvs; i++) {
      const own = actions[i] as number | ArrayLike<number> | undefined
      const a = typeof own === 'number' ? own : own?.length === 1 ? own[0] : Number.NaN
      if (!(Math.abs(a) < Number.POSITIVE_INFINITY)) throw invalidAction(`environment ${i}`, own, space)
      view[start + i] = a
    }
  }

  /** The last observations of the episodes that ended, looked at when somebody asks for them. */
  private ends(terminations: Uint8Array, truncations: Uint8Array): VectorInfo {
    const { numEnvs, width, singleObservationSpace: space } = this
    const ended = new Uint8Array(numEnvs)
    let count = 0
    for (let i = 0; i < numEnvs; i++) {
      ended[i] = terminations[i] | truncations[i]
      count += ended[i]
    }
    if (count === 0) return {}
    // The next step writes over these rows; only those of the episodes that ended are put aside.
    const from = pointer(this.last) / 4
    const view = this.dtype === 'int32' ? heap.i32 : heap.f32
    const rows = this.dtype === 'int32' ? new Int32Array(count * width) : new Float32Array(count * width)
    for (let i = 0, to = 0; i < numEnvs; i++) {
      if (ended[i]) for (let k = 0; k < width; k++) rows[to++] = view[from + i * width + k]
    }
    const observation = (place: number): unknown => {
      const row = rows.slice(place * width, (place + 1) * width)
      return space instanceof Discrete ? row[0] : space instanceof Tuple ? Array.from(row) : row
    }
    let finalObs: unknown[] | null = null
    return {
      get finalObs(): unknown[] {
        let place = 0
        finalObs ??= Array.from(ended, (flag) => (flag ? observation(place++) : null))
        return finalObs
      },
      _finalObs: ended,
    }
  }

  close(): void {
    for (const x of [this.block, this.numbers, this.table, this.actions, this.mask, this.last]) x.dispose()
  }
}
