// Cases of the ops that know about axes: views, reductions, products, convolutions, picking.
import { tensor, zeros } from '../create.ts'
import { DTypeError, ShapeError } from '../errors.ts'
import { concat } from '../ops/concat.ts'
import { conv2d, maxPool2d } from '../ops/conv.ts'
import { gather, take } from '../ops/indexing.ts'
import { matmul } from '../ops/matmul.ts'
import * as reduce from '../ops/reduce.ts'
import * as slicing from '../ops/slicing.ts'
import { logSoftmax, softmax } from '../ops/softmax.ts'
import * as view from '../ops/view.ts'
import type { Tensor } from '../tensor.ts'
import type { InputSpec } from '../testing.ts'
import { FLOATS, LENGTHS, NUMBERS, type OpCase, type OpCases } from './case.ts'

type Runs = readonly (readonly [shapes: readonly (readonly number[])[], run: OpCase['run'], strided?: boolean])[]

/** Cases from shapes and calls; `rest` holds for all of them. */
function casesOf(op: string, runs: Runs, rest: Partial<OpCase> = {}): OpCase[] {
  return runs.map(([shapes, run, strided], i) => ({
    dtypes: FLOATS,
    ulp: 0,
    ...rest,
    name: `${op} #${i} ${shapes.map((s) => `[${s}]`).join(' ')}${strided ? ' strided' : ''}`,
    inputs: shapes.map((shape) => ({ ...rest.inputs?.[0], shape, strided })),
    run,
  }))
}

const withValues = (
  cases: OpCase[],
  inputs: NonNullable<OpCase['values']>['inputs'],
  want: NonNullable<OpCase['values']>['want'],
): OpCase[] => [{ ...cases[0], values: { inputs, want } }, ...cases.slice(1)]

const viewCases: readonly OpCases[] = [
  {
    op: 'reshape',
    cases: casesOf('reshape', [
      [[[2, 6]], (x) => view.reshape(x, [3, -1])],
      [[[2, 3, 4]], (x) => view.reshape(x, [4, 6]), true],
      [[[4, 5]], (x) => view.flatten(x)],
      [[[1, 4, 1]], (x) => view.unsqueeze(view.squeeze(x), -1)],
    ]),
    errors: [
      { run: () => view.reshape(zeros([2, 3]), [4]), kind: ShapeError, text: 'reshape: [2, 3] has 6 elements' },
      { run: () => view.reshape(zeros([2, 3]), [-1, -1]), kind: ShapeError, text: 'reshape' },
      { run: () => view.squeeze(zeros([2, 3]), 0), kind: ShapeError, text: 'squeeze: axis 0 of [2, 3] has length 2' },
    ],
    large: [{ shape: [512, 600], strided: true }],
  },
  {
    op: 'permute',
    cases: casesOf('permute', [
      [[[2, 3, 4]], (x) => view.permute(x, [2, 0, 1]).mul(1)],
      [[[17, 19]], (x) => view.transpose(x).mul(1)],
    ]),
    errors: [
      { run: () => view.permute(zeros([2, 3]), [0, 0]), kind: ShapeError, text: 'does not name each of the 2 axes' },
    ],
    large: [{ shape: [64, 60, 80] }],
  },
  {
    op: 'expand',
    cases: casesOf('expand', [[[[3, 1]], (x) => view.expand(x, [2, 3, 4]).mul(1)]]),
    errors: [
      {
        run: () => view.expand(zeros([2, 3]), [2, 4]),
        kind: ShapeError,
        text: 'expand: [2, 3] does not repeat to [2, 4]',
      },
    ],
    large: [{ shape: [3, 1] }],
  },
  {
    op: 'at',
    cases: casesOf('at', [
      [[[5, 6]], (x) => slicing.at(x, slicing.slice(1, 4), slicing.slice(null, null, -2)).mul(1)],
      [[[5, 6]], (x) => slicing.at(x, -1, null).mul(1)],
      [[[2, 3, 4]], (x) => slicing.at(x, '...', slicing.slice(0, 2)).mul(1)],
    ]),
    errors: [
      { run: () => slicing.at(zeros([2]), 2), kind: RangeError, text: 'at: index 2 is outside axis 0 of [2]' },
      { run: () => slicing.at(zeros([2]), 0, 0), kind: ShapeError, text: 'at: 2 indices do not fit [2]' },
    ],
    large: [{ shape: [1024, 600] }],
  },
  {
    op: 'spread',
    cases: casesOf('spread', [
      [
        [[2, 3]],
        (x) =>
          slicing.pad(
            x,
            [
              [1, 2],
              [0, 1],
            ],
            0.5,
          ),
      ],
      [[[2, 3]], (x) => slicing.spread(x, [4, 6], [slicing.slice(null, null, 2), slicing.slice(null, null, -2)])],
    ]),
    errors: [{ run: () => slicing.pad(zeros([2]), [[-1, 0]]), kind: ShapeError, text: 'pad' }],
    large: [{ shape: [512, 600] }],
  },
  {
    op: 'copy',
    cases: casesOf('copy', [
      [[[65, 33]], (x) => view.transpose(x).copy()],
      [[[2, 3, 4, 5, 6]], (x) => view.permute(x, [4, 2, 0, 3, 1]).copy()],
      [[[7]], (x) => view.expand(x, [3, 7]).copy()],
    ]),
    large: [{ shape: [512, 600] }],
  },
  {
    op: 'concat2',
    cases: casesOf('concat', [
      [
        [
          [2, 3],
          [1, 3],
        ],
        (a, b) => concat([a, b]),
      ],
      [
        [
          [2, 3],
          [2, 4],
        ],
        (a, b) => concat([a, b], -1),
      ],
    ]),
    errors: [
      {
        run: () => concat([zeros([2, 3]), zeros([2, 4])]),
        kind: ShapeError,
        text: 'concat: [2, 3] and [2, 4] differ beside axis 0',
      },
    ],
    large: [{ shape: [512, 600] }, { shape: [512, 600] }],
  },
]

