// Cases of products: of matrices, by equations, along axes.
import { tensor, zeros } from '../create.ts'
import { ShapeError } from '../errors.ts'
import { einsum } from '../ops/products/einsum.ts'
import { matmul } from '../ops/products/matmul.ts'
import { dot, inner, kron, outer, tensordot, vdot, vecdot } from '../ops/products/products.ts'
import type { Tensor } from '../tensor.ts'
import { casesOf, type OpCases, withValues } from './case.ts'

/** Sums in another order differ by this much. */
const LOOSE = { ulp: 256, atol: 2e-5 }

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
export const productCases: readonly OpCases[] = [
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
                [7, 45],
                [50, 45],
              ],
              (x, y) => matmul(x, y.mT),
            ],
            [
              [
                [2, 3, 40],
                [2, 39, 40],
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
  {
    op: 'einsum',
    cases: withValues(
      [
        ['ii', [3, 3]] as const,
        ['ij,jk->ik', [2, 3], [3, 4]] as const,
        ['bhid,bhjd->bhij', [2, 2, 3, 4], [2, 2, 5, 4]] as const,
        ['...ij,...jk->...ik', [2, 1, 3, 4], [5, 4, 2]] as const,
        ['ijk,jil->kl', [2, 3, 4], [3, 2, 5]] as const,
        ['bn,anm,bm->ba', [2, 5], [3, 5, 4], [2, 4]] as const,
        ['iij->j', [3, 3, 2]] as const,
        ['ij,ij->ji', [2, 3], [2, 1]] as const,
        ['Ba,i', [2, 3], [4]] as const,
        ['i...->...', [3, 2, 2]] as const,
      ].flatMap(([equation, ...shapes]) =>
        casesOf(`einsum ${equation}`, [[shapes, (...xs) => einsum(equation, ...xs)]], LOOSE),
      ),
      [
        [
          [1, 2, 3],
          [4, 5, 6],
          [7, 8, 9],
        ],
      ],
      15,
    ),
    errors: [
      { run: () => einsum('ij,jk', zeros([2, 3]), zeros([2, 3])), kind: ShapeError, text: 'axis j is 3 and 2 long' },
      { run: () => einsum('ijk->i', zeros([2, 3])), kind: ShapeError, text: "2 axes, but is named 'ijk'" },
      { run: () => einsum('ii->i', zeros([2, 3])), kind: ShapeError, text: 'axis i is 2 and 3 long' },
      { run: () => einsum('ij->k', zeros([2, 3])), kind: RangeError, text: 'the result has k, which no operand has' },
      { run: () => einsum('ij->ii', zeros([2, 3])), kind: RangeError, text: 'the result has i twice' },
      { run: () => einsum('i,j', zeros([2])), kind: RangeError, text: 'names 2 operands, but there are 1' },
      { run: () => einsum('i1->i', zeros([2, 2])), kind: RangeError, text: "'i1' is not of letters" },
      { run: () => einsum('i->j->i', zeros([2])), kind: RangeError, text: 'more than one ->' },
      { run: () => einsum('...i...', zeros([2])), kind: RangeError, text: 'at most one ellipsis' },
      { run: () => einsum('i', 2 as never), kind: TypeError, text: 'operand 0 is a number' },
    ],
    large: [{ shape: [600, 600] }],
  },
  {
    op: 'tensordot',
    cases: withValues(
      casesOf(
        'tensordot',
        [
          [
            [
              [2, 2],
              [2, 2],
            ],
            (a, b) => tensordot(a, b),
          ],
          [
            [
              [2, 3, 4],
              [4, 3, 5],
            ],
            (a, b) =>
              tensordot(a, b, [
                [1, 2],
                [1, 0],
              ]),
          ],
          [[[2], [3]], (a, b) => tensordot(a, b, 0)],
        ],
        LOOSE,
      ),
      [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [1, 0],
          [0, 1],
        ],
      ],
      5,
    ),
    errors: [
      { run: () => tensordot(zeros([2, 3]), zeros([4, 2]), 1), kind: ShapeError, text: 'meet, but 3 ≠ 4' },
      { run: () => tensordot(zeros([2]), zeros([2])), kind: RangeError, text: 'cannot meet in 2 axes' },
      {
        run: () => tensordot(zeros([2]), zeros([2]), [[0], []]),
        kind: ShapeError,
        text: 'not two lists of equal length',
      },
    ],
    large: [{ shape: [300, 200] }, { shape: [300, 200] }],
  },
  {
    op: 'kron',
    cases: withValues(
      casesOf(
        'kron',
        [
          [[[2], [2]], kron],
          [
            [
              [2, 3],
              [2, 2],
            ],
            kron,
          ],
          [[[2, 1, 2], [3]], kron],
        ],
        LOOSE,
      ),
      [
        [1, 2],
        [3, 4],
      ],
      [3, 4, 6, 8],
    ),
    large: [{ shape: [600] }, { shape: [600] }],
  },
  ...(
    [
      [
        'outer',
        outer,
        [[2], [3]],
        [
          [[1, 2], [3]],
          [[3], [6]],
        ],
        'outer: a [2, 2] is not a vector',
      ],
      [
        'inner',
        inner,
        [
          [2, 3],
          [4, 3],
        ],
        [
          [
            [1, 2],
            [3, 4],
          ],
          11,
        ],
        'inner: axis 1 of a [2, 2] and axis 0 of b [3] meet, but 2 ≠ 3',
      ],
      [
        'dot',
        dot,
        [[5], [5]],
        [
          [
            [1, 2],
            [3, 4],
          ],
          11,
        ],
        'dot: a [2, 2] is not a vector',
      ],
      [
        'vdot',
        vdot,
        [
          [2, 3],
          [3, 2],
        ],
        [
          [
            [1, 2],
            [3, 4],
          ],
          11,
        ],
        'differ in size',
      ],
      [
        'vecdot',
        vecdot,
        [[2, 3], [3]],
        [
          [
            [1, 2],
            [3, 4],
          ],
          11,
        ],
        'vecdot: axis 1 of a [2, 2] and axis 0 of b [3] meet',
      ],
    ] as const
  ).map(([op, run, shapes, [inputs, want], text]) => ({
    op,
    cases: withValues(casesOf(op, [[shapes, (a, b) => run(a, b)]], LOOSE), inputs as never, want as never),
    errors: [{ run: () => run(zeros([2, 2]), zeros([3])), kind: ShapeError, text }],
    large: [{ shape: [600] }, { shape: [600] }],
  })),
]
