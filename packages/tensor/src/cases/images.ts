// Cases of convolution, pooling and what else works on images.
import { tensor, zeros } from '../create.ts'
import { DTypeError, ShapeError } from '../errors.ts'
import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
} from '../ops/spatial/adaptivePool.ts'
import { avgPool1d, avgPool2d, lpPool1d, lpPool2d } from '../ops/spatial/avgPool.ts'
import { conv1d, conv2d, convTranspose1d, convTranspose2d } from '../ops/spatial/conv.ts'
import { conv3d } from '../ops/spatial/conv3d.ts'
import { interpolate, pixelShuffle, pixelUnshuffle } from '../ops/spatial/image.ts'
import { maxPool1d, maxPool2d } from '../ops/spatial/maxPool.ts'
import { maxUnpool1d, maxUnpool2d } from '../ops/spatial/maxUnpool.ts'
import { fold, unfold } from '../ops/spatial/unfold.ts'
import type { Tensor } from '../tensor.ts'
import { casesOf, type OpCases, type Runs, withValues } from './case.ts'

/** Sums in another order differ by this much. */
const LOOSE = { ulp: 256, atol: 2e-5 }
const EXACT = { ulp: 4, atol: 1e-6 }
const IMAGE = [2, 3, 8, 7]
const SMALL = [1, 2, 5, 4]

type Case<F extends (...args: never[]) => unknown> = readonly [
  x: readonly number[],
  w: readonly number[],
  options?: Parameters<F>[2],
]

/** Runs of a product of an input with weights. */
const weighted = <F extends (x: Tensor, w: Tensor, options?: never) => Tensor>(f: F, cases: readonly Case<F>[]): Runs =>
  cases.map(([x, w, options]) => [[x, w], (a: Tensor, b: Tensor) => f(a, b, options as never)] as const)

/** Runs on one input shape. */
const on = (shape: readonly number[], ...runs: readonly ((x: Tensor) => Tensor)[]): Runs =>
  runs.map((run) => [[shape], run] as const)

const square = (...rows: number[][]): number[][][][] => [[rows]]

