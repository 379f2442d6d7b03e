// What the environments of classic control share: a state of float64 numbers that may be set, observed in float32.
import type { StepResult } from '../../env/env.ts'
import { BuiltInEnv, type RenderOptions } from '../../render/rendered.ts'
import { Box } from '../../spaces/box.ts'
import type { Vectorizable, Vectorized } from '../../vector/vectorized.ts'

/** Base of CartPole, MountainCar, Acrobot and Pendulum. A subclass writes `stepInto`, and `observation` where it is not the state. */
export abstract class ControlEnv<A> extends BuiltInEnv<Float32Array, A, Float64Array> implements Vectorizable {
  readonly observationSpace: Box
  /** Reward of the last step. */
  reward = 0
  /** The state; null before the first reset. */
  protected s: Float64Array | null = null
  private readonly width: number

  /** @param high bounds of observations; `low` is −high unless it is given */
  constructor(
    name: string,
    { renderMode }: RenderOptions,
    high: readonly number[],
    low: readonly number[] = high.map((h) => -h),
  ) {
    super(renderMode, name)
    this.observationSpace = new Box(low, high)
    this.width = high.length
  }

  /** A copy of the state in float64; null before the first reset. */
  get state(): Float64Array | null {
    return this.s ? this.s.slice() : null
  }

  set state(state: ArrayLike<number>) {
    this.s = Float64Array.from(state)
    this.placed(state)
  }

  protected shown(): Float64Array | null {
    return this.s
  }

  /** Somebody has set the state. */
  protected placed(_state: ArrayLike<number>): void {}

  /** What the kernel of many of them takes; null where there is none for these options. */
  abstract get vectorized(): Vectorized | null

  /** The observation of the present state; null before the first reset. */
  get observation(): Float32Array | null {
    return this.s ? Float32Array.from(this.s) : null
  }

  /** @throws ResetNeededError, InvalidActionError */
  step(action: A): StepResult<Float32Array> {
    const observation = new Float32Array(this.width)
    const terminated = this.stepInto(action, observation)
    return [observation, this.reward, terminated, false, {}]
  }

  /**
   * A step without garbage: writes the observation into `out` at `at`, leaves the reward in `reward`, and returns whether
   * the episode terminated.
   * @throws ResetNeededError, InvalidActionError
   */
  abstract stepInto(action: A, out: Float32Array, at?: number): boolean
}
