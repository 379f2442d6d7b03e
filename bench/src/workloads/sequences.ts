// Normalisation, recurrent layers and attention, alone and in whole training steps.
import { valueAndGrad } from '@x/autograd'
import * as nn from '@x/nn'
import { arange, Tensor, tidy } from '@x/tensor'
import type { HostArray, Random } from '../hostArray.ts'
import { type Definition, define, type Foreign, type Program, type Size } from '../workload.ts'
import { crossEntropyJax, crossEntropyOneHot, trainJax, trainTfjs } from './training.ts'

/** The learning rate everywhere here. */
const lr = 1e-3

/** A layer on the given tensors, made once. */
type Make = (x: Readonly<Record<string, Tensor>>) => () => Tensor

/** A layer, and the gradients of the sum of its cubes (that of its squares is constant where it normalises). */
function layer(
  name: string,
  tiny: readonly number[],
  large: readonly number[],
  data: Definition<string>['data'],
  make: Make,
  jax?: (jax: Foreign, x: Foreign) => Foreign,
): readonly Definition<string>[] {
  const common = { section: 'rows', tiny, large, data, tolerance: 1e-4 } as const
  return [
    define({ ...common, name, ours: { start: (given) => ({ step: make(given) }) }, ...(jax && { jax }) }),
    define({
      ...common,
      name: `${name} and gradients`,
      ours: {
        start: (given) => {
          const run = make(given)
          const all = Object.values(given)
          const loss = (): Tensor => {
            const y = run()
            return y.square().mul(y).sum()
          }
          return { step: () => Object.values(valueAndGrad(loss, all).grads) }
        },
      },
      ...(jax && {
        jax: (lib: Foreign, given: Foreign) =>
          lib.grad((x: Foreign) => {
            const y = jax(lib, x)
            return lib.numpy.sum(lib.numpy.square(y.ref).mul(y))
          })(given),
      }),
    }),
  ]
}

const recurrentData =
  (gates: number) =>
  (random: Random, [T, B, H]: Size): Record<'x' | 'wi' | 'wh' | 'bi' | 'bh', HostArray> => ({
    x: random.normal([T, B, H]),
    wi: random.weights([gates * H, H], H),
    wh: random.weights([gates * H, H], H),
    bi: random.weights([gates * H], H),
    bh: random.weights([gates * H], H),
  })

/** The module with the given tensors in the place of its parameters. */
function withWeights<M extends nn.Module<unknown>>(module: M, weights: Readonly<Record<string, Tensor>>): M {
  const values = Object.values(weights)
  for (const m of Object.values(module.modules())) {
    for (const [field, t] of Object.entries(m)) {
      if (!(t instanceof Tensor)) continue
      t.dispose()
      Object.assign(m, { [field]: values.shift() })
    }
  }
  return module
}

/** The weights of a transformer block, in the order of its parameters. */
function blockWeights(random: Random, name: string, d: number): Record<string, HostArray> {
  const scale = (): HostArray => random.uniform([d], 0.5, 1.5)
  return {
    [`${name}qkv`]: random.weights([3 * d, d], d),
    [`${name}qkvBias`]: random.weights([3 * d], d),
    [`${name}out`]: random.weights([d, d], d),
    [`${name}outBias`]: random.weights([d], d),
    [`${name}up`]: random.weights([4 * d, d], d),
    [`${name}upBias`]: random.weights([4 * d], d),
    [`${name}down`]: random.weights([d, 4 * d], 4 * d),
    [`${name}downBias`]: random.weights([d], 4 * d),
    [`${name}g1`]: scale(),
    [`${name}b1`]: random.weights([d], d),
    [`${name}g2`]: scale(),
    [`${name}b2`]: random.weights([d], d),
  }
}

class Gpt extends nn.Module {
  readonly wte: nn.Embedding
  readonly wpe: nn.Embedding
  readonly blocks: readonly nn.TransformerEncoderLayer[]
  readonly norm: nn.LayerNorm
  readonly head: nn.Linear

