// A trained network as a file, and out of a file: safetensors whose metadata say which network for which images.

import type { Module } from '@x/nn'
import { FormatError, Generator, tidy } from '@x/tensor'
import { loadSafetensors, saveSafetensors } from '@x/tensor/safetensors'
import { CLASSES, type Images, toInput } from './images.ts'
import { type NetworkName, networks } from './networks.ts'

/** The safetensors file of a network for images like these. */
export function saveNetwork(name: NetworkName, model: Module, { height, width, ink }: Images): Uint8Array<ArrayBuffer> {
  return saveSafetensors(model.stateDict(), {
    network: name,
    height: String(height),
    width: String(width),
    ink: String(ink),
  })
}

/**
 * Tells which digit an image shows, with a network from a file of `saveNetwork`.
 * @throws FormatError when the file is not one; Error when its tensors are not those of its network
 */
export class Classifier {
  readonly network: NetworkName
  readonly height: number
  readonly width: number
  readonly ink: number
  private readonly model: Module

  constructor(file: Uint8Array) {
    const { network, height, width, ink } = tidy(() => loadSafetensors(file).metadata)
    if (!(network in networks))
      throw new FormatError(`at byte 8: the metadata name the network '${network}', not mlp or cnn`)
    this.network = network as NetworkName
    this.height = Number(height)
    this.width = Number(width)
    this.ink = Number(ink)
    const generator = new Generator(0)
    this.model = networks[this.network].build(this.height, this.width, generator).eval()
    generator.state.dispose()
    tidy(() => this.model.loadStateDict(loadSafetensors(file).tensors))
  }

  /** The probability of every class for every image: n · 10 numbers. */
  probabilities(pixels: Uint8Array): Float32Array {
    return tidy(() =>
      this.model
        .forward(toInput({ ...this, pixels }))
        .softmax(-1)
        .data(),
    ) as Float32Array
  }

  dispose(): void {
    this.model.dispose()
  }
}

/** The most probable class of each image, from n · 10 numbers. */
export function predictions(probabilities: Float32Array): Uint8Array {
  return Uint8Array.from({ length: probabilities.length / CLASSES }, (_, n) => {
    const row = probabilities.subarray(n * CLASSES, (n + 1) * CLASSES)
    return row.indexOf(Math.max(...row))
  })
}