/** Shapes and axes of reductions: rows, columns, the middle, several at once, all. */
const reductions = (
  op: string,
  run: reduce.Reduction,
  rest: Partial<OpCase>,
  values: [number[], number | boolean],
  large = 400,
): OpCases => {
  const cases = casesOf(
    op,
    [
      [[[3, 4]], (x) => run(x)],
      ...LENGTHS.filter((n) => n > 0).map((n) => [[[3, n]], (x: Tensor) => run(x, 1)] as const),
      ...LENGTHS.filter((n) => n > 0).map((n) => [[[n, 5]], (x: Tensor) => run(x, 0, { keepdims: true })] as const),
      [[[2, 3, 4]], (x) => run(x, [0, 2])],
      [[[2, 3, 4]], (x) => run(x, 1)],
      [[[5, 7]], (x) => run(x, -1), true],
    ],
    rest,
  )
  return { op, cases: withValues(cases, [values[0]], values[1]), large: [{ shape: [large, 700] }] }
}

const least = { run: () => reduce.max(zeros([0])), kind: ShapeError, text: 'max: there is nothing to reduce in [0]' }
const reduceCases: readonly OpCases[] = [
  {
    ...reductions('sum', reduce.sum, { ulp: 64, atol: 1e-6, dtypes: NUMBERS }, [[1, 2, 3], 6]),
    errors: [
      {
        run: () => reduce.sum(zeros([2, 3]), 2),
        kind: ShapeError,
        text: 'sum: axis 2 is out of range for rank 2 (axes run from -2 to 1)',
      },
      { run: () => reduce.sum(zeros([2, 3]), [0, 0]), kind: ShapeError, text: 'sum: axis given twice' },
    ],
  },
  reductions('mean', reduce.mean, { ulp: 64, atol: 1e-7 }, [[1, 2, 6], 3]),
  reductions('prod', reduce.prod, { ulp: 128, inputs: [{ shape: [], range: [0.5, 1.5] }] }, [[2, 3, 4], 24], 60),
  {
    op: 'prod',
    cases: [
      ...casesOf('prod with a zero', [[[[4]], (x) => reduce.prod(x)]], {
        inputs: [{ shape: [], special: [0, 1.5, 2, 3] }],
      }),
      ...casesOf('prod with zeros', [[[[2, 3]], (x) => reduce.prod(x, 1)]], {
        inputs: [{ shape: [], special: [0, 0, 3, 0, 2, 0.5] }],
      }),
    ],
    large: [{ shape: [4] }],
  },
  { ...reductions('max', reduce.max, { dtypes: NUMBERS }, [[1, 3, 2], 3]), errors: [least] },
  reductions('min', reduce.min, { dtypes: NUMBERS }, [[3, 1, 2], 1]),
  reductions('any', reduce.any, { dtypes: ['bool'], differentiable: [], inputs: [{ shape: [], range: [0, 2] }] }, [
    [0, 1],
    true,
  ]),
  reductions('all', reduce.all, { dtypes: ['bool'], differentiable: [], inputs: [{ shape: [], range: [0, 2] }] }, [
    [0, 1],
    false,
  ]),
  ...(['argmax', 'argmin'] as const).map((op) => {
    const cases = casesOf(
      op,
      [
        [[[5]], (x) => reduce[op](x)],
        [[[4, 17]], (x) => reduce[op](x, 1)],
        [[[17, 4]], (x) => reduce[op](x, 0, { keepdims: true })],
      ],
      { dtypes: NUMBERS, differentiable: [] },
    )
    return {
      op,
      cases: withValues(cases, [[1, 3, 3, -1, -1]], op === 'argmax' ? 1 : 3),
      large: [{ shape: [400, 700] }],
    }
  }),
  ...(
    [
      ['softmax', softmax],
      ['logSoftmax', logSoftmax],
    ] as const
  ).map(([op, run]) => ({
    op,
    cases: withValues(
      casesOf(
        op,
        [
          [[[1, 2]], (x) => run(x)],
          ...LENGTHS.filter((n) => n > 0).map((n) => [[[3, n]], (x: Tensor) => run(x)] as const),
          [[[4, 5]], (x) => run(x, 0)],
          [[[2, 3, 4]], (x) => run(x, 1)],
        ],
        { ulp: 16, atol: 1e-7 },
      ),
      [[[0, Math.log(3)]]],
      op === 'softmax' ? [[0.25, 0.75]] : [[Math.log(0.25), Math.log(0.75)]],
    ),
    large: [{ shape: [400, 700] }],
    errors: [{ run: () => run(tensor(1)), kind: ShapeError, text: `${op}: a scalar has no axis` }],
  })),
]

