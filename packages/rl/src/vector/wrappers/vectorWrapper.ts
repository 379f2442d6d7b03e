// What every wrapper of several environments is.
import type { Space } from '../../spaces/space.ts'
import type {
  AutoresetMode,
  Batch,
  BatchOf,
  VectorEnv,
  VectorInfo,
  VectorResetOptions,
  VectorStepResult,
} from '../vectorEnv.ts'

/** Base of wrappers of several environments: hands everything on. Gymnasium's `VectorWrapper`. */
export class VectorWrapper<O = unknown, A = unknown, B extends Batch = BatchOf<O>> implements VectorEnv<O, A, B> {
  /** The environments inside. */
  readonly envs: VectorEnv<O, A, B>
  readonly singleObservationSpace: Space<O>
  readonly observationSpace: Space

  /** @param spaces the spaces of observations, where the wrapper changes them: of one environment, and of all */
  constructor(envs: VectorEnv<O, A, B>, spaces?: { single: Space; all: Space }) {
    if (typeof envs?.numEnvs !== 'number') {
      throw new TypeError('wrappers of @x/rl/vector are for several environments (makeVec); those of @x/rl are for one')
    }
    this.envs = envs
    this.singleObservationSpace = (spaces?.single as Space<O> | undefined) ?? envs.singleObservationSpace
    this.observationSpace = spaces?.all ?? envs.observationSpace
  }

  get numEnvs(): number {
    return this.envs.numEnvs
  }

  get autoresetMode(): AutoresetMode {
    return this.envs.autoresetMode
  }

  get singleActionSpace(): Space<A> {
    return this.envs.singleActionSpace
  }

  get actionSpace(): Space {
    return this.envs.actionSpace
  }

  reset(options?: VectorResetOptions): [observations: B, infos: VectorInfo] {
    return this.envs.reset(options)
  }

  step(actions: ArrayLike<A> | Batch): VectorStepResult<B> {
    return this.envs.step(actions)
  }

  close(): void {
    this.envs.close()
  }
}
