// Losses, optimisers, and whole training steps.
import { valueAndGrad } from '@x/autograd'
import * as nn from '@x/nn'
import { type Tensor, tidy } from '@x/tensor'
import type { HostArray, Random } from '../hostArray.ts'
import { type Definition, define, type Foreign, type Program } from '../workload.ts'
import { handWrittenStep } from './handWritten.ts'

/** The learning rate everywhere here. */
const lr = 1e-3

export const training: readonly Definition<string>[] = [
  define({
    name: 'crossEntropy',
    section: 'training',
    small: [8, 10],
    large: [1024, 1000],
    data: (random, [n, classes]) => ({ x: random.normal([n, classes]), y: random.integers([n], classes) }),
    ours: ({ x, y }) => nn.crossEntropy(x, y),
    tfjs: (tf, { x, y }) => crossEntropyTfjs(tf, x, y),
    jax: (jax, { x, y }) => crossEntropyJax(jax, x, y),
  }),
  define({
    name: 'crossEntropy and gradient',
    section: 'training',
    tiny: [8, 10],
    large: [1024, 1000],
    data: (random, [n, classes]) => ({ x: random.normal([n, classes]), y: random.integers([n], classes) }),
    ours: ({ x, y }) => valueAndGrad(() => nn.crossEntropy(x, y), x).grads,
    tfjs: (tf, { x, y }) => tf.grad((x: Foreign) => crossEntropyTfjs(tf, x, y))(x),
    jax: (jax, { x, y }) => jax.grad((x: Foreign) => crossEntropyJax(jax, x, y))(x),
  }),
  define({
    name: 'mseLoss and gradient',
    section: 'training',
    small: [16],
    large: [1e6],
    data: (random, shape) => ({ x: random.normal(shape), y: random.normal(shape) }),
    ours: ({ x, y }) => valueAndGrad(() => nn.mseLoss(x, y), x).grads,
    tfjs: (tf, { x, y }) => tf.grad((x: Foreign) => tf.mean(tf.square(tf.sub(x, y))))(x),
    jax: (jax, { x, y }) => jax.grad((x: Foreign) => jax.numpy.mean(jax.numpy.square(x.sub(y))))(x),
  }),
  optimizer(
    'SGD with momentum',
    (w) => new nn.SGD([w], { lr, momentum: 0.9 }),
    (tf) => tf.train.momentum(lr, 0.9),
  ),
  optimizer(
    'Adam',
    (w) => new nn.Adam([w], { lr }),
    (tf) => tf.train.adam(lr, 0.9, 0.999, 1e-8),
    adamJax,
    8,
  ),

  define({
    name: 'dropout and gradient',
    section: 'training',
    small: [16],
    large: [1e6],
    random: true,
    data: (random, shape) => ({ x: random.uniform(shape, 1, 2) }),
    ours: ({ x }) => valueAndGrad(() => nn.dropout(x, 0.3).sum(), x).grads,
  }),

  ...[64, 1].map((batch) =>
    define({
      name: `MLP 784-256-128-10 step, batch`,
      section: 'training',
      tiny: [5],
      large: [batch],
      target: () => (batch === 1 ? 6 : 4),
      tolerance: 1e-3,
      data: (random, [n]) => ({ ...images(random, n, [784]), ...layers(random, [784, 256, 128, 10]) }),
      ours: {
        start: ({ x, y, ...weights }) =>
          trainOurs(
            new nn.Sequential(
              new nn.Linear(784, 256),
              new nn.ReLU(),
              new nn.Linear(256, 128),
              new nn.ReLU(),
              new nn.Linear(128, 10),
            ),
            { x, y, weights, loss: nn.crossEntropy },
          ),
      },
      tfjs: {
        start: (tf, { x, y, ...weights }) => {
          const classes = tf.oneHot(y, 10)
          return trainTfjs(tf, weights, (w) => crossEntropyOneHot(tf, denseTfjs(tf, x, w, 'relu'), classes))
        },
      },
      jax: {
        start: (jax, { x, y, ...weights }) =>
          trainJax(jax, weights, { x, y }, (w, { x, y }) => crossEntropyJax(jax, denseJax(jax, x, w, jax.nn.relu), y)),
      },
    }),
  ),
  define({
    name: 'MLP 2-32-32-1 step, samples',
    section: 'training',
    tiny: [5],
    large: [64],
    tolerance: 1e-3,
    data: (random, [n]) => ({ x: random.normal([n, 2]), y: random.normal([n, 1]), ...layers(random, [2, 32, 32, 1]) }),
    ours: {
      start: ({ x, y, ...weights }) =>
        trainOurs(
          new nn.Sequential(
            new nn.Linear(2, 32),
            new nn.Tanh(),
            new nn.Linear(32, 32),
            new nn.Tanh(),
            new nn.Linear(32, 1),
          ),
          { x, y, weights, loss: nn.mseLoss },
        ),
    },
    hand: { start: (given) => handWrittenStep(given, lr) },
    tfjs: {
      start: (tf, { x, y, ...weights }) =>
        trainTfjs(tf, weights, (w) => tf.mean(tf.square(tf.sub(denseTfjs(tf, x, w, 'tanh'), y)))),
    },
    jax: {
      start: (jax, { x, y, ...weights }) =>
        trainJax(jax, weights, { x, y }, (w, { x, y }) =>
          jax.numpy.mean(jax.numpy.square(denseJax(jax, x, w, jax.numpy.tanh).sub(y))),
        ),
    },
  }),
  define({
    name: 'CNN conv32-pool-conv64-pool-128-10 step, batch',
    section: 'training',
    tiny: [2],
    large: [32],
    tolerance: 1e-3,
    data: (random, [n]) => ({
      ...images(random, n, [1, 28, 28]),
      w0: random.weights([32, 1, 3, 3], 9),
      b0: random.weights([32], 9),
      w1: random.weights([64, 32, 3, 3], 288),
      b1: random.weights([64], 288),
      w2: random.weights([128, 3136], 3136),
      b2: random.weights([128], 3136),
      w3: random.weights([10, 128], 128),
      b3: random.weights([10], 128),
    }),
    ours: {
      start: ({ x, y, ...weights }) =>
        trainOurs(
          new nn.Sequential(
            ...[new nn.Conv2d(1, 32, 3, { padding: 1 }), new nn.ReLU(), new nn.MaxPool2d(2)],
            ...[new nn.Conv2d(32, 64, 3, { padding: 1 }), new nn.ReLU(), new nn.MaxPool2d(2)],
            ...[new nn.Flatten(), new nn.Linear(3136, 128), new nn.ReLU(), new nn.Linear(128, 10)],
          ),
          { x, y, weights, loss: nn.crossEntropy },
        ),
    },
    tfjs: {
      start: (tf, { x, y, ...given }) => {
        // tfjs keeps channels last; flattening in that order instead of ours is undone by turning the images back.
        const weights = { ...given, w0: tf.transpose(given.w0, [2, 3, 1, 0]), w1: tf.transpose(given.w1, [2, 3, 1, 0]) }
        const pixels = tf.transpose(x, [0, 2, 3, 1])
        const classes = tf.oneHot(y, 10)
        const block = (x: Foreign, w: Foreign, b: Foreign) =>
          tf.maxPool(tf.relu(tf.add(tf.conv2d(x, w, 1, 'same'), b)), 2, 2, 'valid')
        return trainTfjs(tf, weights, ({ w0, b0, w1, b1, w2, b2, w3, b3 }) => {
          const features = block(block(pixels, w0, b0), w1, b1)
          const flat = tf.reshape(tf.transpose(features, [0, 3, 1, 2]), [pixels.shape[0], 3136])
          return crossEntropyOneHot(tf, denseTfjs(tf, flat, { w0: w2, b0: b2, w1: w3, b1: b3 }, 'relu'), classes)
        })
      },
    },
    jax: {
      start: (jax, { x, y, ...weights }) => {
        const { numpy: np, lax, nn } = jax
        const block = (x: Foreign, w: Foreign, b: Foreign) =>
          lax.reduceWindow(
            nn.relu(lax.conv(x, w, [1, 1], 'SAME').add(b.reshape([1, -1, 1, 1]))),
            np.max,
            [2, 2],
            [2, 2],
          )
        return trainJax(jax, weights, { x, y }, ({ w0, b0, w1, b1, w2, b2, w3, b3 }, { x, y }) => {
          const flat = block(block(x, w0, b0), w1, b1).reshape([-1, 3136])
          return crossEntropyJax(jax, denseJax(jax, flat, { w0: w2, b0: b2, w1: w3, b1: b3 }, nn.relu), y)
        })
      },
    },
  }),
]

