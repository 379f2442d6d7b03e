// Cases of the ops that pick and put by position.
import { tensor, zeros } from '../create.ts'
import type { DType } from '../dtype.ts'
import { DTypeError, ShapeError } from '../errors.ts'
import { gather, indexSelect, locate, positions, take, takeAlongAxis } from '../ops/indexing/indexing.ts'
import { indexPut, set } from '../ops/indexing/put.ts'
import * as scattering from '../ops/indexing/scatter.ts'
import { at, type Index } from '../ops/indexing/slicing.ts'
import { slice } from '../ops/indexing/window.ts'
import { oneHot } from '../ops/shape/grids.ts'
import type { Tensor } from '../tensor.ts'
import { casesOf, NUMBERS, type OpCase, type OpCases, withValues } from './case.ts'

const EVERY: readonly DType[] = [...NUMBERS, 'uint8', 'bool']
/** Positions: a vector of numbers, or a matrix of rows. */
const index = (...values: number[] | number[][]): Tensor => tensor(values, { dtype: 'int32' })
/** Positions below n all over a shape, many of them twice. */
const over = ({ shape, size }: Tensor, n: number): Tensor =>
  tensor(
    Int32Array.from({ length: size }, (_, i) => (i * 7 + (i >> 3)) % n),
    { shape },
  )
/** Rows, in one line. */
const list = <T>(...values: T[]): T[] => values
const rows = list([0, 1, 2, 0], [2, 2, -1, 1])
const mask = list('1001', '0100', '1101').map((row) => [...row].map((c) => c === '1'))

const picks = (op: string, shape: readonly number[], runs: readonly OpCase['run'][]): OpCase[] =>
  casesOf(
    op,
    runs.flatMap((run) => [[[shape], run] as const, [[shape], run, true] as const]),
    { dtypes: EVERY },
  )

/** Indices of a [3, 4, 2], as `at` and assignments take them. */
const indices: readonly (readonly Index[])[] = [
  [[2, -3]],
  [list([0, 1], [2, 2]), [1, 3]],
  [slice(), [1, 3]],
  [[0, 2], slice(null, null, -1), [1, 0]],
  [slice(1), 2, [1]],
  [1, '...', [1, 0]],
  [null, [0, 1], null, [0]],
  [mask],
  [slice(), [true, false, false, true], slice(0, 1)],
  ['...', [false, true]],
]

/** The same, and some that select elements more than once. */
const repeated: readonly (readonly Index[])[] = [...indices, [[2, 0, -1]], [slice(), [1, 1]], [1, '...', [0, 1, 0]]]

/** A value that fits what an index selects. */
const along = (x: Tensor, of: readonly Index[]): Tensor =>
  at(x, ...of)
    .ravel()
    .at(0)
    .mul(2)

const scatters = (op: string, run: (x: Tensor, s: Tensor, i: Tensor, axis: number) => Tensor): OpCase[] =>
  casesOf(
    op,
    [
      [list([3, 4], [2, 4]), (x, s) => run(x, s, over(s, x.shape[0]), 0)],
      [list([3, 4], [3, 4]), (x, s) => run(x, s, index([3, 0], [-1, 1], [2, 0]), 1)],
      [list([5, 4], [3, 5]), (x, s) => run(x, s, index([1, 0], [4, -2]), 0)],
      [list([5], [7]), (x, s) => run(x, s, index(4, 0, 1), 0)],
      [list([3, 4], [2, 4]), (x, s) => run(x, s, index([], []), 1)],
    ],
    { dtypes: NUMBERS },
  )

const meets = (reduce: 'sum' | 'prod' | 'mean' | 'amax' | 'amin'): OpCase[] =>
  [true, false].flatMap((includeSelf) =>
    casesOf(
      `scatterReduce ${reduce} ${includeSelf}`,
      [
        [
          list([3, 4], [4, 4]),
          (x, s) => scattering.scatterReduce(x, index(...rows, ...rows), s, { reduce, includeSelf }),
        ],
        [
          list([2, 3, 4], [2, 5, 4]),
          (x, s) =>
            scattering.scatterReduce(x, index(0, 1, 1, 0, 1).reshape([1, 5, 1]).expand([2, 5, 4]), s, {
              axis: 1,
              reduce,
              includeSelf,
            }),
        ],
        [list([5], [7]), (x, s) => scattering.scatterReduce(x, index(4, 0, 0, 1, 4), s, { reduce, includeSelf })],
      ],
      { dtypes: EVERY, ulp: 4, atol: 1e-6 },
    ),
  )

