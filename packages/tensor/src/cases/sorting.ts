// Cases of sorting, searching and counting, of folds along an axis, and of what describes samples.
import { tensor, zeros } from '../create.ts'
import type { DType } from '../dtype.ts'
import { DTypeError, ShapeError } from '../errors.ts'
import * as masked from '../ops/indexing/masked.ts'
import * as cumulative from '../ops/reductions/cumulative.ts'
import { diff, trapezoid } from '../ops/reductions/diff.ts'
import { bincount, histc, histogram, histogram2d } from '../ops/reductions/histogram.ts'
import * as nan from '../ops/reductions/nan.ts'
import * as reduce from '../ops/reductions/reduce.ts'
import {
  aminmax,
  average,
  countNonzero,
  median,
  mode,
  nanmedian,
  nanquantile,
  norm,
  quantile,
} from '../ops/reductions/statistics.ts'
import { bucketize, isin, searchsorted } from '../ops/sorting/search.ts'
import * as sorting from '../ops/sorting/sort.ts'
import { unique, uniqueAll, uniqueConsecutive } from '../ops/sorting/unique.ts'
import type { Tensor } from '../tensor.ts'
import { casesOf, FLOATS, LENGTHS, NUMBERS, type OpCase, type OpCases, SPECIAL, withValues } from './case.ts'
import { reductions } from './structured.ts'

// A table rather than the module's namespace, which would stand in the package's chunk and keep all of it in every page.
const statistics = { median, nanmedian, quantile, nanquantile }

type Run = (x: Tensor) => Tensor
type Errors = NonNullable<OpCases['errors']>

const SORTED: readonly DType[] = [...NUMBERS, 'uint8', 'bool', 'int64']
/** Cases with recorded values, which not every dtype holds. */
const recorded = (
  cases: OpCase[],
  input: NonNullable<OpCase['values']>['inputs'][number],
  want: number[],
): OpCase[] => [...withValues([{ ...cases[0], dtypes: NUMBERS }], [input], want), ...cases]
/** Ties of all kinds, NaN, infinities and zeros of both signs among them. */
const MIXED = [...SPECIAL, ...SPECIAL, 2, 0.5, -3, 2]
/** Lengths on both sides of where the kernels change their way. */
const LONG = [24, 25, 100, 513, 1025]

/** Rows, columns, the middle, all, views; floats with NaN and ties, without gradients. */
function sortingCases(op: string, run: (x: Tensor, axis: number | null) => Tensor, rest: Partial<OpCase>): OpCase[] {
  const byRow: Run = (x) => run(x, -1)
  return [
    ...casesOf(
      op,
      [
        [[[5]], byRow],
        ...LENGTHS.map((n) => [[[3, n]], byRow] as const),
        [[[7, 4]], (x) => run(x, 0)],
        [[[2, 5, 3]], (x) => run(x, 1)],
        [[[2, 3]], (x) => run(x, null)],
        [[[5, 7]], byRow, true],
        [[[5, 7]], (x) => run(x, 0), true],
      ],
      rest,
    ),
    ...casesOf(`${op} long`, [...LONG.map((n) => [[[2, n]], byRow] as const)], { ...rest, differentiable: [] }),
    ...casesOf(
      `${op} mixed`,
      [
        [[[3, 6]], byRow],
        [[[18]], byRow],
      ],
      { ...rest, dtypes: FLOATS, differentiable: [], inputs: [{ shape: [], special: MIXED }] },
    ),
  ]
}

const positional = { dtypes: SORTED, differentiable: [] }
const sortErrors: Errors = [
  { run: () => sorting.sort(tensor(1), 1), kind: ShapeError, text: 'sort: axis 1 is out of range' },
  {
    run: () => sorting.argsort(zeros([2]), 0, { reverse: true } as never),
    kind: RangeError,
    text: "argsort: there is no option 'reverse'; there are descending, stable",
  },
  { run: () => sorting.topk(zeros([2]), 3), kind: RangeError, text: 'topk: k is 3, not a whole number from 0 to' },
  { run: () => sorting.kthvalue(zeros([2]), 0), kind: RangeError, text: 'kthvalue: k is 0, not a whole number from 1' },
  { run: () => sorting.maxWithIndices(zeros([0])), kind: ShapeError, text: 'maxWithIndices: there is nothing along' },
  { run: () => sorting.lexsort([]), kind: ShapeError, text: 'lexsort: needs at least one key' },
]