function optimizer(
  name: string,
  ours: (w: Tensor) => { step(gradients: readonly Tensor[]): void },
  tfjs: (tf: Foreign) => Foreign,
  jax?: (jax: Foreign, w: Foreign, g: Foreign) => Program<Foreign>,
  target?: number,
): Definition<string> {
  return define({
    name: `${name} update, parameters`,
    section: 'training',
    small: [16],
    large: [1e6],
    target: () => target,
    data: (random, shape) => ({ w: random.normal(shape), g: random.normal(shape) }),
    ours: {
      start: ({ w, g }) => {
        const own = nn.parameter(w.copy())
        const optimizer = ours(own)
        return { step: () => optimizer.step([g]), read: () => own }
      },
    },
    tfjs: {
      start: (tf, { w, g }) => {
        const own = tf.variable(w)
        const optimizer = tfjs(tf)
        return { step: () => optimizer.applyGradients({ [own.name]: g }), read: () => own }
      },
    },
    ...(jax && { jax: { start: (lib: Foreign, { w, g }: Foreign) => jax(lib, w, g) } }),
  })
}

function images(random: Random, n: number, shape: readonly number[]): Record<'x' | 'y', HostArray> {
  return { x: random.uniform([n, ...shape]), y: random.integers([n], 10) }
}

