// Activations fused onto a product: which there are, and their gradients.
import { vjp } from '@x/autograd'
import type { Tensor } from '@x/tensor'
import { defineOp, dense, isHeld, type OpFunction, pointer, run } from '@x/tensor/op'
import { family } from './kernels.ts'

/** Activations that a linear layer can apply by itself, in the pass that adds its bias or right behind it. */
export type FusedActivation = 'identity' | 'relu' | 'tanh' | 'sigmoid' | Curve

/** Those whose slope is computed from what goes in; that of the others follows from the result. */
type Curve = 'gelu' | 'geluTanh'
export const isCurve = (activation: FusedActivation): activation is Curve =>
  activation === 'gelu' || activation === 'geluTanh'

/** The numbers by which the kernels know them. */
export const ACTIVATION_CODE: Readonly<Record<FusedActivation, number>> = {
  identity: 0,
  relu: 1,
  gelu: 2,
  geluTanh: 3,
  tanh: 4,
  sigmoid: 5,
}

const kernels = family('activationGrad')

const gradOp: OpFunction<FusedActivation> = defineOp<FusedActivation>({
  name: 'activationGrad',
  inputs: ['s', 'g', 'x'],
  shape: ([s]) => s.shape,
  launch: ([s, g, x = s], dx, activation) => {
    const n = dx.size
    const from = [x, s, g].map((t) => pointer(dense(t)))
    run(kernels[dx.dtype], n, n, ...from, pointer(dx), ACTIVATION_CODE[activation])
  },
  grad: {
    g: ({ s, dy }, activation) => activationGrad(s, dy, activation),
    // g · f″ in terms of the output s: 0, −2s and 1 − 2s times what g is multiplied with.
    s: ({ s, g, dy }, activation) => {
      if (activation === 'relu') return dy.mul(0)
      const slope = activation === 'tanh' ? s.mul(-2) : s.mul(-2).add(1)
      return dy.mul(g).mul(slope)
    },
  },
})

/** g · f′, from the result s = f(x); of a curve from x, too. */
export function activationGrad(s: Tensor, g: Tensor, activation: FusedActivation, x: Tensor = s): Tensor {
  if (activation === 'identity') return g
  if (!isCurve(activation)) return gradOp([s, g], activation)
  // Where it is differentiated again, curves go the way of their plain ops.
  return isHeld() ? vjp((x) => x[activation](), x, g).grads : gradOp([s, g, x], activation)
}