const convolutionCases: readonly OpCases[] = [
  {
    op: 'conv2d',
    cases: withValues(
      casesOf(
        'conv2d',
        weighted(conv2d, [
          [
            [1, 1, 5, 5],
            [1, 1, 3, 3],
          ],
          [IMAGE, [4, 3, 3, 3], { padding: 1 }],
          [IMAGE, [4, 3, 3, 2], { stride: [2, 1], padding: [0, 1] }],
          [[1, 4, 9, 9], [6, 2, 3, 3], { groups: 2, dilation: 2, padding: 2 }],
          [[1, 4, 6, 6], [4, 1, 3, 3], { groups: 4, padding: 1, stride: 2 }],
          [
            [2, 5, 4, 4],
            [3, 5, 1, 1],
          ],
          [[2, 5, 4], [3, 2, 3, 2], { padding: 'same' }],
          [[1, 1, 4, 4], [1, 1, 2, 2], { padding: 3, dilation: 2 }],
          [[0, 1, 4, 4], [1, 1, 2, 2], { padding: 'valid' }],
        ]),
        LOOSE,
      ),
      [square([1, 2], [3, 4]), square([1, 1], [1, 1])],
      square([10]),
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
      { run: () => conv2d(zeros([1, 0, 5, 5]), zeros([1, 0, 3, 3])), kind: ShapeError, text: 'nothing empty but N' },
      {
        run: () => conv2d(zeros([1, 1, 5, 5]), zeros([1, 1, 3, 3]), { stride: 0 }),
        kind: RangeError,
        text: 'conv2d: stride 0',
      },
      {
        run: () => conv2d(zeros([1, 1, 5, 5]), zeros([1, 1, 3, 3]), { stride: 2, padding: 'same' }),
        kind: RangeError,
        text: "padding 'same' is for stride 1",
      },
      {
        run: () => conv2d(zeros([1, 1, 5, 5]), zeros([1, 1, 3, 3]), { padding: 'full' as 'same' }),
        kind: RangeError,
        text: "padding 'full' is not",
      },
      {
        run: () => conv2d(zeros([1, 1, 5, 5]), zeros([1, 1, 3, 3]), { strides: 2 } as object),
        kind: RangeError,
        text: "there is no option 'strides'",
      },
    ],
    large: [{ shape: [8, 4, 28, 28] }, { shape: [16, 4, 3, 3] }],
  },
  {
    // By Winograd's method: errors are of the sums over all channels.
    op: 'conv2d',
    cases: casesOf(
      'conv2d of many channels',
      weighted(conv2d, [
        [[2, 16, 13, 9], [17, 16, 3, 3], { padding: 1 }],
        [[3, 20, 7, 30], [16, 20, 3, 3], { padding: [0, 3] }],
        [[1, 130, 8, 8], [241, 130, 3, 3], { padding: 'same' }],
      ]),
      { ulp: 256, atol: 1e-3 },
    ),
    large: [{ shape: [2, 16, 28, 28] }, { shape: [32, 16, 3, 3] }],
  },
  {
    op: 'conv1d',
    cases: withValues(
      casesOf(
        'conv1d',
        weighted(conv1d, [
          [
            [1, 1, 3],
            [1, 1, 2],
          ],
          [[2, 3, 9], [4, 3, 3], { stride: 2, padding: 1 }],
          [[2, 8], [4, 1, 4], { groups: 2, padding: 'same' }],
          [[1, 2, 9], [3, 2, 3], { dilation: 3 }],
        ]),
        LOOSE,
      ),
      [[[[1, 2, 3]]], [[[1, 1]]]],
      [[[3, 5]]],
    ),
    errors: [
      { run: () => conv1d(zeros([1, 1, 2, 2]), zeros([1, 1, 2])), kind: ShapeError, text: 'conv1d: x [1, 1, 2, 2]' },
      { run: () => conv1d(zeros([1, 1, 5]), zeros([1, 1, 2]), { dilation: 0 }), kind: RangeError, text: 'dilation' },
    ],
    large: [{ shape: [8, 8, 500] }, { shape: [16, 8, 5] }],
  },
  {
    op: 'conv3d',
    cases: casesOf(
      'conv3d',
      weighted(conv3d, [
        [
          [1, 1, 3, 3, 3],
          [1, 1, 2, 2, 2],
        ],
        [[2, 2, 4, 3, 3], [2, 1, 2, 2, 2], { groups: 2, padding: 1, stride: [2, 1, 1] }],
        [[1, 5, 3, 3], [2, 1, 3, 2, 1], { dilation: [2, 1, 1], padding: 'same' }],
      ]),
      LOOSE,
    ),
    errors: [
      { run: () => conv3d(zeros([1, 1, 2, 2]), zeros([1, 1, 2, 2])), kind: ShapeError, text: 'conv3d: w [1, 1, 2, 2]' },
      {
        run: () => conv3d(zeros([1, 1, 2, 3, 3]), zeros([1, 1, 3, 3, 3])),
        kind: ShapeError,
        text: 'conv3d: the kernel [3, 3, 3] is larger',
      },
      {
        run: () => conv3d(zeros([1, 1, 3, 3, 3]), zeros([1, 1, 3, 3, 3]), { stride: [1, 2] as never }),
        kind: RangeError,
        text: 'one or three whole numbers',
      },
    ],
    large: [{ shape: [2, 4, 8, 14, 14] }, { shape: [8, 4, 3, 3, 3] }],
  },
  {
    op: 'convTranspose2d',
    cases: withValues(
      casesOf(
        'convTranspose2d',
        weighted(convTranspose2d, [
          [
            [1, 1, 2, 2],
            [1, 1, 2, 2],
          ],
          [[2, 3, 4, 3], [3, 2, 3, 3], { stride: 2, padding: 1, outputPadding: 1 }],
          [[1, 4, 3, 3], [4, 2, 3, 2], { groups: 2, dilation: [2, 3], outputPadding: [0, 2] }],
          [[1, 2, 3, 3], [2, 2, 1, 1], { dilation: 2, outputPadding: [1, 0] }],
          [
            [2, 3, 3],
            [2, 1, 2, 2],
          ],
        ]),
        LOOSE,
      ),
      [square([1, 2], [3, 4]), square([1, 1], [1, 1])],
      square([1, 3, 2], [4, 10, 6], [3, 7, 4]),
    ),
    errors: [
      {
        run: () => convTranspose2d(zeros([1, 3, 5, 5]), zeros([2, 3, 3, 3])),
        kind: ShapeError,
        text: 'convTranspose2d: channels do not fit',
      },
      {
        run: () => convTranspose2d(zeros([1, 1, 2, 2]), zeros([1, 1, 3, 3]), { outputPadding: 1 }),
        kind: RangeError,
        text: 'outputPadding 1 is not below stride 1 or dilation 1',
      },
      {
        run: () => convTranspose2d(zeros([1, 1, 1, 1]), zeros([1, 1, 2, 2]), { padding: 1 }),
        kind: ShapeError,
        text: 'leaves nothing',
      },
    ],
    large: [{ shape: [8, 16, 14, 14] }, { shape: [16, 8, 3, 3] }],
  },
  {
    op: 'convTranspose1d',
    cases: casesOf(
      'convTranspose1d',
      weighted(convTranspose1d, [
        [[2, 3, 5], [3, 4, 3], { stride: 2, padding: 1, outputPadding: 1 }],
        [[2, 4], [2, 1, 3], { groups: 2, dilation: 2 }],
      ]),
      LOOSE,
    ),
    large: [{ shape: [8, 16, 200] }, { shape: [16, 8, 3] }],
  },
]