const products: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [1, 1],
    [1, 1],
  ],
  [
    [2, 3],
    [3, 4],
  ],
  [
    [5, 16],
    [16, 9],
  ],
  [
    [17, 8],
    [8, 33],
  ],
  [
    [64, 65],
    [65, 66],
  ],
  [
    [1, 70],
    [70, 33],
  ],
  [
    [33, 70],
    [70, 1],
  ],
  [
    [3, 0],
    [0, 2],
  ],
  [
    [2, 3, 4],
    [2, 4, 5],
  ],
  [
    [2, 1, 3, 4],
    [5, 4, 2],
  ],
  [[4], [4]],
  [[4], [4, 3]],
  [[6, 2, 4], [4]],
]
const productCases: readonly OpCases[] = [
  {
    op: 'matmul',
    cases: withValues(
      [
        ...casesOf(
          'matmul',
          products.map(([a, b]) => [[a, b], (x: Tensor, y: Tensor) => matmul(x, y)] as const),
          { ulp: 256, atol: 2e-5 },
        ),
        ...casesOf(
          'matmul transposed',
          [
            [
              [
                [16, 33],
                [16, 9],
              ],
              (x, y) => matmul(x.mT, y),
            ],
            [
              [
                [5, 16],
                [9, 16],
              ],
              (x, y) => matmul(x, y.mT),
            ],
            [
              [
                [130, 70],
                [90, 130],
              ],
              (x, y) => matmul(x.mT, y.mT),
            ],
            [
              [
                [3, 5, 7],
                [3, 5, 7],
              ],
              (x, y) => matmul(x.mT, y),
            ],
          ],
          { ulp: 256, atol: 2e-5 },
        ),
      ],
      [[[2]], [[3]]],
      [[6]],
    ),
    errors: [
      {
        run: () => matmul(zeros([2, 3]), zeros([4, 5])),
        kind: ShapeError,
        text: 'matmul: inner sizes differ: a [2, 3], b [4, 5] (3 ≠ 4)',
      },
      { run: () => matmul(tensor(1), zeros([4])), kind: ShapeError, text: 'at least one axis each' },
    ],
    large: [{ shape: [300, 200] }, { shape: [200, 260] }],
  },
]

