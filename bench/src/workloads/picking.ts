// Picking and putting by position, masks, and what moves elements along axes.
import { valueAndGrad } from '@x/autograd'
import * as x from '@x/tensor'
import type { Random } from '../hostArray.ts'
import { type Definition, define } from '../workload.ts'

/** A table [m, n], positions of rows (each several times), and a row for each. */
const table = (random: Random, [m, n]: readonly number[]) => ({
  table: random.normal([m, n]),
  index: random.integers([m], Math.max(1, Math.floor(m / 4))),
  rows: random.normal([m, n]),
})

/** Values [m, n] and a position for each along the first axis. */
const each = (random: Random, [m, n]: readonly number[]) => ({
  x: random.normal([m, n]),
  index: random.integers([m, n], m),
  values: random.uniform([m, n], 0.5, 1.5),
})

const pairs = [
  [1, 1],
  [1, 1],
]

export const picking: readonly Definition<string>[] = [
  define({
    name: 'x[i, j]',
    section: 'rows',
    small: [16, 16],
    large: [1000, 1000],
    data: (random, [m, n]) => ({
      x: random.normal([m, n]),
      i: random.integers([m * 10], m),
      j: random.integers([m * 10], n),
    }),
    ours: ({ x, i, j }) => x.at(i, j),
    tfjs: (tf, { x, i, j }) => tf.gatherND(x, tf.stack([i, j], 1)),
  }),
  define({
    name: 'x[mask]',
    section: 'rows',
    small: [16, 4],
    large: [1000, 1000],
    data: (random, shape) => ({ x: random.normal(shape), like: random.normal(shape) }),
    dynamic: true,
    ours: ({ x, like }) => x.at(like.gt(0)),
  }),
  define({
    name: 'x[i] = rows',
    section: 'rows',
    small: [16, 4],
    large: [10000, 64],
    data: table,
    ours: ({ table, index, rows }) => x.indexPut(table, [index], rows),
    tfjs: (tf, { table, index, rows }) => tf.tensorScatterUpdate(table, index.reshape([-1, 1]), rows),
  }),
  define({
    name: 'x[1:-1, ::2] = values',
    section: 'rows',
    small: [8, 8],
    large: [1000, 1000],
    data: (random, [m, n]) => ({ x: random.normal([m, n]), values: random.normal([m - 2, n / 2]) }),
    ours: ({ x: t, values }) => x.indexPut(t, [x.slice(1, -1), x.slice(null, null, 2)], values),
  }),
  define({
    name: 'indexAdd rows',
    section: 'rows',
    small: [16, 4],
    large: [10000, 64],
    tolerance: 1e-4,
    data: table,
    ours: ({ table, index, rows }) => x.indexAdd(table, index, rows),
  }),
  define({
    name: 'scatter',
    section: 'rows',
    small: [8, 8],
    large: [1000, 1000],
    data: each,
    ours: ({ x: t, index, values }) => x.scatter(t, index, values),
  }),
  define({
    name: 'scatterAdd and gradients',
    section: 'rows',
    small: [8, 8],
    large: [1000, 1000],
    tolerance: 1e-4,
    data: each,
    ours: ({ x: t, index, values }) =>
      valueAndGrad(() => x.scatterAdd(t, index, values).square().sum(), [t, values]).grads,
  }),
  define({
    name: 'scatterReduce amax',
    section: 'rows',
    small: [8, 8],
    large: [1000, 1000],
    data: each,
    ours: ({ x: t, index, values }) => x.scatterReduce(t, index, values, { reduce: 'amax' }),
  }),
  define({
    name: 'unfold and gradient',
    section: 'rows',
    small: [4, 16],
    large: [1000, 1000],
    tolerance: 1e-4,
    data: (random, shape) => ({ x: random.normal(shape) }),
    ours: ({ x: t }) => valueAndGrad(() => x.unfold(t, 1, 3, 1).square().sum(), t).grads,
  }),
  define({
    name: 'pad reflect',
    section: 'rows',
    small: [4, 8],
    large: [1000, 1000],
    data: (random, shape) => ({ x: random.normal(shape) }),
    ours: ({ x }) => x.pad(1, { mode: 'reflect' }),
    tfjs: (tf, { x }) => tf.mirrorPad(x, pairs, 'reflect'),
    numpy: (np, { x }) => np.pad(x, pairs, 'reflect'),
  }),
  define({
    name: 'flip (copied)',
    section: 'rows',
    small: [4, 8],
    large: [1000, 1000],
    bytes: ([m, n]) => 8 * m * n,
    data: (random, shape) => ({ x: random.normal(shape) }),
    ours: ({ x }) => x.flip().contiguous(),
    tfjs: (tf, { x }) => tf.reverse(x),
    numpy: (np, { x }) => np.ascontiguousarray(np.own(np.flip(x))),
  }),
  define({
    name: 'roll',
    section: 'rows',
    small: [4, 8],
    large: [1000, 1000],
    bytes: ([m, n]) => 8 * m * n,
    data: (random, shape) => ({ x: random.normal(shape) }),
    ours: ({ x: t }) => x.roll(t, 3, 1),
    numpy: (np, { x }) => np.roll(x, 3, 1),
  }),
  define({
    name: 'tile',
    section: 'rows',
    small: [4, 8],
    large: [500, 500],
    bytes: ([m, n]) => 20 * m * n,
    data: (random, shape) => ({ x: random.normal(shape) }),
    ours: ({ x: t }) => x.tile(t, [2, 2]),
    tfjs: (tf, { x }) => tf.tile(x, [2, 2]),
    jax: (jax, { x }) => jax.numpy.tile(x, [2, 2]),
    numpy: (np, { x }) => np.tile(x, [2, 2]),
  }),
  define({
    name: 'tril',
    section: 'rows',
    small: [8, 8],
    large: [1000, 1000],
    bytes: ([m, n]) => 8 * m * n,
    data: (random, shape) => ({ x: random.normal(shape) }),
    ours: ({ x: t }) => x.tril(t),
    tfjs: (tf, { x }) => tf.linalg.bandPart(x, -1, 0),
    jax: (jax, { x }) => jax.numpy.tril(x),
    numpy: (np, { x }) => np.tril(x),
  }),
  define({
    name: 'oneHot',
    section: 'rows',
    small: [16, 4],
    large: [10000, 100],
    data: (random, [m, n]) => ({ index: random.integers([m], n), like: random.normal([n]) }),
    ours: ({ index, like }) => x.oneHot(index, like.size, { dtype: 'float32' }),
    tfjs: (tf, { index, like }) => tf.oneHot(index, like.size),
  }),
]