const places: readonly OpCases[] = [
  {
    op: 'sort',
    cases: [
      ...withValues(sortingCases('sort', sorting.sort, { dtypes: SORTED }), [[3, 1, 2]], [1, 2, 3]),
      ...sortingCases('sort descending', (x, axis) => sorting.sort(x, axis, { descending: true }), { dtypes: SORTED }),
    ],
    errors: sortErrors,
    large: [{ shape: [40, 7000] }],
  },
  {
    op: 'argsort',
    cases: [
      ...recorded(sortingCases('argsort', sorting.argsort, positional), [3, 1, 3, 2], [1, 3, 0, 2]),
      ...sortingCases('argsort descending', (x, axis) => sorting.argsort(x, axis, { descending: true }), positional),
      ...sortingCases('topk', (x, axis) => sorting.topk(x, 1, axis ?? 0).values, { dtypes: NUMBERS }).filter(
        ({ inputs: [{ shape }] }) => !shape.includes(0),
      ),
      ...casesOf('topk', [
        [[[3, 5]], (x) => sorting.topk(x, 3, 1, { largest: false }).values],
        [[[600, 2]], (x) => sorting.topk(x, 7, 0).values],
        [[[2, 4]], (x) => sorting.topk(x, 0).values],
      ]),
      ...casesOf('kthvalue', [
        [[[3, 5]], (x) => sorting.kthvalue(x, 2).values],
        [[[600, 2]], (x) => sorting.kthvalue(x, 300, 0, { keepdims: true }).values],
      ]),
      ...casesOf('kthvalue position', [[[[3, 5]], (x) => sorting.kthvalue(x, 2).indices]], {
        ...positional,
        inputs: [{ shape: [], special: MIXED }],
      }),
      ...casesOf('with indices', [
        [[[3, 5]], (x) => sorting.sortWithIndices(x).values],
        [[[3, 5]], (x) => sorting.maxWithIndices(x, 0).values],
        [[[3, 5]], (x) => sorting.minWithIndices(x, 1, { keepdims: true }).values],
        [[[3, 5]], (x) => sorting.medianWithIndices(x, 1).values],
        [[[3, 5]], (x) => sorting.nanmedianWithIndices(x, 0).values],
        [[[4, 3]], (x) => sorting.msort(x)],
      ]),
      ...casesOf(
        'positions',
        [
          [[[3, 6]], (x) => sorting.sortWithIndices(x).indices],
          [[[3, 6]], (x) => sorting.medianWithIndices(x, 1).indices],
          [[[3, 6]], (x) => sorting.nanmedianWithIndices(x, 1).indices],
          [[[3, 6]], (x) => sorting.lexsort([x.at(0), x.at(1), x.at(2)])],
          [[[3, 6]], (x) => mode(x).indices],
          [[[3, 6]], (x) => mode(x, 0, { keepdims: true }).values],
        ],
        { ...positional, dtypes: FLOATS, inputs: [{ shape: [], special: MIXED }] },
      ),
    ],
    large: [{ shape: [40, 7000] }],
  },
  ...(['median', 'nanmedian'] as const).map((op) => {
    const found = reductions(op, statistics[op], { dtypes: NUMBERS }, [[4, 1, 3, 2], 2])
    const withNaN = casesOf(
      `${op} mixed`,
      [
        [[[3, 6]], (x: Tensor) => statistics[op](x, 1)],
        [[[18]], (x: Tensor) => statistics[op](x)],
      ],
      { differentiable: [], inputs: [{ shape: [], special: MIXED }] },
    )
    const text = `${op}: there is nothing to reduce in [0, 3]`
    const errors = [{ run: () => statistics[op](zeros([0, 3])), kind: ShapeError, text }]
    return { ...found, cases: [...found.cases, ...withNaN], errors }
  }),
]

