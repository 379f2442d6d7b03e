// Positions as numbers that are added to the scores of attention: ALiBi's slopes and T5's buckets of distances.
import { type DType, type Tensor, tensor } from '@x/tensor'

/**
 * How steeply each head's scores fall with the distance: for a power of two 2^(−8(h+1)/H); for other numbers of heads
 * those of the power below, and between them every other one of the power above.
 * Source: O. Press et al. 2021, arXiv:2108.12409.
 * @throws RangeError unless heads is a whole number from 1
 */
export function alibiSlopes(heads: number): number[] {
  if (!(Number.isInteger(heads) && heads >= 1))
    throw new RangeError(`alibiSlopes: heads ${heads} is not a whole number`)
  const below = 2 ** Math.floor(Math.log2(heads))
  const of = (n: number, power: number): number => 2 ** ((-8 * power) / n)
  return Array.from({ length: heads }, (_, h) => (h < below ? of(below, h + 1) : of(2 * below, 2 * (h - below) + 1)))
}

/** slope · position of the key, which differs from slope · distance by a number per query: [B or 1, H, 1, S]. */
export function alibiBias(heads: number, keyPositions: Tensor, dtype: DType): Tensor {
  const slopes = tensor(alibiSlopes(heads), { shape: [heads, 1, 1], dtype })
  const [B, S] = keyPositions.shape // [B or 1, S]
  return keyPositions.cast(dtype).reshape([B, 1, 1, S]).mul(slopes)
}

export interface BucketOptions {
  /** Whether keys behind the query have buckets of their own (in encoders). */
  bidirectional: boolean
  /** Number of buckets. Default 32. */
  buckets?: number
  /** From here on all distances share the last bucket. Default 128. */
  maxDistance?: number
}

/**
 * The bucket of a key that stands `distance` behind its query (negative: before it): each small distance has its own,
 * larger ones share buckets that grow with the logarithm of the distance.
 * Source: C. Raffel et al. 2020, arXiv:1910.10683, section 2.1.
 */
export function relativeBucket(distance: number, options: BucketOptions): number {
  const { bidirectional, buckets = 32, maxDistance = 128 } = options
  const own = bidirectional ? Math.floor(buckets / 2) : buckets
  const side = bidirectional && distance > 0 ? own : 0
  const far = bidirectional ? Math.abs(distance) : Math.max(0, -distance)
  const exact = Math.floor(own / 2)
  if (far < exact) return side + far
  // In float32, as the originals compute it: at powers a bucket begins, and rounding decides.
  const { fround } = Math
  const share = fround(fround(Math.log(fround(far / exact))) / fround(Math.log(maxDistance / exact)))
  return side + Math.min(own - 1, exact + Math.trunc(fround(share * (own - exact))))
}

/** The buckets of all pairs, int32 [T, S]: queries at start … start + T − 1, keys at 0 … S − 1. */
export function relativeBuckets(T: number, S: number, start: number, options: BucketOptions): Tensor {
  // Along a diagonal the distance is the same.
  const of = Int32Array.from({ length: T + S }, (_, i) => relativeBucket(i - (start + T - 1), options))
  const values = Int32Array.from({ length: T * S }, (_, i) => of[(i % S) - Math.floor(i / S) + T - 1])
  return tensor(values, { shape: [T, S] })
}
