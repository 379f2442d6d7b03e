// Sequences of different lengths in one tensor.
import { arange, ShapeError, slice, Tensor, tensor } from '@x/tensor'
import { checkOptions, heap, pointer, runCheck, show } from '@x/tensor/op'
import { inRange, whole } from '../options.ts'

/** Padded sequences and where each ends: what recurrent layers take in place of a tensor. Made by `packPaddedSequence`. */
export class PackedSequence {
  /** [T, B, ...]: steps first. */
  readonly steps: Tensor
  /** int32 [B] */
  readonly lengths: Tensor

  constructor(steps: Tensor, lengths: Tensor) {
    this.steps = steps
    this.lengths = lengths
  }

  /** Other numbers for the same steps. */
  with(steps: Tensor): PackedSequence {
    return new PackedSequence(steps, this.lengths)
  }
}

/** Options of `packPaddedSequence`. */
export interface PaddedOptions {
  /** Whether the batch is the first axis, [B, T, ...], instead of [T, B, ...]. Default false. */
  batchFirst?: boolean
}

/**
 * Marks where each sequence of a padded batch ends, for recurrent layers: steps beyond are not taken, and their outputs
 * are 0. Nothing is sorted and nothing moved, so that lengths may come in any order (PyTorch's enforceSorted is false).
 * @param x [T, B, ...], or with `batchFirst` [B, T, ...]
 * @param lengths from 1 to T, one for each sequence: numbers, by the largest of which T is cut, or int32 [B], which may
 *   change between replays of a compiled function
 * @throws ShapeError, RangeError
 * @example
 * import { randn } from '@x/tensor'
 * import { GRU, packPaddedSequence, padPackedSequence } from '@x/nn'
 * const gru = new GRU(4, 8, { batchFirst: true })
 * const [packed] = gru.forward(packPaddedSequence(randn([2, 5, 4]), [5, 3], { batchFirst: true }))
 * const [y, lengths] = padPackedSequence(packed, { batchFirst: true }) // [2, 5, 8]; y.at(1, 3) is 0
 */
export function packPaddedSequence(
  x: Tensor,
  lengths: readonly number[] | Tensor,
  options: PaddedOptions = {},
): PackedSequence {
  checkOptions('packPaddedSequence', options, ['batchFirst'])
  const steps = options.batchFirst ? x.transpose(0, 1) : x
  const [most, count] = steps.shape
  const own =
    lengths instanceof Tensor ? lengths : tensor(lengths as number[], { dtype: 'int32', shape: [lengths.length] })
  if (own.ndim !== 1 || own.size !== count || own.dtype !== 'int32') {
    throw new ShapeError(`packPaddedSequence: lengths are ${own.dtype} ${show(own.shape)}, not int32 [${count}]`)
  }
  const check = (n: number): void => {
    inRange('packPaddedSequence: length', n, 1, most)
  }
  if (!(lengths instanceof Tensor)) {
    lengths.forEach(check)
    return new PackedSequence(steps.at(slice(0, Math.max(...lengths))), own)
  }
  const flat = own.contiguous()
  const start = pointer(flat) >>> 2
  runCheck(() => {
    for (let i = start; i < start + count; i++) check(heap.i32[i])
  })
  return new PackedSequence(steps, flat)
}

/** Options of `padPackedSequence`. */
export interface PadOptions extends PaddedOptions {
  /** What steps beyond a sequence's end get. Default 0. */
  paddingValue?: number
  /** Steps of the result, at least those that there are. Default: as many as there are. */
  totalLength?: number
}

/**
 * What a packed sequence holds, as [padded, lengths]: [T, B, ...] (with `batchFirst` [B, T, ...]) and int32 [B].
 * @throws RangeError for a totalLength that is too short
 * @example
 * import { ones } from '@x/tensor'
 * import { packPaddedSequence, padPackedSequence } from '@x/nn'
 * const packed = packPaddedSequence(ones([3, 2, 1]), [3, 1])
 * const [padded, lengths] = padPackedSequence(packed, { paddingValue: -1 })
 * padded.at('...', 0).toArray() // [[1, 1], [1, -1], [1, -1]]
 */
export function padPackedSequence(
  { steps, lengths }: PackedSequence,
  options: PadOptions = {},
): [padded: Tensor, lengths: Tensor] {
  checkOptions('padPackedSequence', options, ['batchFirst', 'paddingValue', 'totalLength'])
  const [T] = steps.shape
  const { batchFirst = false, paddingValue = 0, totalLength = T } = options
  const missing = whole('padPackedSequence: totalLength', totalLength, T) - T
  const all = missing === 0 ? steps : steps.pad([[0, missing], ...steps.shape.slice(1).map(() => [0, 0] as const)])
  const padded = inside(all, lengths).where(all, paddingValue)
  return [batchFirst ? padded.transpose(0, 1) : padded, lengths]
}

/** Which steps of [T, B, ...] lie before the end of their sequence, as [T, B, 1, ...]. */
export function inside(steps: Tensor, lengths: Tensor): Tensor {
  const t = arange(steps.shape[0], undefined, { dtype: 'int32' }).unsqueeze(1)
  return t.lt(lengths).reshape([...steps.shape.slice(0, 2), ...steps.shape.slice(2).map(() => 1)])
}
