// Cases of the ops that look at memory in another way, or move it: views, joins, windows, and what is composed of them.
import { zeros } from '../create.ts'
import type { DType } from '../dtype.ts'
import { ShapeError } from '../errors.ts'
import { at } from '../ops/indexing/slicing.ts'
import { slice, spread } from '../ops/indexing/window.ts'
import * as arrange from '../ops/shape/arrange.ts'
import * as join from '../ops/shape/concat.ts'
import * as diagonals from '../ops/shape/diagonal.ts'
import * as grids from '../ops/shape/grids.ts'
import { type PadMode, pad } from '../ops/shape/pad.ts'
import * as repeating from '../ops/shape/repeat.ts'
import * as splitting from '../ops/shape/split.ts'
import * as view from '../ops/shape/view.ts'
import { casesOf, type OpCase, type OpCases, withValues } from './case.ts'

const EVERY: readonly DType[] = ['float32', 'float64', 'int32', 'uint8', 'bool']
/** Shapes, or pairs, in one line. */
const list = <T>(...values: T[]): T[] => values
const matrix = [[4, 5]]
const cube = [[2, 3, 4]]

/** Cases of one shape in every dtype: `·1` of a view, so that a kernel reads it. */
const moves = (op: string, shapes: readonly (readonly number[])[], runs: readonly OpCase['run'][]): OpCase[] =>
  casesOf(
    op,
    runs.flatMap((run) => [[shapes, run] as const, [shapes, run, true] as const]),
    { dtypes: EVERY },
  )

const modes: readonly PadMode[] = ['edge', 'reflect', 'symmetric', 'wrap']