/** w0, b0, w1, b1 … of fully connected layers, in PyTorch's layout [out, in]. */
function layers(random: Random, sizes: readonly number[]): Record<string, HostArray> {
  const all: Record<string, HostArray> = {}
  for (let i = 0; i + 1 < sizes.length; i++) {
    all[`w${i}`] = random.weights([sizes[i + 1], sizes[i]], sizes[i])
    all[`b${i}`] = random.weights([sizes[i + 1]], sizes[i])
  }
  return all
}

interface Training {
  readonly x: Tensor
  readonly y: Tensor
  /** w0, b0, w1 … in the order of the model's parameters. */
  readonly weights: Readonly<Record<string, Tensor>>
  readonly loss: (output: Tensor, y: Tensor) => Tensor
}

function trainOurs(model: nn.Sequential, { x, y, weights, loss }: Training): Program<Tensor> {
  const values = Object.values(weights)
  model.loadStateDict(Object.fromEntries(Object.keys(model.stateDict()).map((key, i) => [key, values[i]])))
  const parameters = model.parameters()
  const optimizer = new nn.Adam(parameters, { lr })
  const step = (x: Tensor, y: Tensor): Tensor =>
    tidy(() => {
      const { value, grads } = valueAndGrad(() => loss(model.forward(x), y), parameters)
      optimizer.step(grads)
      return value
    })
  return { step, args: [x, y] }
}

export function trainTfjs(tf: Foreign, weights: Foreign, loss: (w: Foreign) => Foreign): Program<Foreign> {
  const w = Object.fromEntries(Object.entries(weights).map(([name, value]) => [name, tf.variable(value)]))
  const optimizer = tf.train.adam(lr, 0.9, 0.999, 1e-8)
  return { step: () => optimizer.minimize(() => loss(w), true, Object.values(w)) }
}

/** x through dense layers with an activation between; as many as there are weights. */
function denseTfjs(tf: Foreign, x: Foreign, w: Foreign, activation: string): Foreign {
  const count = Object.keys(w).length / 2
  let y = x
  for (let i = 0; i < count; i++) {
    y = tf.add(tf.matMul(y, w[`w${i}`], false, true), w[`b${i}`])
    if (i + 1 < count) y = tf[activation](y)
  }
  return y
}