const pickingCases: readonly OpCases[] = [
  {
    op: 'take',
    cases: [
      ...picks('take', [5, 3], [(x) => take(x, index(4, 0, -1, 0)), (x) => take(x, index(...rows), null)]),
      ...picks('take', [2, 5, 3], [(x) => take(x, index([4, 0], [1, 1]), 1), (x) => indexSelect(x, index(2, 2), -1)]),
      ...repeated.flatMap((of) => picks(`at ${JSON.stringify(of)}`, [3, 4, 2], [(x) => at(x, ...of)])),
      ...picks('at the mask', [3, 4], [(x) => at(x, tensor(mask), null)]),
      ...picks('at a scalar', [], [(x) => at(x, tensor(true))]),
    ],
    errors: [
      {
        run: () => take(zeros([2, 3]), index(0, 2)),
        kind: RangeError,
        text: 'take: index 2 (at flat position 1) is outside an axis of length 2',
      },
      { run: () => take(zeros([2, 3]), tensor([0.5])), kind: DTypeError, text: 'take: index has dtype float32' },
      {
        run: () => indexSelect(zeros([3]), index(...rows)),
        kind: ShapeError,
        text: 'indexSelect: index [2, 4] is not a vector',
      },
      { run: () => at(zeros([3]), [0.5]), kind: DTypeError, text: 'at: 0.5 among the positions' },
      { run: () => at(zeros([3]), tensor([0])), kind: DTypeError, text: 'at: index has dtype float32' },
      { run: () => at(zeros([3]), [3]), kind: RangeError, text: 'at: index 3 (at flat position 0) is outside' },
      { run: () => at(zeros([3, 4]), [0, 1], [0, 1, 2]), kind: ShapeError, text: 'at: shapes do not broadcast' },
      { run: () => at(zeros([3]), [true, false]), kind: ShapeError, text: 'at: a mask [2] does not fit axes of [3]' },
      { run: () => at(zeros([3]), tensor(mask)), kind: ShapeError, text: 'at: indices for 2 axes do not fit [3]' },
    ],
    large: [{ shape: [5, 60_000] }],
  },
  {
    op: 'gather',
    cases: [
      ...picks(
        'gather',
        [3, 4],
        [(x) => gather(x, over(x.at(slice(0, 2)), x.shape[0]), 0), (x) => takeAlongAxis(x, index([1], [0], [3]), 1)],
      ),
      ...picks(
        'gather',
        [2, 5],
        [(x) => gather(x, index([0, 4], [3, 3]), 1), (x) => takeAlongAxis(x, index([1, 0]), 1)],
      ),
      ...picks(
        'gather',
        [5, 1],
        [(x) => takeAlongAxis(x, index(...rows), 0), (x) => takeAlongAxis(x, index(...rows), null)],
      ),
    ],
    errors: [
      { run: () => gather(zeros([2, 3]), index([0], [3]), 1), kind: RangeError, text: 'gather: index 3' },
      { run: () => takeAlongAxis(zeros([2, 3]), index(0)), kind: ShapeError, text: 'needs the rank of x [2, 3]' },
    ],
    large: [{ shape: [50, 150_001] }],
  },
  {
    op: 'locate',
    cases: casesOf(
      'locate',
      [
        [list([3, 1], [4]), (b, i) => locate(b, i, { op: 'locate', size: 3, stride: 5 })],
        [list([], [2, 3]), (b, i) => locate(b, i, { op: 'locate', size: 2, stride: 0 })],
      ],
      { dtypes: ['int32'] },
    ),
    errors: [
      { run: () => oneHot(index(0, -1), 3), kind: RangeError, text: 'oneHot: index -1 (at flat position 1)' },
      { run: () => oneHot(index(3), 3), kind: RangeError, text: 'oneHot: index 3' },
      { run: () => oneHot(index(0), 0), kind: RangeError, text: 'oneHot: classes 0' },
    ],
    large: [
      { shape: [600, 1], dtype: 'int32' },
      { shape: [700], dtype: 'int32' },
    ],
  },
  {
    op: 'positions',
    cases: [0, 1, 15, 16, 17, 40].map((n) => ({
      ...casesOf('positions', [[[[n]], (x) => positions('positions', x)]], { dtypes: ['bool'] })[0],
      inputs: [{ shape: [n], range: [0, 2] as const }],
    })),
    large: [{ shape: [300_000], range: [0, 2] }],
  },
]

