// What stands behind the attention of a block: each position by itself, wider and back.
import { type FusedActivation, Linear, silu } from '@x/nn'
import type { Tensor } from '@x/tensor'

/** An elementwise function between two linear maps. */
export type Activation = (x: Tensor) => Tensor

const relu: Activation = (x) => x.relu()
const tanh: Activation = (x) => x.tanh()
const gelu: Activation = (x) => x.gelu()
const geluTanh: Activation = (x) => x.geluTanh()

/** Activations of models, by the names that their configurations use. */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  relu,
  gelu,
  gelu_python: gelu,
  gelu_new: geluTanh,
  gelu_fast: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  quick_gelu: (x) => x.mul(x.mul(1.702).sigmoid()),
  silu,
  swish: silu,
  tanh,
}

/** What a linear layer applies by itself. */
const fusedOf = (activation: Activation): FusedActivation | null => {
  if (activation === geluTanh) return 'geluTanh'
  if (activation === gelu) return 'gelu'
  if (activation === relu) return 'relu'
  return activation === tanh ? 'tanh' : null
}

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
  const fused = fusedOf(activation)
  // A layer that does more than a linear one is asked in its own way.
  const isPlain = up instanceof Linear && up.forward === Linear.prototype.forward
  return down.forward(fused && isPlain ? up.forwardWith(x, fused) : activation(up.forward(x)))
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
