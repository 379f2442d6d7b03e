// The two networks that are compared.

import { Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Sequential } from '@x/nn'
import type { Generator } from '@x/tensor'
import { CLASSES } from './images.ts'

/** A multi-layer perceptron, or a convolutional network. */
export type NetworkName = 'mlp' | 'cnn'

export interface Network {
  readonly title: string
  /** What it consists of, in a line. */
  readonly layers: string
  /** A new network for images of this size. */
  readonly build: (height: number, width: number, generator?: Generator) => Sequential
}

export const networks: Readonly<Record<NetworkName, Network>> = {
  mlp: {
    title: 'fully connected',
    layers: 'linear 64 → relu → linear 10',
    build: (height, width, generator) =>
      new Sequential(
        new Flatten(), // [B, H·W]
        new Linear(height * width, 64, { generator }),
        new ReLU(),
        new Linear(64, CLASSES, { generator }), // [B, 10]
      ),
  },
  cnn: {
    title: 'convolutional',
    layers: 'conv 32 → relu → pool → conv 64 → relu → dropout → linear 10',
    build: (height, width, generator) =>
      new Sequential(
        new Conv2d(1, 32, 3, { padding: 1, generator }), // [B, 32, H, W]
        new ReLU(),
        new MaxPool2d(2), // [B, 32, H/2, W/2]
        new Conv2d(32, 64, 3, { padding: 1, generator }), // [B, 64, H/2, W/2]
        new ReLU(),
        new Flatten(),
        new Dropout(0.4, { generator }),
        new Linear(64 * Math.floor(height / 2) * Math.floor(width / 2), CLASSES, { generator }), // [B, 10]
      ),
  },
}
