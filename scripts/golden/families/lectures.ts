// The worked examples of the lectures that are little programs: learning rules, recurrent steps, shapes, positions.
import { batchNorm, Conv2d, Flatten, layerNorm, Sequential, sinusoidalPositions } from '@x/nn'
import { summary } from '@x/nn/training'
import { argsort, stack, type Tensor, type Values } from '@x/tensor'

/** Numbers under their names, as tensors or as they are. */
export type Results = { readonly [name: string]: Tensor | number | readonly number[] | Results }

export type Given = Readonly<Record<string, Values>>

export type Example = (given: (name: string) => Tensor, raw: Given) => Results

/** Weights, bias and mistakes after each pass of Rosenblatt's rule, to the first pass without one or the twelfth. */
const perceptron: Example = (given, { Y }) => {
  const x = given('X')
  let w = x.at(0).mul(0)
  let b = 0
  const epochs: number[][] = []
  while (epochs.length < 12 && epochs.at(-1)?.[3] !== 0) {
    let errors = 0
    ;(Y as number[]).forEach((target, i) => {
      const error = target - (x.at(i).mul(w).sum().item() + b > 0 ? 1 : 0)
      if (error !== 0) errors++
      w = w.add(x.at(i).mul(error))
      b += error
    })
    epochs.push([...(w.toArray() as number[]), b, errors])
  }
  return { epochs: epochs.flat(), converged: Number(epochs.at(-1)?.[3] === 0) }
}

/** Ten steps of gradient descent on ½ Σ (y − z)², before each of which weights, bias and loss are written down. */
const adaline: Example = (given, { eta }) => {
  const [x, y] = [given('X'), given('Y')]
  let w = x.at(0).mul(0)
  let b = y.at(0).mul(0)
  const history: Tensor[] = []
  for (let step = 0; step < 10; step++) {
    const error = y.sub(x.matmul(w).add(b))
    history.push(stack([w.at(0), w.at(1), b, error.square().sum().mul(0.5)]))
    w = w.add(x.mT.matmul(error).mul(eta as number))
    b = b.add(error.sum().mul(eta as number))
  }
  return { history: stack(history), final_w: w, final_b: b }
}

interface ConvolutionGiven {
  readonly f: number
  readonly s: number
  readonly p: number
  readonly filters: number
}

/** Shapes and parameters of convolutions one behind the other, from the summary of the model. */
const sizeChain: Example = (_, { input, layers }) => {
  const [height, width, channels] = input as number[]
  const given = layers as unknown as ConvolutionGiven[]
  const convolutions = given.map(
    ({ f, s, p, filters }, i) => new Conv2d(given[i - 1]?.filters ?? channels, filters, f, { stride: s, padding: p }),
  )
  const model = new Sequential(...convolutions, new Flatten())
  const { layers: steps, output, parameters } = summary(model, [1, channels, height, width])
  model.dispose()
  const shapes = steps.slice(0, -1).flatMap(({ output: [, c, h, w] }) => [h, w, c])
  return {
    sizes: [height, width, channels, ...shapes],
    flatten: output[1],
    params: steps.slice(0, -1).map((step) => step.parameters),
    params_total: parameters,
  }
}

/** What a bottleneck saves, counted by the summaries of both models. */
const inception: Example = (_, { input, bottleneck, then }) => {
  const [height, width, channels] = input as number[]
  const first = bottleneck as unknown as { filters: number; kernel: number }
  const second = then as unknown as { filters: number; kernel: number }
  const padding = (second.kernel - 1) / 2
  const through = new Sequential(
    new Conv2d(channels, first.filters, first.kernel),
    new Conv2d(first.filters, second.filters, second.kernel, { padding }),
  )
  const direct = new Conv2d(channels, second.filters, second.kernel, { padding })
  const shape = [1, channels, height, width]
  const { layers, multiplies } = summary(through, shape)
  const straight = summary(direct, shape).multiplies
  for (const model of [through, direct]) model.dispose()
  return { layer1: layers[0].multiplies, layer2: layers[1].multiplies, total: multiplies, direct_5x5: straight }
}

