// Reductions, functions along rows, norms, and moving data.
import { valueAndGrad } from '@x/autograd'
import * as nn from '@x/nn'
import * as x from '@x/tensor'
import { type Definition, define, type Foreign } from '../workload.ts'

/** Names in tfjs, ONNX (''), jax-js and numpy-ts ('' where there is none). */
type Names = readonly [tfjs: string, ort: string, jax: string, numpy: string]

/** Over all elements, each row, and each column. */
function reduction(
  name: 'sum' | 'mean' | 'prod' | 'max' | 'min',
  [tfjs, ort, jax, numpy]: Names,
  target?: number,
): Definition<string>[] {
  const over = (what: string, axis: number | null): Definition<string> =>
    define({
      name: `${name} ${what}`,
      section: 'rows',
      small: [4, 16],
      large: [1000, 1000],
      target: () => (axis === null ? undefined : target),
      // Near 1, so that products stay in range.
      data: (random, shape) => ({ x: name === 'prod' ? random.uniform(shape, 0.98, 1.02) : random.normal(shape) }),
      tolerance: name === 'prod' ? 1e-3 : 1e-4,
      ours: ({ x: t }) => x[name](t, axis),
      tfjs: (tf, { x }) => tf[tfjs](x, axis ?? undefined),
      ort: (graph, { x }) => graph.reduce(ort, x, axis === null ? [0, 1] : [axis]),
      jax: (lib, { x }) => lib.numpy[jax](x, axis),
      numpy: (np, { x }) => np[numpy](x, axis ?? undefined),
      ...((name === 'sum' || name === 'mean') && {
        mlMatrix: (_: Foreign, { x }: Foreign) => x[name](axis === null ? undefined : axis === 0 ? 'column' : 'row'),
      }),
    })
  return [over('of rows', 1), over('of columns', 0), over('of all', null)]
}

function position(name: 'argmax' | 'argmin', ort: string): Definition<string> {
  const tfjs = name === 'argmax' ? 'argMax' : 'argMin'
  return define({
    name: `${name} of rows`,
    section: 'rows',
    small: [4, 16],
    large: [1000, 1000],
    data: (random, shape) => ({ x: random.normal(shape) }),
    ours: ({ x: t }) => x[name](t, 1),
    tfjs: (tf, { x }) => tf[tfjs](x, 1),
    ort: (graph, { x }) => graph.node(ort, [x], { axis: 1, keepdims: 0 }),
    jax: (jax, { x }) => jax.numpy[name](x, 1),
    numpy: (np, { x }) => np[name](x, 1),
  })
}

function truth(name: 'any' | 'all'): Definition<string> {
  return define({
    name: `${name} of rows`,
    section: 'rows',
    small: [4, 16],
    large: [1000, 1000],
    data: (random, shape) => ({ x: random.booleans(shape) }),
    ours: ({ x: t }) => x[name](t, 1),
    tfjs: (tf, { x }) => tf[name](x, 1),
    jax: (jax, { x }) => jax.numpy[name](x, 1),
    numpy: (np, { x }) => np[name](x, 1),
  })
}

const spread = (name: 'variance' | 'std'): Definition<string> =>
  define({
    name: `${name} of rows`,
    section: 'rows',
    small: [4, 16],
    large: [1000, 1000],
    data: (random, shape) => ({ x: random.normal(shape) }),
    ours: ({ x: t }) => x[name](t, 1, { correction: 0 }),
    tfjs: (tf, { x }) => (name === 'std' ? tf.sqrt(tf.moments(x, 1).variance) : tf.moments(x, 1).variance),
    jax: (jax, { x }) => jax.numpy[name === 'std' ? 'std' : 'var_'](x, 1),
    numpy: (np, { x }) => np[name === 'std' ? 'std' : 'variance'](x, 1),
  })