const near = { ulp: 64, atol: 1e-6 }

function foldCases(op: string, run: cumulative.Cumulative, rest: Partial<OpCase> = {}): OpCase[] {
  return casesOf(
    op,
    [
      [[[5]], (x) => run(x)],
      ...LENGTHS.map((n) => [[[2, n]], (x: Tensor) => run(x, 1)] as const),
      [[[5, 7]], (x) => run(x, 0)],
      [[[2, 3, 4]], (x) => run(x, 1, { reverse: true })],
      [[[4, 3]], (x) => run(x, 1, { reverse: true })],
      [[[3, 4]], (x) => run(x)],
      [[[5, 7]], (x) => run(x, 0), true],
    ],
    { ...near, ...rest },
  )
}

const folds: readonly OpCases[] = [
  {
    op: 'cumsum',
    cases: [
      ...recorded(foldCases('cumsum', cumulative.cumsum, { dtypes: SORTED }), [1, 2, 3], [1, 3, 6]),
      ...casesOf(
        'without NaN',
        [
          [[[3, 4]], (x) => nan.nancumsum(x, 1)],
          [[[3, 4]], (x) => nan.nancumprod(x)],
        ],
        { ...near, differentiable: [], inputs: [{ shape: [], special: [Number.NaN, 1, 2, Number.NaN] }] },
      ),
    ],
    errors: [
      { run: () => cumulative.cumsum(zeros([2]), 1), kind: ShapeError, text: 'cumsum: axis 1 is out of range' },
      {
        run: () => cumulative.cumsum(zeros([2]), 0, { exclusive: true } as never),
        kind: RangeError,
        text: "cumsum: there is no option 'exclusive'",
      },
    ],
    large: [{ shape: [300, 1000] }],
  },
  {
    op: 'cumprod',
    cases: [
      ...withValues(
        foldCases('cumprod', cumulative.cumprod, {
          dtypes: [...NUMBERS, 'int64'],
          inputs: [{ shape: [], range: [0.5, 1.5] }],
        }),
        [[2, 3, 4]],
        [2, 6, 24],
      ),
      ...casesOf('cumprod with zeros', [[[[2, 3]], (x) => cumulative.cumprod(x, 1)]], {
        inputs: [{ shape: [], special: [0, 0, 3, 2, 0, 0.5] }],
      }),
    ],
    large: [{ shape: [300, 1000], range: [0.99, 1.01] }],
  },
  {
    op: 'recurrence',
    cases: withValues(
      casesOf(
        'logcumsumexp',
        [
          [[[2]], (x) => cumulative.logcumsumexp(x)],
          [[[2, 5]], (x) => cumulative.logcumsumexp(x, 1)],
          [[[5, 3]], (x) => cumulative.logcumsumexp(x, 0)],
          [[[2, 0]], (x) => cumulative.logcumsumexp(x, 1)],
        ],
        near,
      ),
      [[1000, 1000 + Math.log(2)]],
      [1000, 1000 + Math.log(3)],
    ),
    large: [{ shape: [300, 1000] }],
  },
  {
    op: 'argscan',
    cases: [
      ...withValues(
        casesOf(
          'cummax',
          [
            [[[5]], (x) => cumulative.cummax(x).indices],
            [[[4, 7]], (x) => cumulative.cummax(x, 1).indices],
            [[[7, 4]], (x) => cumulative.cummin(x, 0).indices],
            [[[2, 5, 3]], (x) => cumulative.cummin(x, 1).indices],
            [[[2, 0]], (x) => cumulative.cummin(x, 1).indices],
          ],
          { dtypes: [...NUMBERS, 'uint8'], differentiable: [] },
        ),
        [[1, 3, 2, 3, 0]],
        [0, 1, 1, 3, 3],
      ),
      ...casesOf('running extremes', [
        [[[4, 5]], (x) => cumulative.cummax(x, 0).values],
        [[[4, 5]], (x) => cumulative.cummin(x, 1).values],
        [[[4, 5]], (x) => cumulative.cummin(x).values],
      ]),
      ...casesOf('running extremes mixed', [[[[3, 6]], (x) => cumulative.cummax(x, 1).indices]], {
        differentiable: [],
        inputs: [{ shape: [], special: MIXED }],
      }),
    ],
    large: [{ shape: [300, 1000] }],
  },
  {
    op: 'diff',
    cases: [
      ...withValues(
        casesOf('diff', [
          [[[3]], (x) => diff(x)],
          [[[3, 5]], (x) => diff(x, 0)],
          [[[3, 5]], (x) => diff(x, 1, { n: 2 })],
          [[[3, 2]], (x) => diff(x, 1, { n: 3 })],
          [[[3, 5]], (x) => diff(x, 1, { prepend: 0, append: x })],
          [[[3, 5]], (x) => trapezoid(x)],
          [[[3, 5]], (x) => trapezoid(x, 0.5, 0)],
          [[[3, 4], [3]], (y, x) => trapezoid(y, x, 0)],
        ]),
        [[1, 4, 9]],
        [3, 5],
      ),
      ...casesOf('diff of truth', [[[[9]], (x) => diff(x)]], {
        dtypes: ['bool'],
        inputs: [{ shape: [], range: [0, 2] }],
      }),
    ],
    errors: [{ run: () => diff(zeros([2]), 0, { n: -1 }), kind: RangeError, text: 'diff: n -1' }],
    large: [{ shape: [300, 1000] }],
  },
]

