// The binary files of CIFAR-10 and CIFAR-100: records of labels and 3072 pixel bytes, 32 × 32 red, then green, then blue.
// Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009), the page of the data sets.
import { FormatError } from '@x/tensor'
import { refuse } from '../refuse.ts'

const PIXELS = 3 * 32 * 32

/** Images and their classes. */
export interface CifarImages {
  /** Bytes [n, 3, 32, 32], row by row. */
  readonly pixels: Uint8Array
  /** Class of each image: 0…9, or 0…99 of CIFAR-100. */
  readonly labels: Uint8Array
  /** CIFAR-100's 20 coarse classes; absent for CIFAR-10. */
  readonly coarse?: Uint8Array
}

/**
 * Reads one `*_batch.bin` of CIFAR-10 or `train.bin` / `test.bin` of CIFAR-100.
 * @param classes 10 (one label byte an image) or 100 (a coarse and a fine one)
 * @throws FormatError naming the offset and the reason, RangeError for another number of classes
 * @example
 * import { readCifar } from '@x/nn/data'
 * const file = new Uint8Array(3073).fill(9)
 * readCifar(file).labels // Uint8Array [9]
 */
export function readCifar(file: Uint8Array, classes: 10 | 100 = 10): CifarImages {
  if (!(file instanceof Uint8Array)) throw refuse('readCifar: file', file, 'its bytes as a Uint8Array')
  if (classes !== 10 && classes !== 100) throw new RangeError(`readCifar: classes ${classes} is neither 10 nor 100`)
  const labelBytes = classes === 10 ? 1 : 2
  const record = labelBytes + PIXELS
  if (file.length === 0 || file.length % record !== 0) {
    throw new FormatError(
      `cifar: at byte ${file.length}: the file ends within a record; records of CIFAR-${classes} have ${record} bytes`,
    )
  }
  const n = file.length / record
  const pixels = new Uint8Array(n * PIXELS)
  const labels = new Uint8Array(n)
  const coarse = new Uint8Array(n)
  for (let i = 0; i < n; i++) {
    const at = i * record
    coarse[i] = file[at]
    labels[i] = file[at + labelBytes - 1]
    if (labels[i] >= classes || (classes === 100 && coarse[i] >= 20)) {
      throw new FormatError(`cifar: at byte ${at}: image ${i} has the label ${labels[i]} of ${classes} classes`)
    }
    pixels.set(file.subarray(at + labelBytes, at + record), i * PIXELS)
  }
  return classes === 10 ? { pixels, labels } : { pixels, labels, coarse }
}