const indices = (pooled: readonly [Tensor, Tensor]): Tensor => pooled[0].mul(pooled[1])

const poolingCases: readonly OpCases[] = [
  {
    op: 'maxPool2d',
    cases: withValues(
      casesOf('maxPool2d', [
        ...on([1, 1, 2, 2], (x) => maxPool2d(x, 2)),
        ...on(
          IMAGE,
          (x) => maxPool2d(x, 2),
          (x) => maxPool2d(x, 3, { stride: 2, padding: 1 }),
          (x) => maxPool2d(x, [2, 3], { stride: [2, 1], padding: [1, 1] }),
          (x) => maxPool2d(x, 2, { stride: 3, ceilMode: true }),
          (x) => maxPool2d(x, 3, { dilation: [2, 1], padding: 1, ceilMode: true }),
          (x) => indices(maxPool2d(x, 3, { stride: 2, returnIndices: true })),
        ),
        ...on([3, 17, 19], (x) => maxPool2d(x, 2)),
      ]),
      [square([1, 2], [4, 3])],
      square([4]),
    ),
    errors: [
      {
        run: () => maxPool2d(zeros([1, 1, 4, 4]), 2, { padding: 2 }),
        kind: RangeError,
        text: 'more than half the window',
      },
      { run: () => maxPool2d(zeros([4, 4]), 2), kind: ShapeError, text: 'maxPool2d: x [4, 4] is not [N, C, H, W]' },
      {
        run: () => maxPool2d(zeros([1, 1, 1, 4]), 2, { padding: 1, dilation: 2 }),
        kind: RangeError,
        text: 'sees nothing but padding',
      },
      {
        run: () => maxPool2d(zeros([1, 4, 4]), 2, { ceil: true } as object),
        kind: RangeError,
        text: "no option 'ceil'",
      },
    ],
    large: [{ shape: [16, 16, 28, 28] }],
  },
  {
    op: 'maxPool1d',
    cases: casesOf('maxPool1d', [
      ...on([2, 3, 9], (x) => maxPool1d(x, 3, { stride: 2, padding: 1 })),
      ...on([3, 9], (x) => indices(maxPool1d(x, 2, { dilation: 3, ceilMode: true, returnIndices: true }))),
    ]),
    large: [{ shape: [16, 16, 800] }],
  },
  {
    op: 'maxUnpool2d',
    cases: [
      ...casesOf('maxUnpool2d', [
        ...on(SMALL, (x) => maxUnpool2d(...maxPool2d(x, 2, { returnIndices: true }), 2, { outputSize: [5, 4] })),
        ...on([2, 8], (x) => maxUnpool1d(...maxPool1d(x, 2, { returnIndices: true }), 2)),
      ]),
      // Where windows share their maximum every one of them gets its gradient, as in PyTorch.
      ...casesOf(
        'maxUnpool2d of overlapping windows',
        on([2, 5, 4], (x) => {
          const step = { stride: 1, padding: 1 }
          return maxUnpool2d(...maxPool2d(x, 3, { ...step, returnIndices: true }), 3, step)
        }),
        { differentiable: [] },
      ),
    ],
    errors: [
      {
        run: () => maxUnpool2d(zeros([1, 2, 2]), zeros([1, 2, 2]), 2),
        kind: DTypeError,
        text: 'positions have dtype float32',
      },
      {
        run: () => maxUnpool2d(zeros([1, 2, 2]), zeros([1, 2, 2], { dtype: 'int32' }), 2, { outputSize: 6 }),
        kind: RangeError,
        text: 'outputSize [6, 6] is not within a stride of [4, 4]',
      },
      {
        run: () => maxUnpool1d(zeros([1, 2]), tensor([[0, 4]], { dtype: 'int32' }), 2),
        kind: RangeError,
        text: 'index 4',
      },
    ],
    large: [{ shape: [4, 4, 5, 4] }],
  },
  {
    op: 'avgPool2d',
    cases: withValues(
      casesOf(
        'avgPool2d',
        [
          ...on([1, 1, 2, 2], (x) => avgPool2d(x, 2)),
          ...on(
            SMALL,
            (x) => avgPool2d(x, [3, 2], { stride: [2, 1], padding: [1, 0] }),
            (x) => avgPool2d(x, 2, { ceilMode: true, padding: 1 }),
            (x) => avgPool2d(x, 3, { ceilMode: true, countIncludePad: false, padding: 1, stride: 2 }),
            (x) => avgPool2d(x, 2, { divisorOverride: -3 }),
          ),
        ],
        EXACT,
      ),
      [square([1, 2], [4, 3])],
      square([2.5]),
    ),
    errors: [
      {
        run: () => avgPool2d(zeros([1, 4, 4]), 2, { divisorOverride: 0 }),
        kind: RangeError,
        text: 'divisorOverride 0',
      },
      { run: () => avgPool2d(zeros([1, 4, 4]), 5), kind: ShapeError, text: 'the window [5, 5] is larger' },
    ],
    large: [{ shape: [16, 16, 28, 28] }],
  },
  {
    op: 'avgPool1d',
    cases: casesOf(
      'avgPool1d',
      on([2, 3, 9], (x) => avgPool1d(x, 3, { stride: 2, padding: 1 })),
      EXACT,
    ),
    large: [{ shape: [16, 16, 800] }],
  },
  {
    op: 'lpPool2d',
    cases: casesOf(
      'lpPool2d',
      [
        ...on(SMALL, (x) => lpPool2d(x, 2, 2)),
        ...on([2, 9], (x) => lpPool1d(x.square().add(0.5), 1.5, 3, { stride: 2, ceilMode: true })),
      ],
      { ulp: 64, atol: 1e-5 },
    ),
    errors: [{ run: () => lpPool2d(zeros([1, 4, 4]), 0, 2), kind: RangeError, text: 'lpPool2d: p 0' }],
    large: [{ shape: [16, 16, 28, 28] }],
  },
  {
    op: 'adaptiveAvgPool2d',
    cases: withValues(
      casesOf(
        'adaptiveAvgPool2d',
        [
          ...on([1, 1, 3, 1], (x) => adaptiveAvgPool2d(x, [2, 1])),
          ...on(
            SMALL,
            (x) => adaptiveAvgPool2d(x, [3, 2]),
            (x) => adaptiveAvgPool2d(x, [null, 7]),
            (x) => adaptiveAvgPool2d(x, 1),
          ),
          ...on([2, 7], (x) => adaptiveAvgPool1d(x, 3)),
        ],
        EXACT,
      ),
      [square([1], [3], [7])],
      square([2], [5]),
    ),
    errors: [
      { run: () => adaptiveAvgPool2d(zeros([1, 4, 4]), 0), kind: RangeError, text: 'adaptiveAvgPool2d: size 0' },
      { run: () => adaptiveAvgPool2d(zeros([1, 0, 4]), 1), kind: ShapeError, text: 'adaptiveAvgPool2d: x [1, 0, 4]' },
    ],
    large: [{ shape: [64, 16, 28, 28] }],
  },
  {
    op: 'adaptiveMaxPool2d',
    cases: casesOf('adaptiveMaxPool2d', [
      ...on(
        SMALL,
        (x) => adaptiveMaxPool2d(x, [3, 2]),
        (x) => indices(adaptiveMaxPool2d(x, 1, { returnIndices: true })),
      ),
      ...on([2, 7], (x) => adaptiveMaxPool1d(x, 3)),
    ]),
    large: [{ shape: [16, 16, 28, 28] }],
  },
]

