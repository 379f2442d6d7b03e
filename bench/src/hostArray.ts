// The data of a workload: plain typed arrays, the same in every process from one seed.

export interface HostArray {
  readonly dtype: 'float32' | 'int32' | 'bool'
  readonly shape: readonly number[]
  readonly data: Float32Array | Int32Array | Uint8Array
}

/** What makes a workload's data. Never Math.random: every process must draw the same. */
export class Random {
  private state: number

  constructor(seed: number) {
    this.state = seed | 0
  }

  /** Uniform in [0, 1). Source: mulberry32 by Tommy Ettinger. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  /** About standard normal (Irwin and Hall's sum of 12 uniforms), scaled. */
  normal(shape: readonly number[], scale = 1): HostArray {
    return floats(shape, () => {
      let sum = -6
      for (let i = 0; i < 12; i++) sum += this.next()
      return sum * scale
    })
  }

  uniform(shape: readonly number[], low = 0, high = 1): HostArray {
    return floats(shape, () => low + (high - low) * this.next())
  }

  /** Whole numbers from 0 to below − 1. */
  integers(shape: readonly number[], below: number): HostArray {
    return {
      dtype: 'int32',
      shape,
      data: Int32Array.from({ length: lengthOf(shape) }, () => Math.floor(this.next() * below)),
    }
  }

  booleans(shape: readonly number[]): HostArray {
    return {
      dtype: 'bool',
      shape,
      data: Uint8Array.from({ length: lengthOf(shape) }, () => (this.next() < 0.5 ? 1 : 0)),
    }
  }

  /** Weights of a layer: uniform in ±1/√fanIn, as PyTorch starts. */
  weights(shape: readonly number[], fanIn: number): HostArray {
    const bound = 1 / Math.sqrt(fanIn)
    return this.uniform(shape, -bound, bound)
  }
}

export const lengthOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)

function floats(shape: readonly number[], next: () => number): HostArray {
  const data = new Float32Array(lengthOf(shape))
  for (let i = 0; i < data.length; i++) data[i] = next()
  return { dtype: 'float32', shape, data }
}