  constructor(vocabulary: number, T: number, d: number, heads: number, layers: number) {
    super()
    const options = {
      dimFeedforward: 4 * d,
      dropout: 0,
      activation: 'geluTanh',
      batchFirst: true,
      normFirst: true,
    } as const
    this.wte = new nn.Embedding(vocabulary, d)
    this.wpe = new nn.Embedding(T, d)
    this.blocks = Array.from({ length: layers }, () => new nn.TransformerEncoderLayer(d, heads, options))
    this.norm = new nn.LayerNorm(d)
    this.head = new nn.Linear(d, vocabulary, { bias: false })
  }

  override forward(x: Tensor): Tensor {
    const positions = arange(x.shape[1], undefined, { dtype: 'int32' })
    let y = this.wte.forward(x).add(this.wpe.forward(positions))
    for (const block of this.blocks) y = block.forward(y, { isCausal: true })
    return this.head.forward(this.norm.forward(y)).reshape([-1, this.head.weight.shape[0]])
  }
}

/** The same for jax-js, from one-hot classes: within a jitted step it has no gradient of taking. */
function gptJax(jax: Foreign, w: Foreign, x: Foreign, [B, T, d, heads, layers]: readonly number[]): Foreign {
  const { numpy: np, nn } = jax
  const map = (x: Foreign, name: string) => np.matmul(x, np.transpose(w[name])).add(w[`${name}Bias`])
  const norm = (x: Foreign, g: string, b: string) => nn.standardize(x, -1, { epsilon: 1e-5 }).mul(w[g]).add(w[b])
  let y = np
    .matmul(x, w.wte)
    .reshape([B, T, d])
    .add(w.wpe)
    .reshape([B * T, d])
  for (let i = 0; i < layers; i++) {
    const qkv = map(norm(y.ref, `${i}g1`, `${i}b1`), `${i}qkv`)
    const part = (k: number) =>
      (k < 2 ? qkv.ref : qkv).slice([], [k * d, (k + 1) * d]).reshape([B, T, heads, d / heads])
    const attended = nn.dotProductAttention(part(0), part(1), part(2), { isCausal: true })
    y = y.add(map(attended.reshape([B * T, d]), `${i}out`))
    const inner = nn.gelu(map(norm(y.ref, `${i}g2`, `${i}b2`), `${i}up`), { approximate: true })
    y = y.add(map(inner, `${i}down`))
  }
  return np.matmul(norm(y, 'g', 'b'), np.transpose(w.head))
}

/** One training step of a model: the loss before it. */
function trainOurs(
  model: nn.Module,
  weights: Readonly<Record<string, Tensor>>,
  args: readonly [x: Tensor, y: Tensor],
): Program<Tensor> {
  const values = Object.values(weights)
  model.loadStateDict(Object.fromEntries(Object.keys(model.stateDict()).map((key, i) => [key, values[i]])))
  const parameters = model.parameters()
  const optimizer = new nn.Adam(parameters, { lr })
  const step = (x: Tensor, y: Tensor): Tensor =>
    tidy(() => {
      const { value, grads } = valueAndGrad(() => nn.crossEntropy(model.forward(x), y), parameters)
      optimizer.step(grads)
      return value
    })
  return { step, args }
}

/** An LSTM over [T, B, H] and a map of its outputs to classes. */
class Tagger extends nn.Module {
  readonly lstm: nn.LSTM
  readonly head: nn.Linear

  constructor(size: number, classes: number) {
    super()
    this.lstm = new nn.LSTM(size, size)
    this.head = new nn.Linear(size, classes)
  }

  override forward(x: Tensor): Tensor {
    const [y] = this.lstm.forward(x)
    return this.head.forward(y.reshape([-1, y.shape[2]]))
  }
}

