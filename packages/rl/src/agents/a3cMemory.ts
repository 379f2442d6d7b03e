// The memory that all threads of A3C share, which they read and write without locks (Hogwild, Recht et al. 2011).
import type { Tensor } from '@x/tensor'
import { elements } from '@x/tensor/op'

/** Word of the control block: environment steps of all workers. */
export const STEPS = 0
/** Word of the control block: updates of all workers. */
export const UPDATES = 1
/** Word of the control block: whether workers are to stop. */
export const STOP = 2
/** Bytes of the control block and the learning rate behind it. */
const HEADER = 32
/** Words of a worker's random state; the last one of them says that there is one. */
export const RANDOM = 5

/** The memory of all threads: counters, the learning rate, θ and g, and where the random numbers of every worker stand. */
export class Shared {
  readonly memory: SharedArrayBuffer
  readonly control: Int32Array
  readonly rate: Float64Array
  readonly theta: Float32Array
  readonly squares: Float32Array
  private readonly random: Int32Array

  constructor(count: number, workers: number, memory?: SharedArrayBuffer) {
    this.memory = memory ?? new SharedArrayBuffer(HEADER + 8 * count + 4 * RANDOM * workers)
    this.control = new Int32Array(this.memory, 0, 4)
    this.rate = new Float64Array(this.memory, 16, 1)
    this.theta = new Float32Array(this.memory, HEADER, count)
    this.squares = new Float32Array(this.memory, HEADER + 4 * count, count)
    this.random = new Int32Array(this.memory, HEADER + 8 * count, RANDOM * workers)
  }

  /** Random words of a worker. */
  randomOf(index: number): Int32Array {
    return this.random.subarray(RANDOM * index, RANDOM * (index + 1))
  }

  get allRandom(): Int32Array {
    return this.random
  }

  /** θ' ← θ */
  pull(parameters: readonly Tensor[]): void {
    let at = 0
    for (const p of parameters) {
      const { view, start } = elements(p)
      ;(view as Float32Array).set(this.theta.subarray(at, at + p.size), start)
      at += p.size
    }
  }

  /** θ ← θ' */
  push(parameters: readonly Tensor[]): void {
    let at = 0
    for (const p of parameters) {
      this.theta.set(p.data() as Float32Array, at)
      at += p.size
    }
  }

  /** g ← α g + (1 − α) Δθ²; θ ← θ − η Δθ / √(g + ε), while others do the same. */
  step(gradient: ArrayLike<number>, { alpha, eps }: { alpha: number; eps: number }): void {
    const { theta, squares } = this
    const rate = this.rate[0]
    for (let i = 0; i < theta.length; i++) {
      const d = gradient[i]
      const g = alpha * squares[i] + (1 - alpha) * d * d
      squares[i] = g
      theta[i] -= (rate * d) / Math.sqrt(g + eps)
    }
  }
}
