// Sorting, searching, counting, folds along an axis, and what describes samples.
import { valueAndGrad } from '@x/autograd'
import * as x from '@x/tensor'
import { histogram, quantile } from '@x/tensor/statistics'
import { type HostArray, lengthOf, type Random } from '../hostArray.ts'
import { type Definition, define } from '../workload.ts'

const normal = (random: Random, shape: readonly number[]): { x: HostArray } => ({ x: random.normal(shape) })

/** 0, 1, 2, … in some order: numbers of which no two are equal, so that they have one order only. */
function shuffled(random: Random, shape: readonly number[]): HostArray {
  const data = Float32Array.from({ length: lengthOf(shape) }, (_, i) => i)
  for (let i = data.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1))
    ;[data[i], data[j]] = [data[j], data[i]]
  }
  return { dtype: 'float32', shape, data }
}

/** A running fold along rows and along columns. */
function fold(name: 'cumsum' | 'cumprod'): Definition<string>[] {
  return ([1, 0] as const).map((axis) =>
    define({
      name: `${name} of ${axis === 1 ? 'rows' : 'columns'}`,
      section: 'sorting',
      small: [4, 16],
      large: [1000, 1000],
      // Near 1, so that products stay in range.
      data: (random, shape) => ({ x: random.uniform(shape, 0.98, 1.02) }),
      tolerance: 1e-3,
      ours: ({ x: t }) => x[name](t, axis),
      tfjs: (tf, { x }) => tf[name](x, axis),
      jax: (jax, { x }) => jax.numpy[name](x, axis),
      numpy: (np, { x }) => np[name](x, axis),
    }),
  )
}

export const sorting: readonly Definition<string>[] = [
  define({
    name: 'sort',
    section: 'sorting',
    small: [16],
    tiny: [40],
    large: [[1e6], [10000, 100]],
    target: ([n]) => (n === 1e6 ? 2 : undefined),
    data: normal,
    ours: ({ x: t }) => x.sort(t),
    jax: (jax, { x }) => jax.numpy.sort(x),
    numpy: (np, { x }) => np.sort(x),
  }),
  define({
    name: 'argsort',
    section: 'sorting',
    small: [16],
    tiny: [40],
    large: [[1e6], [10000, 100]],
    target: ([n]) => (n === 1e6 ? 2 : undefined),
    data: (random, shape) => ({ x: shuffled(random, shape) }),
    ours: ({ x: t }) => x.argsort(t),
    jax: (jax, { x }) => jax.numpy.argsort(x),
    numpy: (np, { x }) => np.argsort(x),
  }),
  define({
    name: 'sort and gradient',
    section: 'sorting',
    tiny: [4, 40],
    large: [1000, 1000],
    data: normal,
    ours: ({ x: t }) => valueAndGrad(() => x.cumsum(x.sort(t), 1).square().sum(), t).grads,
  }),
  define({
    name: 'topk of 50',
    section: 'sorting',
    tiny: [2, 600],
    large: [8, 50257],
    data: normal,
    ours: ({ x: t }) => x.topk(t, 50).values,
    tfjs: (tf, { x }) => tf.topk(x, 50).values,
  }),
  ...fold('cumsum'),
  ...fold('cumprod'),
  define({
    name: 'cumprod and gradient',
    section: 'sorting',
    tiny: [4, 16],
    large: [1000, 1000],
    tolerance: 1e-3,
    data: (random, shape) => ({ x: random.uniform(shape, 0.98, 1.02) }),
    ours: ({ x: t }) => valueAndGrad(() => x.cumprod(t, 1).sum(), t).grads,
  }),
  define({
    name: 'cummax of rows',
    section: 'sorting',
    small: [4, 16],
    large: [1000, 1000],
    data: normal,
    ours: ({ x: t }) => x.cummax(t, 1).values,
  }),
  define({
    name: 'median of rows',
    section: 'sorting',
    small: [4, 16],
    large: [1000, 1000],
    data: (random, [m, n]) => normal(random, [m, n]),
    ours: ({ x: t }) => x.median(t, 1),
  }),
  define({
    name: 'nanmedian of all',
    section: 'sorting',
    small: [15],
    large: [999_999],
    data: normal,
    ours: ({ x: t }) => x.nanmedian(t),
    numpy: (np, { x }) => np.nanmedian(x),
  }),
  define({
    name: 'quantiles of columns',
    section: 'sorting',
    small: [16, 4],
    large: [1000, 1000],
    data: normal,
    ours: ({ x: t }) => quantile(t, [0.25, 0.5, 0.75], 0),
  }),
  define({
    name: 'norm of rows',
    section: 'sorting',
    small: [4, 16],
    large: [1000, 1000],
    data: normal,
    ours: ({ x: t }) => x.norm(t, 2, 1),
    tfjs: (tf, { x }) => tf.norm(x, 2, 1),
    numpy: (np, { x }) => np.linalg.norm(x, 2, 1),
  }),
  define({
    name: 'searchsorted',
    section: 'sorting',
    small: [16],
    large: [1e6],
    data: (random, [n]) => ({ edges: random.uniform([64]), x: random.uniform([n]) }),
    ours: ({ edges, x: t }) => x.searchsorted(x.sort(edges), t),
    numpy: (np, { edges, x }) => np.searchsorted(np.own(np.sort(edges)), x),
  }),
  define({
    name: 'histogram of 64 bins',
    section: 'sorting',
    small: [16],
    large: [1e6],
    data: normal,
    ours: ({ x: t }) => histogram(t, { bins: 64, range: [-4, 4] }).counts,
    numpy: (np, { x }) => np.histogram(x, 64, [-4, 4])[0],
  }),
  define({
    name: 'unique of whole numbers',
    section: 'sorting',
    small: [16],
    large: [1e6],
    dynamic: true,
    data: (random, [n]) => ({ x: random.integers([n], 1000) }),
    ours: ({ x: t }) => x.unique(t),
    numpy: (np, { x }) => np.unique(x),
  }),
  define({
    name: 'maskedSelect',
    section: 'sorting',
    small: [16],
    large: [1e6],
    dynamic: true,
    data: normal,
    ours: ({ x: t }) => x.maskedSelect(t, t.gt(0)),
  }),
]