const recurrent: Example = (given) => {
  const [wx, wh, wy, x] = ['Wxh', 'Whh', 'Why', 'x'].map(given)
  let h = given('h0')
  const steps = [0, 1].map((t) => {
    const pre = wx.matmul(x.at(t)).add(wh.matmul(h))
    h = pre.tanh()
    return { pre, h, y: wy.matmul(h) }
  })
  return Object.fromEntries((['pre', 'h', 'y'] as const).map((name) => [name, stack(steps.map((s) => s[name]))]))
}

const lstm: Example = (given) => {
  const pre = (gate: string): Tensor =>
    given(`Wx${gate}`)
      .matmul(given('x'))
      .add(given(`Wh${gate}`).matmul(given('h_prev')))
  const before = given('c_prev')
  const [i, f, o, g] = [pre('i').sigmoid(), pre('f').sigmoid(), pre('o').sigmoid(), pre('g').tanh()]
  const c = f.mul(before).add(i.mul(g))
  const written = i.mul(before).add(f.mul(g))
  return {
    ...Object.fromEntries(['i', 'f', 'o', 'g'].map((gate) => [`pre_${gate}`, pre(gate)])),
    ...{ i, f, o, g, c, h: o.mul(c.tanh()) },
    'c_as_written_i*c+f*g': written,
    h_as_written: o.mul(written.tanh()),
  }
}

const gru: Example = (given) => {
  const [x, h] = [given('x'), given('h_prev')]
  const input = (gate: string): Tensor => given(`Wx${gate}`).matmul(x)
  const state = (gate: string, from: Tensor): Tensor => given(`Wh${gate}`).matmul(from)
  const z = input('z').add(state('z', h)).sigmoid()
  const r = input('r').add(state('r', h)).sigmoid()
  const mixed = (share: Tensor, a: Tensor, b: Tensor): Tensor => share.mul(a).add(share.neg().add(1).mul(b))
  return {
    z,
    r,
    lecture_h: mixed(
      z,
      input('n')
        .add(state('n', r.mul(h)))
        .tanh(),
      h,
    ),
    torch_h: mixed(
      z,
      h,
      input('n')
        .add(r.mul(state('n', h)))
        .tanh(),
    ),
  }
}

const lookup: Example = (given) => {
  const scores = given('keys').matmul(given('query'))
  return { scores, ranking: argsort(scores, -1, { descending: true }), softmax: scores.softmax() }
}

const table = (x: Tensor, length: number, size: number, base: number): Tensor =>
  sinusoidalPositions(length, size, { base, dtype: x.dtype as 'float32' })

/** `batch_norm` over the examples, `layer_norm` over the features of each, without scale and shift. */
const norms: Example = (given) => {
  const z = given('Z')
  return {
    bn_mean: z.mean(0),
    bn_std: z.std(0, { correction: 0 }),
    batch_norm: batchNorm(z, { training: true, eps: 0 }),
    'layer_norm_eps1e-5': layerNorm(z, null, null, { eps: 1e-5 }),
  }
}

export const lectures: Readonly<Record<string, Example>> = {
  'perceptron-learning-AND': perceptron,
  'perceptron-learning-OR': perceptron,
  'perceptron-learning-XOR': perceptron,
  'adaline-batch': adaline,
  'conv-size-chain': sizeChain,
  'inception-multiplies': inception,
  'rnn-two-step': recurrent,
  'lstm-step': lstm,
  'gru-two-conventions': gru,
  'vector-db-lookup': lookup,
  'pe-robot': (given, { words, d, base }) => ({
    table: table(given('d'), (words as unknown as string[]).length, d as number, base as number),
  }),
  'pe-d6': (given, { d, base, positions }) => ({
    table: table(given('d'), (positions as number[]).length, d as number, base as number),
  }),
  'pe-base-note': (given, { d, positions }) => ({
    base10000: table(given('d'), positions as number, d as number, 10_000),
    base1000: table(given('d'), positions as number, d as number, 1000),
  }),
  'batch-vs-layer-norm': norms,
}
