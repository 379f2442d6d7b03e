// Images of digits with their classes: the bundled ones, their division for training and testing, and as tensors.
import { Generator, type Tensor, tensor } from '@x/tensor'
import { digits } from '../../data/digits.ts'

/** Grey images with their classes. */
export interface Images {
  /** Pixels of all images, row by row, image by image. */
  readonly pixels: Uint8Array
  /** One class per image. */
  readonly labels: Uint8Array
  readonly height: number
  readonly width: number
  /** The value of full ink: 16 for the bundled digits, 255 for MNIST. */
  readonly ink: number
}

/** Images to learn from, and others to be examined on. */
export interface DigitsData {
  readonly name: string
  readonly train: Images
  readonly test: Images
}

/** Classes: the ten digits. */
export const CLASSES = 10

const PAPER = 'a'.charCodeAt(0)

/** The 1,797 digits of the UCI repository (8 × 8, ink 16); see data/README.md. */
export function bundledDigits(): Images {
  const lines = digits.trim().split('\n')
  const [height, width, ink] = [8, 8, 16]
  const size = height * width
  const pixels = new Uint8Array(lines.length * size)
  lines.forEach((line, n) => {
    for (let i = 0; i < size; i++) pixels[n * size + i] = line.charCodeAt(1 + i) - PAPER
  })
  return { pixels, labels: Uint8Array.from(lines, (line) => Number(line[0])), height, width, ink }
}

/**
 * Divides images at random, every class in the same proportion.
 * @param share of the images that go to `test`, between 0 and 1
 */
export function split(images: Images, share: number, seed: number): { train: Images; test: Images } {
  const byClass: number[][] = Array.from({ length: CLASSES }, () => [])
  const generator = new Generator(seed)
  for (const i of generator.permutation(images.labels.length)) byClass[images.labels[i]].push(i)
  generator.state.dispose()
  const cut = byClass.map((of) => Math.round(of.length * share))
  return {
    train: pick(
      images,
      byClass.flatMap((of, c) => of.slice(cut[c])),
    ),
    test: pick(
      images,
      byClass.flatMap((of, c) => of.slice(0, cut[c])),
    ),
  }
}

/** The images at these positions. */
export function pick(images: Images, positions: ArrayLike<number>): Images {
  const size = images.height * images.width
  const pixels = new Uint8Array(positions.length * size)
  const labels = new Uint8Array(positions.length)
  for (let n = 0; n < positions.length; n++) {
    const i = positions[n]
    pixels.set(images.pixels.subarray(i * size, (i + 1) * size), n * size)
    labels[n] = images.labels[i]
  }
  return { ...images, pixels, labels }
}

/** What the networks see: [n, 1, height, width], paper 0, ink 1. */
export function toInput({ pixels, height, width, ink }: Omit<Images, 'labels'>): Tensor {
  const values = Float32Array.from(pixels, (v) => v / ink)
  return tensor(values, { shape: [pixels.length / (height * width), 1, height, width] })
}

/** The classes as a target: int32 [n]. */
export const toTarget = (labels: Uint8Array): Tensor => tensor(Int32Array.from(labels))