const crossEntropyTfjs = (tf: Foreign, x: Foreign, y: Foreign): Foreign =>
  crossEntropyOneHot(tf, x, tf.oneHot(y, x.shape[1]))

/** With one-hot classes, because the Wasm backend has no gradient of gathering. */
export function crossEntropyOneHot(tf: Foreign, x: Foreign, classes: Foreign): Foreign {
  return tf.neg(tf.mean(tf.sum(tf.mul(classes, tf.logSoftmax(x)), -1)))
}

function denseJax({ numpy: np }: Foreign, x: Foreign, w: Foreign, activation: (x: Foreign) => Foreign): Foreign {
  const count = Object.keys(w).length / 2
  let y = x
  for (let i = 0; i < count; i++) {
    y = np.matmul(y, np.transpose(w[`w${i}`])).add(w[`b${i}`])
    if (i + 1 < count) y = activation(y)
  }
  return y
}

export function crossEntropyJax({ nn, numpy: np }: Foreign, x: Foreign, y: Foreign): Foreign {
  const [n, classes] = x.shape
  return np.sum(nn.logSoftmax(x).mul(nn.oneHot(y, classes))).mul(-1 / n)
}

/** Adam on a tree of arrays within one jitted step: jax-js has no optimiser of its own. */
export function trainJax(
  jax: Foreign,
  weights: Foreign,
  batch: Foreign,
  loss: (w: Foreign, batch: Foreign) => Foreign,
): Program<Foreign> {
  const { numpy: np } = jax
  const names = Object.keys(weights)
  const each = (f: (name: string) => Foreign) => Object.fromEntries(names.map((name) => [name, f(name)]))
  const ref = (tree: Foreign) => Object.fromEntries(Object.keys(tree).map((name) => [name, tree[name].ref]))
  const train = jax.jit((w: Foreign, m: Foreign, v: Foreign, correction: Foreign, batch: Foreign) => {
    const [value, g] = jax.valueAndGrad(loss)(ref(w), batch)
    const [c1, c2] = [correction.ref.slice(0), correction.slice(1)]
    const m1 = each((k) => m[k].mul(0.9).add(g[k].ref.mul(0.1)))
    const v1 = each((k) => v[k].mul(0.999).add(np.square(g[k]).mul(0.001)))
    const w1 = each((k) =>
      w[k].sub(
        m1[k].ref
          .mul(lr)
          .mul(c1.ref)
          .div(np.sqrt(v1[k].ref.mul(c2.ref)).add(1e-8)),
      ),
    )
    c1.dispose()
    c2.dispose()
    return [value, w1, m1, v1]
  })
  const zeros = () => each((k) => np.zeros(weights[k].shape))
  let [w, m, v] = [ref(weights), zeros(), zeros()]
  let t = 0
  return {
    step: () => {
      t++
      const correction = np.array([1 / (1 - 0.9 ** t), 1 / (1 - 0.999 ** t)])
      const [value, ...next] = train(w, m, v, correction, ref(batch))
      ;[w, m, v] = next
      return value
    },
  }
}

function adamJax(jax: Foreign, w: Foreign, g: Foreign): Program<Foreign> {
  const { numpy: np } = jax
  const update = jax.jit((w: Foreign, m: Foreign, v: Foreign, g: Foreign, correction: Foreign) => {
    const m1 = m.mul(0.9).add(g.ref.mul(0.1))
    const v1 = v.mul(0.999).add(np.square(g).mul(0.001))
    const mHat = m1.ref.mul(correction.ref.slice(0))
    const vHat = v1.ref.mul(correction.slice(1))
    return [w.sub(mHat.mul(lr).div(np.sqrt(vHat).add(1e-8))), m1, v1]
  })
  let [own, m, v] = [w.ref, np.zeros(w.shape), np.zeros(w.shape)]
  let t = 0
  return {
    step: () => {
      t++
      const correction = np.array([1 / (1 - 0.9 ** t), 1 / (1 - 0.999 ** t)])
      ;[own, m, v] = update(own, m, v, g.ref, correction)
    },
    read: () => own.ref,
  }
}
