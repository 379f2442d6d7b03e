// A folder of MNIST-format files as training and test images.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type IdxArray, readIdx } from '@x/nn/data'
import { CLASSES, type DigitsData, heldOut, type Images } from '@x/scenarios'
import { FormatError } from '@x/tensor'
import { UsageError } from './commandLine.ts'

type Part = 'train' | 't10k'

/** The files of a part, and how many axes they have. */
const AXES = { images: 3, labels: 1 } as const
type Kind = keyof typeof AXES

/** The images of a folder, and a sentence about what was found. @throws UsageError, FormatError */
export function readMnist(folder: string): { data: DigitsData; found: string } {
  const files = list(folder)
  const [train, test] = [readPart(folder, files, 'train'), readPart(folder, files, 't10k')]
  if (train && test) {
    if (train.height !== test.height || train.width !== test.width) {
      throw new UsageError(
        `In ${folder} the training images are ${sizeOf(train)} pixels, the test images ${sizeOf(test)}.`,
      )
    }
    return { data: { name: 'MNIST format', train, test }, found: 'train-* to learn from, t10k-* for testing' }
  }
  const only = train ?? test
  if (!only) {
    throw new UsageError(
      `${folder} has neither train-images-idx3-ubyte with train-labels-idx1-ubyte nor the two t10k files, plain or .gz.`,
    )
  }
  const name = train ? 'train' : 't10k'
  return {
    data: heldOut(`MNIST format, ${name}`, only),
    found: `only ${name}-* is complete: a fifth of it is held out for testing`,
  }
}

const sizeOf = ({ height, width }: Images): string => `${height} × ${width}`

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    throw new UsageError(`The folder ${folder} cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
}

function readPart(folder: string, files: string[], part: Part): Images | undefined {
  const [imageFile, labelFile] = [nameOf(files, part, 'images'), nameOf(files, part, 'labels')]
  if (!imageFile || !labelFile) return undefined
  const images = read(join(folder, imageFile), 'images')
  const labels = read(join(folder, labelFile), 'labels')
  const [count, height, width] = images.shape
  if (count !== labels.shape[0]) {
    throw new UsageError(`${join(folder, imageFile)} has ${count} images, ${labelFile} has ${labels.shape[0]} labels.`)
  }
  if (count < 1000 || height < 4 || width < 4) {
    throw new UsageError(
      `${join(folder, imageFile)} has ${count} images of ${height} × ${width}; it takes 1,000 of 4 × 4.`,
    )
  }
  const odd = labels.data.findIndex((label) => label >= CLASSES)
  if (odd >= 0)
    throw new UsageError(
      `${join(folder, labelFile)} has the label ${labels.data[odd]} at position ${odd}; digits are 0 to 9.`,
    )
  return { pixels: images.data, labels: labels.data, height, width, ink: 255 }
}

/** The files go by several names: with a dot instead of the hyphen, with a prefix, compressed. */
function nameOf(files: string[], part: Part, kind: Kind): string | undefined {
  const pattern = new RegExp(`(^|[-_.])${part}-${kind}[-.]idx[13]-ubyte(\\.gz)?$`)
  return files.filter((file) => pattern.test(file)).sort()[0]
}

function read(path: string, kind: Kind): IdxArray {
  const bytes = readFileSync(path)
  try {
    const { shape, data } = readIdx(path.endsWith('.gz') ? unpack(bytes) : bytes, { axes: AXES[kind] })
    if (!(data instanceof Uint8Array)) throw new FormatError('idx: at byte 2: the elements are no unsigned bytes')
    return { shape, data }
  } catch (error) {
    throw new FormatError(`${path}: ${(error as Error).message}.`)
  }
}

function unpack(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes)
  } catch (error) {
    throw new FormatError(`not a gzip file, ${(error as Error).message}`)
  }
}
