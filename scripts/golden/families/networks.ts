// Small networks: one step with all gradients.
import {
  batchNorm,
  binaryCrossEntropyWithLogits,
  conv2d,
  crossEntropy,
  embedding,
  type FusedActivation,
  GRUCell,
  linear,
} from '@x/nn'
import { concat, stack, type Tensor } from '@x/tensor'
import { maxPool2d } from '@x/tensor/conv'
import { withRecorded } from './modules.ts'
import type { Inputs, Table } from './table.ts'

type Layer = (x: Tensor, weight: Tensor, bias: Tensor) => Tensor

/** Applies a layer with the parameters of that name. */
export const withParameters =
  (parameters: Inputs, prefix: string) =>
  (name: string, x: Tensor, layer: Layer): Tensor =>
    layer(x, parameters[`${prefix}${name}.weight`], parameters[`${prefix}${name}.bias`])

export const nets: Table = {
  MLP: (inputs, { dims, activation }) => {
    const layer = withParameters(inputs, 'param:')
    let x = inputs.input
    for (let i = 0; i < dims.length - 1; i++) {
      x = layer(`l.${i}`, x, linear)
      if (i < dims.length - 2) x = x[activation as FusedActivation & 'relu']()
    }
    return [x, crossEntropy(x, inputs.target)]
  },
  'relu(c2(relu(c1 x)) + sk x)': (inputs) => {
    const layer = withParameters(inputs, 'param:')
    const { input: x } = inputs
    const y = layer('c1', x, (x, w, b) => conv2d(x, w, b, { stride: 2, padding: 1 })).relu()
    const skipped = layer('sk', x, (x, w, b) => conv2d(x, w, b, { stride: 2 }))
    return layer('c2', y, (x, w, b) => conv2d(x, w, b, { padding: 1 }))
      .add(skipped)
      .relu()
  },
  'CNN: conv(1,4,3,p1)->bn(train)->relu->maxpool2->conv(4,6,3,s2)->relu->flatten->linear(54,5)': (inputs) => {
    const layer = withParameters(inputs, 'param:')
    const x = layer('c1', inputs.input, (x, w, b) => conv2d(x, w, b, { padding: 1 }))
    const y = layer('b1', x, (x, weight, bias) => batchNorm(x, { weight, bias, training: true }))
    const z = layer('c2', maxPool2d(y.relu(), 2), (x, w, b) => conv2d(x, w, b, { stride: 2 }))
    const logits = layer('f', z.relu().flatten(1), linear)
    return [logits, crossEntropy(logits, inputs.target)]
  },
  'GRU enc-dec with additive attention e=va·tanh(Wa[s_{t-1};h_j]); logits=out([s_t;c_t])': (inputs) => {
    const { src, tgt } = inputs
    const layer = withParameters(inputs, 'param:')
    const table = inputs['param:e.weight']
    const [size, hidden] = [table.shape[1], inputs['param:enc.weight_hh'].shape[1]]
    const cell = (name: string): GRUCell => withRecorded(new GRUCell(size, hidden), inputs, `param:${name}.`)
    const [encoder, decoder] = [cell('enc'), cell('dec')]
    const states: Tensor[] = []
    for (let t = 0; t < src.shape[1]; t++)
      states.push(encoder.forward(embedding(src.at('...', t), table), states[t - 1]))
    const h = stack(states, 1) // [B, S, H]
    let s = states[states.length - 1]
    const steps = Array.from({ length: tgt.shape[1] }, (_, t) => {
      const pairs = concat([s.unsqueeze(1).expand(h.shape), h], 2)
      const alpha = linear(layer('Wa', pairs, linear).tanh(), inputs['param:va.weight'], null)
        .squeeze(2)
        .softmax()
      const context = alpha.unsqueeze(1).matmul(h).squeeze(1)
      s = decoder.forward(embedding(tgt.at('...', t), table), s)
      return { alpha, logits: layer('out', concat([s, context], 1), linear) }
    })
    return [
      stack(
        steps.map(({ logits }) => logits),
        1,
      ),
      stack(
        steps.map(({ alpha }) => alpha),
        1,
      ),
    ]
  },
  'VAE with given eps': (inputs) => {
    const { x, eps } = inputs
    const layer = (name: string, x: Tensor): Tensor => withParameters(inputs, 'param:')(name, x, linear)
    const inner = layer('e', x).tanh()
    const [mu, logvar] = [layer('mu', inner), layer('lv', inner)]
    const logits = layer('o', layer('d', mu.add(eps.mul(logvar.mul(0.5).exp()))).tanh())
    const divergence = mu.square().add(logvar.exp()).sub(logvar).sub(1).sum().mul(0.5)
    return [logits, mu, logvar, binaryCrossEntropyWithLogits(logits, x, { reduction: 'sum' }).add(divergence)]
  },
}