const image: InputSpec = { shape: [2, 3, 8, 7] }
const convRuns: readonly (readonly [readonly number[], readonly number[], Parameters<typeof conv2d>[2]?])[] = [
  [
    [1, 1, 5, 5],
    [1, 1, 3, 3],
  ],
  [[2, 3, 8, 7], [4, 3, 3, 3], { padding: 1 }],
  [[2, 3, 8, 7], [4, 3, 3, 2], { stride: [2, 1], padding: [0, 1] }],
  [[1, 4, 9, 9], [6, 2, 3, 3], { groups: 2, dilation: 2, padding: 2 }],
  [[1, 4, 6, 6], [4, 1, 3, 3], { groups: 4, padding: 1, stride: 2 }],
  [
    [2, 5, 4, 4],
    [3, 5, 1, 1],
  ],
]
const convolutions = (op: string, large: readonly InputSpec[]): OpCases => ({
  op,
  cases: withValues(
    casesOf(
      op,
      convRuns.map(([x, w, o]) => [[x, w], (a: Tensor, b: Tensor) => conv2d(a, b, o)] as const),
      { ulp: 256, atol: 2e-5 },
    ),
    [
      [
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
      ],
      [
        [
          [
            [1, 1],
            [1, 1],
          ],
        ],
      ],
    ],
    [[[[10]]]],
  ),
  errors: [
    {
      run: () => conv2d(zeros([1, 3, 5, 5]), zeros([2, 2, 3, 3])),
      kind: ShapeError,
      text: 'conv2d: channels do not fit',
    },
    {
      run: () => conv2d(zeros([1, 1, 2, 2]), zeros([1, 1, 3, 3])),
      kind: ShapeError,
      text: 'is larger than the padded image',
    },
    {
      run: () => conv2d(zeros([1, 1, 5, 5]), zeros([1, 1, 3, 3]), { stride: 0 }),
      kind: RangeError,
      text: 'conv2d: stride 0',
    },
  ],
  large,
})

const index = (values: number[] | number[][]): Tensor => tensor(values, { dtype: 'int32' })
const spatialCases: readonly OpCases[] = [
  convolutions('conv2d', [{ shape: [8, 4, 28, 28] }, { shape: [16, 4, 3, 3] }]),
  {
    op: 'maxPool2d',
    cases: withValues(
      casesOf('maxPool2d', [
        [[[1, 1, 2, 2]], (x) => maxPool2d(x, 2)],
        [[image.shape], (x) => maxPool2d(x, 2)],
        [[image.shape], (x) => maxPool2d(x, 3, { stride: 2, padding: 1 })],
        [[image.shape], (x) => maxPool2d(x, [2, 3], { stride: [2, 1], padding: [1, 1] })],
      ]),
      [
        [
          [
            [
              [1, 2],
              [4, 3],
            ],
          ],
        ],
      ],
      [[[[4]]]],
    ),
    errors: [
      {
        run: () => maxPool2d(zeros([1, 1, 4, 4]), 2, { padding: 2 }),
        kind: RangeError,
        text: 'more than half the window',
      },
    ],
    large: [{ shape: [16, 16, 28, 28] }],
  },
  {
    op: 'take',
    cases: casesOf('take', [
      [[[5, 3]], (x) => take(x, index([4, 0, -1, 0]))],
      [
        [[2, 5, 3]],
        (x) =>
          take(
            x,
            index([
              [4, 0],
              [1, 1],
            ]),
            1,
          ),
      ],
    ]),
    errors: [
      {
        run: () => take(zeros([2, 3]), index([0, 2])),
        kind: RangeError,
        text: 'take: index 2 (at flat position 1) is outside an axis of length 2',
      },
      { run: () => take(zeros([2, 3]), tensor([0.5])), kind: DTypeError, text: 'take: index has dtype float32' },
    ],
    large: [{ shape: [5, 60_000] }],
  },
  {
    op: 'gather',
    cases: casesOf('gather', [
      [
        [[3, 4]],
        (x) =>
          gather(
            x,
            index([
              [0, 1, 2, 0],
              [2, 2, -1, 1],
            ]),
            0,
          ),
      ],
      [
        [[2, 5]],
        (x) =>
          gather(
            x,
            index([
              [0, 4],
              [3, 3],
            ]),
            1,
          ),
      ],
    ]),
    errors: [{ run: () => gather(zeros([2, 3]), index([[0], [3]]), 1), kind: RangeError, text: 'gather: index 3' }],
    large: [{ shape: [3, 4] }],
  },
]

export const structuredCases: readonly OpCases[] = [...viewCases, ...reduceCases, ...productCases, ...spatialCases]