/** The outputs of an LSTM step by step, with the products of all inputs at once, as one would write it for tfjs. */
function lstmTfjs(tf: Foreign, x: Foreign, { wi, wh, bi, bh }: Foreign): Foreign {
  const [T, B, H] = x.shape
  const inputs = tf.split(tf.add(tf.matMul(tf.reshape(x, [T * B, H]), wi, false, true), tf.add(bi, bh)), T)
  let [h, c] = [tf.zeros([B, H]), tf.zeros([B, H])]
  const outputs = inputs.map((input: Foreign) => {
    const [i, f, g, o] = tf.split(tf.add(input, tf.matMul(h, wh, false, true)), 4, 1)
    c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)))
    h = tf.mul(tf.sigmoid(o), tf.tanh(c))
    return h
  })
  return tf.concat(outputs, 0)
}

function lstmJax({ numpy: np, nn }: Foreign, x: Foreign, { wi, wh, bi, bh }: Foreign): Foreign {
  const [T, B, H] = x.shape
  const inputs = np
    .matmul(x.reshape([T * B, H]), np.transpose(wi))
    .add(bi)
    .add(bh)
    .reshape([T, B, 4 * H])
  const across = np.transpose(wh)
  let [h, c] = [np.zeros([B, H]), np.zeros([B, H])]
  const outputs = Array.from({ length: T }, (_, t) => {
    const all = inputs.ref.slice(t).add(np.matmul(h, across.ref))
    const [i, f, g, o] = [0, 1, 2, 3].map((k) => all.ref.slice([], [k * H, (k + 1) * H]))
    all.dispose()
    c = nn
      .sigmoid(f)
      .mul(c)
      .add(nn.sigmoid(i).mul(np.tanh(g)))
    h = nn.sigmoid(o).mul(np.tanh(c.ref))
    return h.ref
  })
  for (const t of [inputs, across, h, c]) t.dispose()
  return np.concatenate(outputs, 0)
}

const CLASSES = 64
const VOCABULARY = 128