export const rows: readonly Definition<string>[] = [
  ...reduction('sum', ['sum', 'ReduceSum', 'sum', 'sum'], 1.3),
  ...reduction('mean', ['mean', 'ReduceMean', 'mean', 'mean']),
  ...reduction('max', ['max', 'ReduceMax', 'max', 'max']),
  ...reduction('min', ['min', 'ReduceMin', 'min', 'min']),
  ...reduction('prod', ['prod', 'ReduceProd', 'prod', 'prod']),
  position('argmax', 'ArgMax'),
  position('argmin', 'ArgMin'),
  truth('any'),
  truth('all'),
  spread('variance'),
  spread('std'),
  define({
    name: 'logsumexp of rows',
    section: 'rows',
    small: [4, 16],
    large: [1000, 1000],
    data: (random, shape) => ({ x: random.normal(shape) }),
    ours: ({ x: t }) => x.logsumexp(t, 1),
    tfjs: (tf, { x }) => tf.logSumExp(x, 1),
    ort: (graph, { x }) => graph.reduce('ReduceLogSumExp', x, [1]),
    jax: (jax, { x }) => jax.nn.logsumexp(x, 1),
  }),
  define({
    name: 'softmax',
    section: 'rows',
    small: [4, 16],
    large: [1000, 1000],
    target: () => 1.5,
    data: (random, shape) => ({ x: random.normal(shape) }),
    ours: ({ x }) => x.softmax(),
    tfjs: (tf, { x }) => tf.softmax(x),
    ort: (graph, { x }) => graph.node('Softmax', [x], { axis: -1 }),
    jax: (jax, { x }) => jax.nn.softmax(x),
    numpy: (np, { x }) => {
      const e = np.own(np.exp(np.own(np.subtract(x, np.own(np.max(x, -1, true))))))
      return np.divide(e, np.own(np.sum(e, -1, true)))
    },
  }),
  define({
    name: 'logSoftmax',
    section: 'rows',
    small: [4, 16],
    large: [1000, 1000],
    data: (random, shape) => ({ x: random.normal(shape) }),
    ours: ({ x }) => x.logSoftmax(),
    tfjs: (tf, { x }) => tf.logSoftmax(x),
    ort: (graph, { x }) => graph.node('LogSoftmax', [x], { axis: -1 }),
    jax: (jax, { x }) => jax.nn.logSoftmax(x),
  }),
  define({
    name: 'layerNorm',
    section: 'rows',
    small: [2, 32],
    large: [128, 768],
    target: () => 6,
    data: (random, [m, n]) => ({ x: random.normal([m, n]), g: random.uniform([n], 0.5, 1.5), b: random.normal([n]) }),
    ours: ({ x, g, b }) => nn.layerNorm(x, g, b),
    tfjs: (tf, { x, g, b }) => {
      const { mean, variance } = tf.moments(x, -1, true)
      return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))), g), b)
    },
    ort: (graph, { x, g, b }) => graph.node('LayerNormalization', [x, g, b], { axis: -1, epsilon: 1e-5 }),
    jax: (jax, { x, g, b }) => jax.nn.standardize(x, -1, { epsilon: 1e-5 }).mul(g).add(b),
    numpy: (np, { x, g, b }) => {
      const centred = np.own(np.subtract(x, np.own(np.mean(x, -1, true))))
      const variance = np.own(np.mean(np.own(np.square(centred)), -1, true))
      const deviation = np.own(np.sqrt(np.own(np.add(variance, 1e-5))))
      return np.add(np.own(np.multiply(np.own(np.divide(centred, deviation)), g)), b)
    },
  }),
  define({
    name: 'layerNorm and gradients',
    section: 'rows',
    tiny: [2, 32],
    large: [128, 768],
    tolerance: 1e-4,
    data: (random, [m, n]) => ({ x: random.normal([m, n]), g: random.uniform([n], 0.5, 1.5), b: random.normal([n]) }),
    ours: ({ x, g, b }) => valueAndGrad(() => nn.layerNorm(x, g, b).square().sum(), [x, g, b]).grads,
    jax: (jax, given) =>
      jax.grad(({ x, g, b }: Foreign) =>
        jax.numpy.sum(jax.numpy.square(jax.nn.standardize(x, -1, { epsilon: 1e-5 }).mul(g).add(b))),
      )(given),
  }),
  define({
    name: 'softmax and gradient',
    section: 'rows',
    tiny: [4, 16],
    large: [1000, 1000],
    tolerance: 1e-4,
    data: (random, shape) => ({ x: random.normal(shape) }),
    ours: ({ x }) => valueAndGrad(() => x.softmax().square().sum(), x).grads,
    tfjs: (tf, { x }) => tf.grad((x: Foreign) => tf.sum(tf.square(tf.softmax(x))))(x),
    jax: (jax, { x }) => jax.grad((x: Foreign) => jax.numpy.sum(jax.numpy.square(jax.nn.softmax(x))))(x),
  }),
  define({
    name: 'logSoftmax and gradient',
    section: 'rows',
    tiny: [4, 16],
    large: [1000, 1000],
    tolerance: 1e-4,
    data: (random, shape) => ({ x: random.normal(shape) }),
    ours: ({ x }) => valueAndGrad(() => x.logSoftmax().square().sum(), x).grads,
    tfjs: (tf, { x }) => tf.grad((x: Foreign) => tf.sum(tf.square(tf.logSoftmax(x))))(x),
    jax: (jax, { x }) => jax.grad((x: Foreign) => jax.numpy.sum(jax.numpy.square(jax.nn.logSoftmax(x))))(x),
  }),
  define({
    name: 'transpose (copied)',
    section: 'rows',
    small: [4, 16],
    large: [1000, 1000],
    target: () => 3,
    bytes: ([m, n]) => 8 * m * n,
    data: (random, shape) => ({ x: random.normal(shape) }),
    ours: ({ x }) => x.transpose().contiguous(),
    tfjs: (tf, { x }) => tf.transpose(x),
    ort: (graph, { x }) => graph.node('Transpose', [x], { perm: [1, 0] }),
    // Adding 0 makes the copy that a transposed view puts off.
    jax: (jax, { x }) => jax.numpy.transpose(x).add(0),
    numpy: (np, { x }) => np.ascontiguousarray(np.own(np.transpose(x))),
    mlMatrix: (_, { x }) => x.transpose(),
  }),
  define({
    name: 'copy',
    section: 'rows',
    small: [16],
    large: [1e6],
    bytes: ([n]) => 8 * n,
    data: (random, shape) => ({ x: random.normal(shape) }),
    ours: ({ x }) => x.copy(),
    tfjs: (tf, { x }) => tf.add(x, 0),
    numpy: (np, { x }) => np.copy(x),
    mlMatrix: (_, { x }) => x.clone(),
  }),
  define({
    name: 'concat',
    section: 'rows',
    small: [2, 16],
    large: [500, 1000],
    data: (random, shape) => ({ a: random.normal(shape), b: random.normal(shape) }),
    ours: ({ a, b }) => x.concat([a, b], 1),
    tfjs: (tf, { a, b }) => tf.concat([a, b], 1),
    ort: (graph, { a, b }) => graph.node('Concat', [a, b], { axis: 1 }),
    jax: (jax, { a, b }) => jax.numpy.concatenate([a, b], 1),
    numpy: (np, { a, b }) => np.concatenate([a, b], 1),
  }),
  define({
    name: 'stack',
    section: 'rows',
    small: [2, 16],
    large: [500, 1000],
    data: (random, shape) => ({ a: random.normal(shape), b: random.normal(shape) }),
    ours: ({ a, b }) => x.stack([a, b]),
    tfjs: (tf, { a, b }) => tf.stack([a, b]),
    jax: (jax, { a, b }) => jax.numpy.stack([a, b]),
    numpy: (np, { a, b }) => np.stack([a, b]),
  }),
  define({
    name: 'pad',
    section: 'rows',
    small: [4, 8],
    large: [1000, 1000],
    data: (random, shape) => ({ x: random.normal(shape) }),
    ours: ({ x: t }) =>
      t.pad([
        [1, 1],
        [1, 1],
      ]),
    tfjs: (tf, { x }) =>
      tf.pad(x, [
        [1, 1],
        [1, 1],
      ]),
    jax: (jax, { x }) =>
      jax.numpy.pad(x, [
        [1, 1],
        [1, 1],
      ]),
    numpy: (np, { x }) =>
      np.pad(x, [
        [1, 1],
        [1, 1],
      ]),
  }),
  define({
    name: 'slice with steps (copied)',
    section: 'rows',
    small: [8, 8],
    large: [1000, 1000],
    data: (random, shape) => ({ x: random.normal(shape) }),
    ours: ({ x: t }) => t.at(x.slice(null, null, 2), x.slice(null, null, 2)).contiguous(),
    tfjs: (tf, { x }) => tf.stridedSlice(x, [0, 0], x.shape, [2, 2]),
    numpy: (np, { x }) => np.ascontiguousarray(np.own(x.slice('::2', '::2'))),
  }),
  define({
    name: 'reshape, permute, expand, unsqueeze (views)',
    section: 'rows',
    small: [4, 16],
    data: (random, shape) => ({ x: random.normal(shape) }),
    ours: ({ x }) => x.reshape([4, 4, 4]).permute([2, 0, 1]).unsqueeze(0).expand([2, 4, 4, 4]),
  }),
  define({
    name: 'take rows',
    section: 'rows',
    small: [4, 16],
    large: [10000, 64],
    data: (random, [m, n]) => ({ table: random.normal([m, n]), index: random.integers([Math.min(m, 1000)], m) }),
    ours: ({ table, index }) => table.take(index),
    tfjs: (tf, { table, index }) => tf.gather(table, index),
    ort: (graph, { table, index }) => graph.node('Gather', [table, index], { axis: 0 }),
    jax: (jax, { table, index }) => jax.numpy.take(table, index, 0),
    numpy: (np, { table, index }) => np.take(table, index, 0),
  }),
  define({
    name: 'take rows, gradient',
    section: 'rows',
    small: [4, 16],
    large: [10000, 64],
    tolerance: 1e-4,
    data: (random, [m, n]) => ({ table: random.normal([m, n]), index: random.integers([Math.min(m, 1000)], m) }),
    ours: ({ table, index }) => valueAndGrad(() => table.take(index).square().sum(), table).grads,
    tfjs: (tf, { table, index }) => tf.grad((t: Foreign) => tf.sum(tf.square(tf.gather(t, index))))(table),
    jax: (jax, { table, index }) =>
      jax.grad((t: Foreign) => jax.numpy.sum(jax.numpy.square(jax.numpy.take(t, index, 0))))(table),
  }),
  define({
    name: 'gather and gradient',
    section: 'rows',
    small: [4, 16],
    large: [1000, 1000],
    tolerance: 1e-4,
    data: (random, [m, n]) => ({ x: random.normal([m, n]), index: random.integers([m, 1], n) }),
    ours: ({ x, index }) => valueAndGrad(() => x.gather(index, 1).square().sum(), x).grads,
    jax: (jax, { x, index }) =>
      jax.grad((t: Foreign) => jax.numpy.sum(jax.numpy.square(jax.numpy.takeAlongAxis(t, index, 1))))(x),
  }),
  define({
    name: 'full, arange, linspace, eye',
    section: 'rows',
    small: [16],
    data: () => ({}),
    ours: () => [x.full([16], 3), x.arange(16), x.linspace(0, 1, 16), x.eye(4)],
  }),
  define({
    name: 'uniform',
    section: 'rows',
    small: [16],
    large: [1e6],
    random: true,
    data: (_, shape) => ({ like: { dtype: 'float32', shape, data: new Float32Array(shape[0]) } }),
    ours: ({ like }) => x.uniform(like.shape),
    tfjs: (tf, { like }) => tf.randomUniform(like.shape),
    numpy: (np, { like }) => np.random.random(like.shape),
  }),
  define({
    name: 'randn',
    section: 'rows',
    small: [16],
    large: [1e6],
    random: true,
    data: (_, shape) => ({ like: { dtype: 'float32', shape, data: new Float32Array(shape[0]) } }),
    ours: ({ like }) => x.randn(like.shape),
    tfjs: (tf, { like }) => tf.randomNormal(like.shape),
    numpy: (np, { like }) => np.random.standard_normal(like.shape),
  }),
  define({
    name: 'dropout',
    section: 'rows',
    small: [16],
    large: [1e6],
    random: true,
    data: (random, shape) => ({ x: random.uniform(shape, 1, 2) }),
    ours: ({ x }) => nn.dropout(x, 0.3),
    tfjs: (tf, { x }) => tf.dropout(x, 0.3),
  }),
]