const imageCases: readonly OpCases[] = [
  {
    op: 'im2col',
    cases: withValues(
      casesOf('unfold', [
        ...on([1, 1, 2, 2], (x) => unfold(x, [1, 2])),
        ...on(SMALL, (x) => unfold(x, [2, 3], { stride: [2, 1], padding: 1, dilation: [2, 1] })),
        ...on([2, 5, 4], (x) => unfold(x, 2, { stride: 2 })),
      ]),
      [square([1, 2], [3, 4])],
      [
        [
          [1, 3],
          [2, 4],
        ],
      ],
    ),
    errors: [{ run: () => unfold(zeros([1, 2, 2]), 3), kind: ShapeError, text: 'the window [3, 3] is larger' }],
    large: [{ shape: [16, 16, 28, 28] }],
  },
  {
    op: 'col2im',
    cases: withValues(
      casesOf(
        'fold',
        [
          ...on([1, 2, 2], (x) => fold(x, [1, 3], [1, 2])),
          ...on([2, 12, 4], (x) => fold(x, [5, 4], [2, 3], { stride: [2, 1], padding: [0, 1], dilation: [1, 2] })),
        ],
        EXACT,
      ),
      [
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
      ],
      [[[[1, 5, 4]]]],
    ),
    errors: [
      { run: () => fold(zeros([1, 3, 4]), 3, 2), kind: ShapeError, text: 'fold: x [1, 3, 4] is not [N, C·2·2, 4]' },
      { run: () => fold(zeros([1, 4, 5]), 3, 2), kind: ShapeError, text: 'fold: x [1, 4, 5]' },
    ],
    large: [{ shape: [16, 8000, 2] }],
  },
  {
    op: 'resample',
    cases: withValues(
      casesOf(
        'interpolate',
        [
          ...on([1, 1, 2], (x) => interpolate(x, { scaleFactor: 2, mode: 'linear' })),
          ...on(
            SMALL,
            (x) => interpolate(x, { scaleFactor: 2 }),
            (x) => interpolate(x, { size: [7, 3] }),
            (x) => interpolate(x, { size: [7, 3], mode: 'nearest-exact' }),
            (x) => interpolate(x, { size: [7, 3], mode: 'bilinear' }),
            (x) => interpolate(x, { scaleFactor: [1.3, 0.8], mode: 'bilinear', alignCorners: true }),
            (x) => interpolate(x, { scaleFactor: 1.3, mode: 'bicubic' }),
            (x) => interpolate(x, { size: 1, mode: 'bicubic', alignCorners: true }),
            (x) => interpolate(x, { size: [2, 3], mode: 'area' }),
          ),
          ...on([1, 1, 2, 2, 3], (x) => interpolate(x, { size: [3, 4, 2], mode: 'trilinear' })),
        ],
        { ulp: 16, atol: 1e-6 },
      ),
      [[[[0, 4]]]],
      [[[0, 1, 3, 4]]],
    ),
    errors: [
      { run: () => interpolate(zeros([1, 1, 2]), {}), kind: RangeError, text: 'either size or scaleFactor' },
      {
        run: () => interpolate(zeros([1, 1, 2]), { size: 3, mode: 'bilinear' }),
        kind: ShapeError,
        text: 'x [1, 1, 2] is not [N, C, ..] with 2 axes more',
      },
      {
        run: () => interpolate(zeros([1, 1, 2]), { size: 3, alignCorners: true }),
        kind: RangeError,
        text: 'alignCorners is for linear',
      },
      {
        run: () => interpolate(zeros([1, 1, 2]), { scaleFactor: 0.3 }),
        kind: RangeError,
        text: 'leaves no size of [2]',
      },
      {
        run: () => interpolate(zeros([1, 1, 2]), { size: 3, mode: 'cubic' as 'bicubic' }),
        kind: RangeError,
        text: "mode 'cubic' is not one of",
      },
    ],
    large: [{ shape: [2, 50, 3000] }],
  },
  {
    op: 'pixelShuffle',
    cases: withValues(
      casesOf('pixelShuffle', [
        ...on([1, 4, 1, 1], (x) => pixelShuffle(x, 2)),
        ...on([8, 2, 3], (x) => pixelShuffle(x, 2)),
        ...on([1, 2, 4, 6], (x) => pixelUnshuffle(x, 2)),
      ]),
      [[[[[1]], [[2]], [[3]], [[4]]]]],
      square([1, 2], [3, 4]),
    ),
    errors: [
      { run: () => pixelShuffle(zeros([1, 3, 2, 2]), 2), kind: ShapeError, text: '3 channels of x [1, 3, 2, 2]' },
      { run: () => pixelUnshuffle(zeros([1, 3, 3]), 2), kind: ShapeError, text: 'no multiple of 2' },
      { run: () => pixelShuffle(tensor(1), 2), kind: ShapeError, text: 'is not [.., C, H, W]' },
    ],
    large: [{ shape: [64, 40, 40] }],
  },
]

export const spatialCases: readonly OpCases[] = [...convolutionCases, ...poolingCases, ...imageCases]