export const sequences: readonly Definition<string>[] = [
  ...layer(
    'rmsNorm',
    [2, 32],
    [128, 768],
    (random, [m, n]) => ({ x: random.normal([m, n]), g: random.uniform([n], 0.5, 1.5) }),
    ({ x, g }) =>
      () =>
        nn.rmsNorm(x, g, { eps: 1e-5 }),
    ({ numpy: np }, { x, g }) => {
      const meanSquare = np.mean(np.square(x.ref), -1, { keepdims: true })
      return x.div(np.sqrt(meanSquare.add(1e-5))).mul(g)
    },
  ),
  ...layer(
    'groupNorm',
    [2, 4, 3],
    [32, 64, 196],
    (random, shape) => ({ x: random.normal(shape) }),
    ({ x }) =>
      () =>
        nn.groupNorm(x, 2),
  ),
  ...layer(
    'batchNorm',
    [4, 3, 5],
    [32, 64, 784],
    (random, [n, c, s]) => ({
      x: random.normal([n, c, s]),
      weight: random.uniform([c], 0.5, 1.5),
      bias: random.normal([c]),
    }),
    ({ x, weight, bias }) =>
      () =>
        nn.batchNorm(x, { weight, bias, training: true }),
  ),
  ...layer(
    'causal attention',
    [2, 5, 2, 8],
    [8, 256, 4, 32],
    (random, shape) => ({ q: random.normal(shape), k: random.normal(shape), v: random.normal(shape) }),
    ({ q, k, v }) => {
      // [B, T, H, D] is jax's order.
      const turned = (x: Tensor): Tensor => x.transpose(1, 2)
      return () => turned(nn.scaledDotProductAttention(turned(q), turned(k), turned(v), { isCausal: true }))
    },
    (jax, { q, k, v }) => jax.nn.dotProductAttention(q, k, v, { isCausal: true }),
  ),
  ...layer(
    'MultiheadAttention',
    [2, 5, 16],
    [8, 256, 128],
    (random, [B, T, E]) => ({
      x: random.normal([B, T, E]),
      qkv: random.weights([3 * E, E], E),
      qkvBias: random.weights([3 * E], E),
      out: random.weights([E, E], E),
      outBias: random.weights([E], E),
    }),
    ({ x, ...weights }) => {
      const module = withWeights(new nn.MultiheadAttention(x.shape[2], 2, { batchFirst: true }), weights)
      return () => module.forward(x, x, x, { needWeights: false, isCausal: true })[0]
    },
  ),
  ...layer('LSTM', [3, 2, 8], [64, 16, 128], recurrentData(4), ({ x, ...weights }) => {
    const module = withWeights(new nn.LSTM(x.shape[2], x.shape[2]), weights)
    return () => module.forward(x)[0]
  }),
  ...layer('GRU', [3, 2, 8], [64, 16, 128], recurrentData(3), ({ x, ...weights }) => {
    const module = withWeights(new nn.GRU(x.shape[2], x.shape[2]), weights)
    return () => module.forward(x)[0]
  }),

  define({
    name: 'LSTM step, T, batch, hidden',
    section: 'training',
    tiny: [3, 2, 8],
    large: [64, 16, 128],
    tolerance: 1e-3,
    target: () => 3,
    data: (random, size) => {
      const [T, B, H] = size
      const classes = random.integers([T * B], CLASSES)
      const head = { wo: random.weights([CLASSES, H], H), bo: random.weights([CLASSES], H) }
      return { y: classes, ...recurrentData(4)(random, size), ...head }
    },
    ours: {
      start: ({ x, y, ...weights }) => trainOurs(new Tagger(x.shape[2], CLASSES), weights, [x, y]),
    },
    tfjs: {
      start: (tf, { x, y, ...weights }) => {
        const classes = tf.oneHot(y, CLASSES)
        return trainTfjs(tf, weights, (w) => {
          const logits = tf.add(tf.matMul(lstmTfjs(tf, x, w), w.wo, false, true), w.bo)
          return crossEntropyOneHot(tf, logits, classes)
        })
      },
    },
    jax: {
      start: (jax, { x, y, ...weights }) =>
        trainJax(jax, weights, { x, y }, ({ wo, bo, ...w }, { x, y }) => {
          const logits = jax.numpy.matmul(lstmJax(jax, x, w), jax.numpy.transpose(wo)).add(bo)
          return crossEntropyJax(jax, logits, y)
        }),
    },
  }),
  define({
    name: 'GPT step, batch, T, width, heads, layers',
    section: 'training',
    tiny: [2, 5, 16, 2, 1],
    large: [8, 64, 128, 4, 4],
    tolerance: 1e-3,
    target: () => 2.5,
    data: (random, [B, T, d, , layers]) => {
      const blocks = Array.from({ length: layers }, (_, i) => blockWeights(random, `${i}`, d))
      return {
        x: random.integers([B, T], VOCABULARY),
        y: random.integers([B * T], VOCABULARY),
        wte: random.normal([VOCABULARY, d]),
        wpe: random.normal([T, d]),
        ...Object.assign({}, ...blocks),
        g: random.uniform([d], 0.5, 1.5),
        b: random.weights([d], d),
        head: random.weights([VOCABULARY, d], d),
      }
    },
    ours: {
      start: ({ x, y, ...weights }) => {
        const layers = (Object.keys(weights).length - 5) / 12
        const [T, d] = weights.wpe.shape
        const heads = d === 16 ? 2 : 4
        return trainOurs(new Gpt(VOCABULARY, T, d, heads, layers), weights, [x, y])
      },
    },
    jax: {
      start: (jax, { x, y, ...weights }) => {
        const layers = (Object.keys(weights).length - 5) / 12
        const [T, d] = weights.wpe.shape
        const size = [x.shape[0], T, d, d === 16 ? 2 : 4, layers]
        const classes = jax.nn.oneHot(x.reshape([-1]), VOCABULARY)
        const loss = (w: Foreign, { x, y }: Foreign): Foreign => crossEntropyJax(jax, gptJax(jax, w, x, size), y)
        return trainJax(jax, weights, { x: classes, y }, loss)
      },
    },
  }),
]