const METHODS = ['linear', 'lower', 'higher', 'midpoint', 'nearest'] as const
const quantiles = (op: 'quantile' | 'nanquantile'): OpCases => ({
  op,
  cases: [
    ...withValues(
      casesOf(
        op,
        [
          [[[4]], (x) => statistics[op](x, [0.25, 0.5])],
          ...METHODS.map((method) => [[[2, 7]], (x: Tensor) => statistics[op](x, 0.37, 1, { method })] as const),
          [[[4, 3]], (x) => statistics[op](x, [0, 0.5, 1], 0, { keepdims: true })],
          [[[2, 3, 4]], (x) => statistics[op](x, 0.9, [0, 2])],
        ],
        { ulp: 8 },
      ),
      [[4, 2, 3, 1]],
      [1.75, 2.5],
    ),
    ...casesOf(`${op} with NaN`, [[[[3, 6]], (x) => statistics[op](x, [0.3, 0.8], 1)]], {
      differentiable: [],
      inputs: [{ shape: [], special: [Number.NaN, 1, 2, Number.NaN] }],
    }),
  ],
  errors: [
    { run: () => statistics[op](zeros([2]), 1.5), kind: RangeError, text: `${op}: q is 1.5, which lies outside` },
    { run: () => statistics[op](zeros([0]), 0.5), kind: ShapeError, text: `${op}: there is nothing to reduce` },
    {
      run: () => statistics[op](zeros([2]), 0.5, 0, { method: 'cubic' as never }),
      kind: RangeError,
      text: `${op}: method 'cubic' is not one of linear, lower`,
    },
  ],
  large: [{ shape: [30, 10_000] }],
})

const NANS = [Number.NaN, 1, Number.NaN, -2, 3, 0.5, Number.NaN, Number.NaN]
const nans = (op: string, run: (x: Tensor, axis?: number) => Tensor, want: number): OpCases => ({
  op,
  cases: [
    ...withValues(casesOf(op, [[[[3]], (x) => run(x)]], near), [[Number.NaN, 2, 4]], want),
    ...casesOf(
      op,
      [
        [[[4, 2]], (x) => run(x, 1)],
        [[[2, 4]], (x) => run(x)],
      ],
      { ...near, differentiable: [], inputs: [{ shape: [], special: NANS }] },
    ),
    ...casesOf(`${op} of numbers`, [[[[3, 4]], (x) => run(x, 0)]], { ...near, dtypes: NUMBERS }),
  ],
  large: [{ shape: [300, 1000] }],
})