export const shapeCases: readonly OpCases[] = [
  {
    op: 'reshape',
    cases: moves('reshape', cube, [
      (x) => view.reshape(x, [-1, 6]).copy(),
      (x) => view.reshape(x.permute([2, 0, 1]), [4, -1, 1, 3]).copy(),
      (x) => view.reshape(x.transpose(0, 1), [3, 8]),
      (x) => view.ravel(x.at(slice(null, null, -1))),
      (x) => view.flatten(x, 1).copy(),
      (x) => view.unsqueeze(view.squeeze(x.at(slice(0, 1))), -1).copy(),
      (x) => arrange.unflatten(x, 2, [2, -1]).copy(),
      (x) => arrange.atleast3d(x.at(0, 0)).copy(),
      (x) => arrange.expandDims(x.mT, [0, -1]).copy(),
    ]),
    errors: [
      { run: () => view.reshape(zeros([2, 3]), [4]), kind: ShapeError, text: 'reshape: [2, 3] has 6 elements' },
      { run: () => view.reshape(zeros([2, 3]), [-1, -1]), kind: ShapeError, text: 'reshape' },
      { run: () => view.squeeze(zeros([2, 3]), 0), kind: ShapeError, text: 'squeeze: axis 0 of [2, 3] has length 2' },
      { run: () => arrange.unflatten(zeros([6]), 0, [4, -1]), kind: ShapeError, text: 'does not multiply to 6' },
    ],
    large: [{ shape: [64, 60, 80], strided: true }],
  },
  {
    op: 'permute',
    cases: moves('permute', cube, [
      (x) => view.permute(x, [2, 0, 1]).copy(),
      (x) => view.transpose(x).copy(),
      (x) => arrange.movedim(x, [0, 1], [-1, 0]).copy(),
      (x) => arrange.rot90(x, 3, [0, 2]).copy(),
      (x) => arrange.swapaxes(x, 0, 2).copy(),
    ]),
    errors: [
      { run: () => view.permute(zeros([2, 3]), [0, 0]), kind: ShapeError, text: 'does not name each of the 2 axes' },
      { run: () => arrange.movedim(zeros([2, 3]), [0, 1], [0]), kind: ShapeError, text: 'movedim: 2 axes go to 1' },
      { run: () => arrange.rot90(zeros([2, 3]), 1, [0, 0]), kind: ShapeError, text: 'rot90: axis given twice' },
      { run: () => arrange.rot90(zeros([2, 3]), 0.5), kind: RangeError, text: 'rot90: k 0.5' },
    ],
    large: [{ shape: [64, 60, 80] }],
  },
  {
    op: 'expand',
    cases: moves(
      'expand',
      [[3, 1]],
      [
        (x) => view.expand(x, [2, -1, 4]).copy(),
        (x) => arrange.broadcastTensors(x, zeros([4]))[0].copy(),
        (x) => repeating.tile(x, [2, 1, 3]),
        (x) => repeating.repeat(x, [2, 2, 1]),
        (x) => repeating.repeatInterleave(x, 2, 1),
        (x) => grids.meshgrid([x.ravel(), zeros([2])])[0].copy(),
      ],
    ),
    errors: [
      {
        run: () => view.expand(zeros([2, 3]), [2, 4]),
        kind: ShapeError,
        text: 'expand: [2, 3] does not repeat to [2, 4]',
      },
      { run: () => arrange.broadcastTo(zeros([3]), [2, -1]), kind: ShapeError, text: 'negative length' },
      { run: () => repeating.repeat(zeros([2, 3]), [2]), kind: ShapeError, text: 'repeat: [2] has no count for each' },
      { run: () => repeating.tile(zeros([2, 3]), -1), kind: RangeError, text: 'repeat: count -1' },
      {
        run: () => repeating.repeatInterleave(zeros([3]), [1, 2]),
        kind: ShapeError,
        text: '2 counts for the 3 positions',
      },
    ],
    large: [{ shape: [300, 1] }],
  },
  {
    op: 'unfold',
    cases: moves(
      'unfold',
      [[3, 7]],
      [
        (x) => arrange.unfold(x, 1, 3, 2).copy(),
        (x) => arrange.unfold(x, -1, 4).copy(),
        (x) => arrange.unfold(x, 0, 1, 3).copy(),
        (x) => arrange.unfold(arrange.unfold(x, 0, 2), 1, 2, 2).copy(),
        (x) => arrange.unfold(x, 1, 0).copy(),
      ],
    ),
    errors: [
      {
        run: () => arrange.unfold(zeros([3]), 0, 4),
        kind: RangeError,
        text: 'frames of 4 in steps of 1 do not fit axis 0',
      },
      {
        run: () => arrange.unfold(zeros([3]), 0, 2, 0),
        kind: RangeError,
        text: 'unfold: step 0 is not a whole number',
      },
    ],
    large: [{ shape: [300, 700] }],
  },
  {
    op: 'at',
    cases: [
      ...moves('at', matrix, [
        (x) => at(x, slice(1, 4), slice(null, null, -2)).copy(),
        (x) => at(x, -1, null).copy(),
        (x) => at(x, '...', slice(0, 2)).copy(),
        (x) => at(x, slice(3, 1)).copy(),
        (x) => arrange.flip(x).copy(),
        (x) => arrange.fliplr(x).copy(),
        (x) => diagonals.diagonal(x, { offset: 1 }).copy(),
        (x) => diagonals.diag(x, -2).copy(),
        (x) => diagonals.diagonal(x, { offset: 9 }).copy(),
        (x) => splitting.split(x, [1, 0, 4], 1)[2].copy(),
        (x) => splitting.chunk(x, 3, 1)[2].copy(),
        (x) => splitting.tensorSplit(x, 3, 1)[1].copy(),
        (x) => splitting.tensorSplit(x, [1, -1])[1].copy(),
        (x) => splitting.unbind(x, 1)[4].copy(),
        (x) => splitting.narrow(x, 1, -3, 2).copy(),
        (x) => splitting.select(x, -1, -1).copy(),
      ]),
    ],
    errors: [
      { run: () => at(zeros([2]), 2), kind: RangeError, text: 'at: index 2 is outside axis 0 of [2]' },
      { run: () => at(zeros([2]), 0, 0), kind: ShapeError, text: 'at: indices for 2 axes do not fit [2]' },
      { run: () => arrange.fliplr(zeros([2])), kind: ShapeError, text: 'fliplr: axis 1 is out of range' },
      { run: () => diagonals.diagonal(zeros([2])), kind: ShapeError, text: 'diagonal: axis 1 is out of range' },
      { run: () => diagonals.diag(zeros([2, 2, 2])), kind: ShapeError, text: 'neither a vector nor a matrix' },
      {
        run: () => splitting.split(zeros([2, 3]), [1, 1], 1),
        kind: ShapeError,
        text: 'split: sizes [1, 1] add up to 2',
      },
      { run: () => splitting.split(zeros([3]), 0), kind: RangeError, text: 'split: size 0' },
      { run: () => splitting.chunk(zeros([3]), 0), kind: RangeError, text: 'chunk: count 0' },
      { run: () => splitting.narrow(zeros([3]), 0, 2, 2), kind: RangeError, text: 'narrow: 2 positions from 2' },
      { run: () => splitting.select(zeros([3]), 0, 3), kind: RangeError, text: 'select: index 3 is outside' },
    ],
    large: [{ shape: [1024, 600] }],
  },
  {
    op: 'spread',
    cases: moves('spread', matrix, [
      (x) => pad(x, list([1, 2], [0, 1]), { value: 1 }),
      (x) => pad(x, list([-1, 0], [2, -2])),
      (x) => pad(x, [-2, -2]).copy(),
      (x) => spread(x, [8, 10], [slice(null, null, 2), slice(null, null, -2)]),
      (x) => diagonals.diagEmbed(x, { offset: -1, axis1: 0 }),
      (x) => diagonals.diagflat(x, 2),
    ]),
    errors: [
      { run: () => pad(zeros([2]), [[-1, -2]]), kind: ShapeError, text: 'pad: [[-1,-2]] is not one pair' },
      { run: () => pad(zeros([2]), list([1, 1], [1, 1])), kind: ShapeError, text: 'for each axis of [2]' },
      {
        run: () => pad(zeros([3]), 3, { mode: 'reflect' }),
        kind: RangeError,
        text: 'of length 3 by at most 2, not by [3, 3]',
      },
      { run: () => pad(zeros([3]), 4, { mode: 'wrap' }), kind: RangeError, text: 'by at most 3' },
      { run: () => pad(zeros([0]), 1, { mode: 'edge' }), kind: RangeError, text: 'by at most 0' },
      {
        run: () => pad(zeros([3]), 1, { mode: 'mirror' as PadMode }),
        kind: RangeError,
        text: "mode 'mirror' is not one of",
      },
      { run: () => pad(zeros([3]), 1, { mode: 'wrap', value: 1 }), kind: RangeError, text: 'wrap takes no value' },
      { run: () => diagonals.diagEmbed(zeros([])), kind: ShapeError, text: 'diagEmbed: a scalar' },
    ],
    large: [{ shape: [512, 600] }],
  },
  {
    op: 'take',
    cases: [
      ...withValues(
        modes.map((mode) => casesOf(`pad ${mode}`, [[[[3]], (x) => pad(x, [2, 1], { mode })]])[0]),
        [[1, 2, 3]],
        [1, 1, 1, 2, 3, 3],
      ),
      ...modes.flatMap((mode) =>
        moves(`pad ${mode}`, [[2, 3, 4]], [(x) => pad(x, list([0, 0], [2, -1], [1, 2]), { mode })]),
      ),
      ...moves('repeatInterleave', cube, [(x) => repeating.repeatInterleave(x, [2, 0, 3], 1)]),
    ],
    large: [{ shape: [300_000] }],
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
    op: 'where',
    cases: moves('triangle', cube, [
      (x) => diagonals.tril(x),
      (x) => diagonals.tril(x, -1),
      (x) => diagonals.triu(x, 1),
      (x) => diagonals.triu(x, -5),
    ]),
    errors: [{ run: () => diagonals.tril(zeros([3])), kind: ShapeError, text: 'tril: [3] has no matrices' }],
    large: [{ shape: [4, 300, 300] }],
  },
  {
    op: 'concat2',
    cases: [
      ...moves('concat', list([2, 3], [1, 3]), [
        (a, b) => join.concat([a, b]),
        (a, b) => join.concat([a, b], null),
        (a, b) => join.vstack([a, b.ravel()]),
      ]),
      ...moves('concat', list([2, 3], [2, 4]), [(a, b) => join.concat([a, b], -1), (a, b) => join.hstack([a, b])]),
      ...moves('stack', list([2, 3], [2, 3]), [(a, b) => join.stack([a, b], -1), (a, b) => join.dstack([a, b])]),
      ...moves('vectors', list([3], [3]), [
        (a, b) => join.columnStack([a, b]),
        (a, b) => join.hstack([a, b]),
        (a, b) => grids.cartesianProd(a, b),
        (a) => repeating.roll(a, -1),
      ]),
      ...moves('roll', cube, [(x) => repeating.roll(x, [1, -5], [0, 2]), (x) => repeating.roll(x, 5)]),
    ],
    errors: [
      {
        run: () => join.concat([zeros([2, 3]), zeros([2, 4])]),
        kind: ShapeError,
        text: 'concat: [2, 3] and [2, 4] differ beside axis 0',
      },
      { run: () => repeating.roll(zeros([3]), [1, 2], [0]), kind: ShapeError, text: 'roll: 2 shifts for 1 axes' },
      { run: () => grids.meshgrid([zeros([2, 2])]), kind: ShapeError, text: 'meshgrid: x0 [2, 2] is not a vector' },
    ],
    large: [{ shape: [512, 600] }, { shape: [512, 600] }],
  },
]
