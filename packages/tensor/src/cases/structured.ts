// Cases of the ops that reduce axes, or work along one.
import { tensor, zeros } from '../create.ts'
import { ShapeError } from '../errors.ts'
import * as reduce from '../ops/reductions/reduce.ts'
import { logSoftmax, softmax } from '../ops/reductions/softmax.ts'
import type { Tensor } from '../tensor.ts'
import { casesOf, LENGTHS, NUMBERS, type OpCase, type OpCases, withValues } from './case.ts'

/** Shapes and axes of reductions: rows, columns, the middle, several at once, all. */
export const reductions = (
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
  ...Object.entries({ argmax: reduce.argmax, argmin: reduce.argmin }).map(([op, find]) => {
    const cases = casesOf(
      op,
      [
        [[[5]], (x) => find(x)],
        [[[4, 17]], (x) => find(x, 1)],
        [[[17, 4]], (x) => find(x, 0, { keepdims: true })],
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
    errors: [{ run: () => run(tensor(1), 1), kind: ShapeError, text: `${op}: axis 1 is out of range` }],
  })),
]

export const structuredCases: readonly OpCases[] = reduceCases