const puttingCases: readonly OpCases[] = [
  {
    op: 'indexPut',
    cases: [
      ...withValues(
        casesOf('indexPut', [[list([3], [2]), (x, v) => indexPut(x, slice(null, null, 2), v)]], { dtypes: EVERY }),
        list([1, 2, 3], [7, 8]),
        [7, 2, 8],
      ),
      ...casesOf(
        'indexPut',
        [
          [list([4, 5], [5]), (x, v) => indexPut(x, [1], v)],
          [list([4, 5], [2, 1]), (x, v) => indexPut(x, [slice(1, 3), slice(null, null, -2)], v), true],
          [list([4, 5], [1, 4]), (x, v) => indexPut(x, ['...', -1], v, { accumulate: true })],
          [list([2, 3], []), (x, v) => indexPut(x, [], v)],
        ],
        { dtypes: EVERY },
      ),
      ...indices.flatMap((of) =>
        picks(`indexPut ${JSON.stringify(of)}`, [3, 4, 2], [(x) => indexPut(x, of, along(x, of))]),
      ),
      ...repeated.flatMap((of) =>
        picks(
          `indexPut ${JSON.stringify(of)} accumulate`,
          [3, 4, 2],
          [(x) => indexPut(x, of, along(x, of), { accumulate: true })],
        ),
      ),
    ],
    errors: [
      {
        run: () => indexPut(zeros([2, 3]), 0, zeros([2])),
        kind: ShapeError,
        text: 'values [2] do not broadcast to [3]',
      },
      { run: () => indexPut(zeros([2, 3]), 2, 1), kind: RangeError, text: 'indexPut: index 2 is outside axis 0' },
      { run: () => indexPut(zeros([2, 3]), [[2]], 1), kind: RangeError, text: 'indexPut: index 2' },
      { run: () => set(zeros([2, 1]).expand([2, 3]), 0, 1), kind: ShapeError, text: 'set: elements of x [2, 3] share' },
      { run: () => set(zeros([3]), [[0, 1]], zeros([3])), kind: ShapeError, text: 'set: values [3] do not broadcast' },
    ],
    large: [{ shape: [300_001] }, { shape: [150_001] }],
  },
  {
    op: 'scatter',
    cases: [
      ...scatters('scatter', (x, s, i, axis) => scattering.scatter(x, i, s, { axis })).map((c, k) =>
        k === 0 ? { ...c, differentiable: [0] } : c,
      ), // of several for one place all have the gradient, as in PyTorch: no finite difference says so
      ...scatters('scatter a number', (x, _, i, axis) => scattering.scatter(x, i, 1.5, { axis })),
      ...casesOf(
        'indexCopy',
        [
          [list([5, 3], [2, 3]), (x, s) => scattering.indexCopy(x, index(4, -4), s)],
          [list([2, 5, 3], []), (x, s) => scattering.indexFill(x, index(4, 0, 4), s, { axis: 1 })],
          [list([3, 5], [3, 1]), (x, s) => scattering.putAlongAxis(x, index([1], [4], [0]), s)],
        ],
        { dtypes: EVERY },
      ),
    ],
    errors: [
      { run: () => scattering.scatter(zeros([2, 3]), index([2]), 1), kind: RangeError, text: 'scatter: index 2' },
      { run: () => scattering.scatter(zeros([2, 3]), index(0), 1), kind: ShapeError, text: 'scatter: index [1]' },
      {
        run: () => scattering.scatter(zeros([1, 3]), index(...rows), 1, { axis: 1 }),
        kind: ShapeError,
        text: 'reaches beyond x',
      },
      {
        run: () => scattering.scatter(zeros([2, 3]), index([0, 1]), zeros([1, 1])),
        kind: ShapeError,
        text: 'src [1, 1]',
      },
      { run: () => scattering.indexCopy(zeros([3]), index(0, 1), zeros([3])), kind: ShapeError, text: 'values [3]' },
      { run: () => scattering.indexFill(zeros([3]), index(0), zeros([1])), kind: ShapeError, text: 'is no scalar' },
      { run: () => scattering.indexAdd(zeros([3]), index(3), 1), kind: RangeError, text: 'indexAdd: index 3' },
    ],
    large: [{ shape: [50, 7001] }, { shape: [40, 7001] }],
  },
  {
    op: 'scatterReduce',
    cases: [
      ...scatters('scatterAdd', (x, s, i, axis) => scattering.scatterAdd(x, i, s, { axis })),
      ...(['sum', 'prod', 'mean', 'amax', 'amin'] as const).flatMap(meets),
      ...casesOf(
        'indexAdd',
        [
          [list([5, 300], [3, 300]), (x, s) => scattering.indexAdd(x, index(4, 0, 4), s, { alpha: 0.5 })],
          [list([2, 5, 3], [2, 3, 3]), (x, s) => scattering.indexAdd(x, index(4, 0, 4), s, { axis: 1 })],
          [list([5, 3], []), (x, s) => scattering.indexAdd(x, index(1, 1), s)],
        ],
        { dtypes: NUMBERS },
      ),
    ],
    errors: [
      {
        run: () => scattering.scatterReduce(zeros([3]), index(0), 1, { reduce: 'max' as 'amax' }),
        kind: RangeError,
        text: "scatterReduce: reduce 'max' is not one of mean, sum, prod, amax, amin",
      },
    ],
    large: [{ shape: [50, 7001] }, { shape: [40, 7001] }],
  },
]

export const indexingCases: readonly OpCases[] = [...pickingCases, ...puttingCases]
