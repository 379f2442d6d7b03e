// Layers one behind the other.
import type { Tensor } from '@x/tensor'
import type { FusedActivation } from '../activation.ts'
import { Module } from '../module.ts'
import { Linear } from './linear.ts'

/**
 * Feeds each layer's output to the next. Keys are as in PyTorch: `0.weight`, `0.bias`, `2.weight` …
 * A linear layer and the activation behind it run as one op.
 * @example
 * import { ones } from '@x/tensor'
 * import { Linear, ReLU, Sequential } from '@x/nn'
 * const model = new Sequential(new Linear(4, 8), new ReLU(), new Linear(8, 2))
 * model.forward(ones([1, 4])).shape // [1, 2]
 */
export class Sequential extends Module {
  readonly layers: readonly Module[]

  /** @throws TypeError for what is no module */
  constructor(...layers: Module[]) {
    super()
    layers.forEach((layer, i) => {
      if (!(layer instanceof Module)) throw new TypeError(`Sequential: layer ${i} is no module; give them one by one`)
    })
    this.layers = layers
  }

  /** How many layers there are. */
  get length(): number {
    return this.layers.length
  }

  *[Symbol.iterator](): IterableIterator<Module> {
    yield* this.layers
  }

  override children(): Record<string, Module> {
    return { ...this.layers } as unknown as Record<string, Module>
  }

  override forward(x: Tensor): Tensor {
    let y = x
    for (let i = 0; i < this.layers.length; i++) {
      const layer = this.layers[i]
      const activation = (this.layers[i + 1] as { fused?: FusedActivation } | undefined)?.fused
      // One with a forward of its own (a subclass, one that is watched) is asked by that.
      if (layer instanceof Linear && layer.forward === Linear.prototype.forward && activation) {
        y = layer.forwardWith(y, activation)
        i++
      } else y = layer.forward(y)
    }
    return y
  }
}
