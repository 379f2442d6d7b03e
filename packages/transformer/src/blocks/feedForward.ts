// What stands behind the attention of a block: each position by itself, wider and back.
import { silu } from '@x/nn'
import type { Tensor } from '@x/tensor'

/** Activations of models, by the names that their configurations use. */
const ACTIVATIONS: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  relu: (x) => x.relu(),
  gelu: (x) => x.gelu(),
  gelu_python: (x) => x.gelu(),
  gelu_new: (x) => x.geluTanh(),
  gelu_fast: (x) => x.geluTanh(),
  gelu_pytorch_tanh: (x) => x.geluTanh(),
  quick_gelu: (x) => x.mul(x.mul(1.702).sigmoid()),
  silu,
  swish: silu,
  tanh: (x) => x.tanh(),
}

export type Activation = (x: Tensor) => Tensor

/** The activation of a name in a configuration. @throws RangeError listing those that there are */
export function activationOf(name: string): Activation {
  if (Object.hasOwn(ACTIVATIONS, name)) return ACTIVATIONS[name]
  throw new RangeError(`activation '${name}' is not one of ${Object.keys(ACTIVATIONS).join(', ')}`)
}

/** A map of vectors: a linear layer, or what stands in its place (quantised, adapted). */
export interface Projection {
  forward(x: Tensor): Tensor
}

/** down(activation(up x)): ReLU in the original Transformer, GELU in GPT and BERT. */
export function feedForward(x: Tensor, up: Projection, activation: Activation, down: Projection): Tensor {
  return down.forward(activation(up.forward(x)))
}

/**
 * down(activation(gate x) · up x): SwiGLU with SiLU, GEGLU with GELU.
 * Source: N. Shazeer 2020, arXiv:2002.05202.
 */
export function gatedFeedForward(
  x: Tensor,
  { gate, up, down }: { gate: Projection; up: Projection; down: Projection },
  activation: Activation,
): Tensor {
  return down.forward(activation(gate.forward(x)).mul(up.forward(x)))
}