const norms = [0, 1, 2, 3, 0.5, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
const samples: readonly OpCases[] = [
  {
    op: 'variance',
    cases: [
      ...reductions('variance', (x, axis, options) => reduce.variance(x, axis, { ...options, correction: 0 }), near, [
        [1, 2, 6],
        14 / 3,
      ]).cases,
      ...casesOf(
        'std',
        [
          [[[3, 5]], (x) => reduce.std(x, 1)],
          [[[2, 3, 4]], (x) => reduce.std(x, [0, 2], { keepdims: true })],
        ],
        near,
      ),
      ...casesOf(
        'variance of too few',
        [
          [[[1]], (x) => reduce.variance(x)],
          [[[0]], (x) => reduce.variance(x)],
        ],
        { differentiable: [] },
      ),
    ],
    errors: [
      {
        run: () => reduce.std(zeros([2]), 0, { ddof: 1 } as never),
        kind: RangeError,
        text: "variance: there is no option 'ddof'; there are correction, keepdims",
      },
    ],
    large: [{ shape: [400, 700] }],
  },
  {
    op: 'logsumexp',
    cases: [
      ...reductions('logsumexp', reduce.logsumexp, near, [[1000, 1000], 1000 + Math.log(2)]).cases,
      ...casesOf('logsumexp mixed', [[[[3, 7]], (x) => reduce.logsumexp(x, 1)]], {
        ...near,
        differentiable: [],
        inputs: [{ shape: [], special: SPECIAL }],
      }),
      ...casesOf('logsumexp infinite', [[[[4, 2]], (x) => reduce.logsumexp(x, 1)]], {
        ...near,
        differentiable: [],
        inputs: [{ shape: [], special: [-Infinity, -Infinity, -Infinity, 0, Infinity, 1, Infinity, Number.NaN] }],
      }),
      ...casesOf('logsumexp of nothing', [[[[2, 0]], (x) => reduce.logsumexp(x, 1)]], near),
    ],
    large: [{ shape: [400, 700] }],
  },
  quantiles('quantile'),
  quantiles('nanquantile'),
  nans('nansum', nan.nansum, 6),
  nans('nanprod', nan.nanprod, 8),
  nans('nanmean', nan.nanmean, 3),
  nans('nanmax', nan.nanmax, 4),
  nans('nanmin', nan.nanmin, 2),
  nans('nanvar', nan.nanvar, 2),
  nans('nanstd', nan.nanstd, Math.SQRT2),
  {
    op: 'norm',
    cases: [
      ...withValues(
        casesOf(
          'norm',
          [
            [[[2]], (x) => norm(x)],
            ...norms.map((ord) => [[[3, 4]], (x: Tensor) => norm(x, ord, 1)] as const),
            [[[2, 3, 4]], (x) => norm(x, 2, [0, 2], { keepdims: true })],
          ],
          near,
        ),
        [[3, 4]],
        5,
      ),
      ...casesOf(
        'norm at 0',
        norms.map((ord) => [[[2, 2]], (x: Tensor) => norm(x, ord, 1)] as const),
        {
          ...near,
          differentiable: [],
          inputs: [{ shape: [], special: [0, 0, 0, -2] }],
        },
      ),
    ],
    errors: [
      { run: () => norm(zeros([2]), 'fro' as never), kind: RangeError, text: 'ord is fro, not a number' },
      { run: () => norm(zeros([0]), Infinity), kind: ShapeError, text: 'vectorNorm: there is nothing' },
    ],
    large: [{ shape: [300, 1000] }],
  },
  {
    op: 'average',
    cases: [
      ...casesOf(
        'average',
        [
          [[[3, 4], [4]], (x, w) => average(x, 1, { weights: w.square() })],
          [
            [
              [3, 4],
              [3, 4],
            ],
            (x, w) => average(x, null, { weights: w.square(), keepdims: true }),
          ],
        ],
        near,
      ),
      ...casesOf('average', [[[[3, 4]], (x) => average(x, 0)]], near),
      ...casesOf('aminmax', [
        [[[3, 4]], (x) => aminmax(x, 0).min],
        [[[3, 4]], (x) => aminmax(x).max],
      ]),
      ...casesOf('countNonzero', [[[[3, 4]], (x) => countNonzero(x, 1)]], {
        dtypes: SORTED,
        differentiable: [],
      }),
    ],
    errors: [
      {
        run: () => average(zeros([2, 3]), 0, { weights: zeros([3]) }),
        kind: ShapeError,
        text: 'average: weights [3] are neither [2, 3] nor [2]',
      },
    ],
    large: [{ shape: [300, 1000] }, { shape: [1000] }],
  },
]

const bins = (x: Tensor): Tensor => x.mul(2).floor().add(4).cast('int32')
const finding: readonly OpCases[] = [
  {
    op: 'searchsorted',
    cases: [
      ...withValues(
        casesOf(
          'searchsorted',
          [
            [[[3], [2]], (s, v) => searchsorted(sorting.sort(s), v)],
            [[[7], [2, 5]], (s, v) => searchsorted(sorting.sort(s), v, { side: 'right' })],
            [
              [
                [2, 7],
                [2, 5],
              ],
              (s, v) => searchsorted(sorting.sort(s), v),
            ],
            [[[0], [3]], (s, v) => searchsorted(s, v)],
            [[[7], []], (s, v) => searchsorted(sorting.sort(s), v)],
            [[[7], [3]], (s, v) => searchsorted(s, v, { sorter: sorting.argsort(s) })],
            [[[7], [3]], (s, v) => bucketize(v, sorting.sort(s), { right: true })],
            [[[7], [3, 4]], (s, v) => isin(v, s)],
            [[[0], [3]], (s, v) => isin(v, s)],
          ],
          { dtypes: [...NUMBERS, 'uint8'], differentiable: [] },
        ),
        [
          [1, 3, 5],
          [3, 4],
        ],
        [1, 2],
      ),
      ...casesOf(
        'searchsorted mixed',
        (['left', 'right'] as const).map((side) => [
          [[18], [18]],
          (s: Tensor, v: Tensor) => searchsorted(sorting.sort(s), v, { side }),
        ]),
        { differentiable: [], inputs: [{ shape: [], special: MIXED }] },
      ),
    ],
    errors: [
      {
        run: () => searchsorted(zeros([2, 3]), zeros([3, 3])),
        kind: ShapeError,
        text: 'searchsorted: sorted [2, 3] is neither one sequence nor one for each row of values [3, 3]',
      },
      {
        run: () => searchsorted(zeros([2]), zeros([3]), { side: 'middle' as never }),
        kind: RangeError,
        text: "searchsorted: side 'middle' is not one of left, right",
      },
    ],
    large: [{ shape: [1000] }, { shape: [300_000] }],
  },
  {
    op: 'masked',
    cases: [
      ...casesOf(
        'where',
        [
          [[[3, 4]], (x) => masked.flatnonzero(x)],
          [[[3, 4]], (x) => masked.argwhere(x.gt(0))],
          [[[2, 3, 4]], (x) => masked.nonzero(x.gt(0))[1]],
          [[[]], (x) => masked.argwhere(x)],
          [[[4, 0]], (x) => masked.argwhere(x)],
        ],
        { dtypes: SORTED, differentiable: [] },
      ),
      ...casesOf('maskedSelect', [
        [[[3, 4]], (x) => masked.maskedSelect(x, x.gt(0))],
        [[[3, 4]], (x) => masked.maskedSelect(x, x.at(0).gt(0))],
        [[[3, 4]], (x) => masked.maskedFill(x, x.gt(0), 7)],
        [[[3, 4], [4]], (x, v) => masked.maskedFill(x, x.gt(0), v.at(0))],
        [
          [
            [3, 4],
            [2, 6],
          ],
          (x, s) => masked.maskedScatter(x, x.gt(0), s),
        ],
      ]),
    ],
    errors: [
      {
        run: () => masked.maskedSelect(zeros([2]), zeros([2])),
        kind: DTypeError,
        text: "maskedSelect: mask has dtype float32, not bool; compare, or cast('bool')",
      },
      {
        run: () => masked.maskedScatter(zeros([3]), zeros([3]).eq(0), zeros([2])),
        kind: RangeError,
        text: 'maskedScatter: source has 2 elements for 3 places',
      },
    ],
    large: [{ shape: [300, 1000] }],
  },
  {
    op: 'unique',
    cases: recorded(
      casesOf(
        'unique',
        [
          [[[5]], (x) => unique(x)],
          [[[4, 5]], (x) => uniqueAll(x).indices],
          [[[4, 5]], (x) => uniqueAll(x).inverse],
          [[[4, 5]], (x) => uniqueAll(x).counts],
          [[[9, 1]], (x) => unique(x, 0)],
          [[[2, 9]], (x) => unique(x, 1)],
          [[[2, 9]], (x) => uniqueAll(x, 1).inverse],
          [[[12]], (x) => uniqueConsecutive(x).values],
          [[[3, 4]], (x) => uniqueConsecutive(x).counts],
          [[[9, 1]], (x) => uniqueConsecutive(x, 0).values],
          [[[0]], (x) => uniqueAll(x).counts],
        ],
        { dtypes: SORTED, differentiable: [] },
      ),
      [3, 1, 3, 2, 1],
      [1, 2, 3],
    ),
    errors: [{ run: () => unique(zeros([3, 0]), 0), kind: ShapeError, text: 'unique: the slices of [3, 0] are empty' }],
    large: [{ shape: [5] }],
  },
  {
    op: 'histogram',
    cases: [
      ...withValues(
        casesOf(
          'histogram',
          [
            [[[4]], (x) => histogram(x, { bins: 3 }).counts],
            [[[4, 9]], (x) => histogram(x, { bins: [-1, 0, 0.5, 2] }).counts],
            [[[40]], (x) => histogram(x, { bins: 5, range: [-1, 1], density: true }).counts],
            [[[40]], (x) => histogram(x, { bins: 5 }).edges],
            [[[0]], (x) => histogram(x).counts],
            [[[1]], (x) => histogram(x, { bins: 2 }).edges],
            [[[40]], (x) => histc(x, { bins: 7 })],
            [[[40]], (x) => histc(x, { bins: 4, min: -1, max: 1 })],
          ],
          { dtypes: NUMBERS, ulp: 8, differentiable: [] },
        ),
        [[1, 2, 2, 4]],
        [1, 2, 1],
      ),
      ...casesOf(
        'histogram',
        [
          [[[30], [30]], (x, w) => histogram(x, { bins: 4, weights: w }).counts],
          [[[30], [30]], (x, y) => histogram2d(x, y, { bins: [3, 4] }).counts],
          [[[30], [30]], (x, y) => histogram2d(x, y, { bins: 2, density: true, weights: x.square() }).counts],
          [[[30], [30]], (x, w) => bincount(bins(x), { weights: w, minlength: 20 })],
        ],
        { ...near, differentiable: [] },
      ),
      ...casesOf('bincount', [[[[30]], (x) => bincount(bins(x))]], { differentiable: [] }),
    ],
    errors: [
      { run: () => bincount(zeros([2])), kind: DTypeError, text: 'bincount: x has dtype float32, not whole numbers' },
      {
        run: () => bincount(tensor([1, -2], { dtype: 'int32' })),
        kind: RangeError,
        text: 'bincount: -2 among the elements',
      },
      { run: () => histogram(zeros([2]), { bins: 0 }), kind: RangeError, text: 'histogram: bins 0' },
      { run: () => histogram(zeros([2]), { bins: [2, 1] }), kind: RangeError, text: 'edges do not ascend: 2, 1' },
      { run: () => histogram(tensor([Number.NaN])), kind: RangeError, text: 'edges do not ascend: NaN, NaN' },
    ],
    large: [{ shape: [300_000] }],
  },
]

export const sortCases: readonly OpCases[] = [...places, ...folds, ...samples, ...finding]
