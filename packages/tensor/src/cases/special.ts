// Cases of division, bits, bounds and the less common functions. Values are to the digits of float64, by series summed in
// 50 digits.

import { tensor } from '../create.ts'
import type { DType } from '../dtype.ts'
import { DTypeError } from '../errors.ts'
import type { Binary } from '../ops/elementwise/binary.ts'
import { bitwiseAnd, bitwiseLeftShift, bitwiseOr, bitwiseRightShift, bitwiseXor } from '../ops/elementwise/bitwise.ts'
import { clamp } from '../ops/elementwise/clamp.ts'
import { div, floorDivide, fmod, remainder } from '../ops/elementwise/division.ts'
import * as elementary from '../ops/elementwise/elementary.ts'
import * as pairs from '../ops/elementwise/elementaryPairs.ts'
import type { Unary } from '../ops/elementwise/elementwise.ts'
import * as special from '../ops/elementwise/special.ts'
import { trunc } from '../ops/elementwise/unary.ts'
import type { Tensor } from '../tensor.ts'
import { binaryCases, casesOf, type ElementwiseSpec, FLOATS, LENGTHS, type OpCases, unaryCases } from './case.ts'

const INTEGERS: readonly DType[] = ['int32', 'int64', 'int16', 'int8', 'uint8']

const whole = (values: number[]): Tensor => tensor(values, { dtype: 'int32' })

/** Range, largest difference between the backends in ulp, recorded values. */
type Row = readonly [run: Unary, range: readonly [number, number], ulp: number, ...pairs: (readonly [number, number])[]]

const functions: Readonly<Record<string, Row>> = {
  exp2: [elementary.exp2, [-10, 10], 4, [10, 1024], [0.5, Math.SQRT2]],
  log2: [elementary.log2, [0.1, 4], 4, [8, 3], [10, 3.3219280948873624]],
  log10: [elementary.log10, [0.1, 4], 4, [1000, 3], [2, 0.3010299956639812]],
  tan: [elementary.tan, [-1.2, 1.2], 8, [1, 1.5574077246549023]],
  asin: [elementary.asin, [-0.9, 0.9], 4, [0.5, 0.5235987755982989], [1, 1.5707963267948966]],
  acos: [elementary.acos, [-0.9, 0.9], 8, [0.5, 1.0471975511965979], [-1, Math.PI]],
  atan: [elementary.atan, [-4, 4], 4, [1, 0.7853981633974483], [-10, -1.4711276743037347]],
  sinh: [elementary.sinh, [-4, 4], 8, [1, 1.1752011936438014]],
  cosh: [elementary.cosh, [-4, 4], 8, [1, 1.5430806348152437]],
  asinh: [elementary.asinh, [-4, 4], 8, [1, 0.881373587019543]],
  acosh: [elementary.acosh, [1.2, 4], 8, [1, 0], [2, 1.3169578969248166]],
  atanh: [elementary.atanh, [-0.9, 0.9], 8, [0.5, 0.5493061443340548]],
  erfc: [special.erfc, [-3, 3], 12, [1, 0.15729920705028513], [6, 2.1519736712498913e-17]],
  erfinv: [special.erfinv, [-0.9, 0.9], 12, [0.5, 0.4769362762044699], [0.99, 1.8213863677184496]],
  logit: [(x) => special.logit(x as Tensor), [0.1, 0.9], 64, [0.25, -1.0986122886681098]],
  sinc: [special.sinc, [0.2, 0.8], 8, [0.5, 0.6366197723675814], [3, 0], [0, 1]],
  lgamma: [
    special.lgamma,
    [2.2, 6],
    16,
    [0.5, 0.5723649429247001],
    [100, 359.1342053695754],
    [-2.5, -0.05624371649767405],
  ],
  digamma: [
    special.digamma,
    [2, 6],
    32,
    [1, -0.5772156649015329],
    [0.25, -4.227453533376265],
    [-1.5, 0.7031566406452432],
  ],
}

const functionCases = Object.entries(functions).map(([op, [run, range, ulp, ...recorded]]) =>
  unaryCases(op, run, { range, ulp, pairs: recorded }),
)

const polygamma: OpCases = {
  ...unaryCases('polygamma', (x) => special.polygamma(1, x as Tensor), {
    range: [0.5, 6],
    ulp: 32,
    pairs: [
      [1, 1.6449340668482264],
      [0.25, 17.197329154507111],
      [-1.5, 9.37924664498912],
    ],
  }),
  errors: [
    {
      run: () => special.polygamma(-1, whole([1])),
      kind: RangeError,
      text: 'polygamma: n -1 is not a whole number ≥ 0',
    },
  ],
}

const smooth: ElementwiseSpec = { dtypes: FLOATS }
const pairCases: readonly OpCases[] = [
  binaryCases('atan2', pairs.atan2, {
    ...smooth,
    range: [0.2, 2],
    ulp: 4,
    triples: [
      [1, 1, 0.7853981633974483],
      [1, -1, 2.356194490192345],
      [-1, 0, -1.5707963267948966],
    ],
  }),
  binaryCases('hypot', pairs.hypot, { ...smooth, range: [0.2, 2], ulp: 4, triples: [[3, 4, 5]] }),
  binaryCases('fmax', pairs.fmax, { ...smooth, ulp: 0, triples: [[1, 2, 2]] }),
  binaryCases('fmin', pairs.fmin, { ...smooth, ulp: 0, triples: [[1, 2, 1]] }),
  binaryCases('logaddexp', pairs.logaddexp, {
    ...smooth,
    range: [0.2, 3],
    ulp: 8,
    triples: [[1, 2, 2.313261687518223]],
  }),
  binaryCases('logaddexp2', pairs.logaddexp2, {
    ...smooth,
    range: [0.2, 3],
    ulp: 8,
    triples: [[1, 2, 2.584962500721156]],
  }),
  binaryCases('copysign', pairs.copysign, {
    ...smooth,
    range: [0.2, 2],
    ulp: 0,
    triples: [
      [1, -2, -1],
      [-3, 2, 3],
    ],
  }),
  binaryCases('xlogy', pairs.xlogy, {
    ...smooth,
    range: [0.2, 2],
    ulp: 4,
    triples: [
      [0, 0, 0],
      [2, 3, 2.1972245773362196],
    ],
  }),
  binaryCases('heaviside', pairs.heaviside, {
    ...smooth,
    ulp: 0,
    triples: [
      [-1, 0.5, 0],
      [0, 0.5, 0.5],
      [2, 0.5, 1],
    ],
  }),
  binaryCases('nextafter', pairs.nextafter, { ...smooth, ulp: 0, triples: [[1, 1, 1]] }),
]

/** Quotients of integers: no divisor is 0. */
const integerDivision = (op: string, run: (a: Tensor, b: Tensor) => Tensor): OpCases['cases'] =>
  binaryCases(op, run, { range: [-100, 100], second: [1, 7], dtypes: INTEGERS, special: false, differentiable: false })
    .cases

function divisionCases(
  op: 'floorDivide' | 'remainder' | 'fmod',
  triples: readonly (readonly [number, number, number])[],
): OpCases {
  const run = { floorDivide, remainder, fmod }[op]
  // Away from the jumps for the sake of the finite differences.
  const floats = binaryCases(op, run, { range: [2.7, 2.8], second: [1.2, 1.3], dtypes: FLOATS, ulp: 0, triples })
  return {
    ...floats,
    cases: [...floats.cases, ...integerDivision(op, run)],
    errors: [
      {
        run: () => run(whole([1, 2]), whole([1, 0])),
        kind: RangeError,
        text: `${op}: b is 0 at flat position 1, and integers have no infinity`,
      },
    ],
  }
}

const truncated = (a: Tensor, b: Tensor): Tensor => div(a, b, { roundingMode: 'trunc' })

const bits = (op: string, run: Binary): OpCases => ({
  ...binaryCases(op, run, {
    range: [-100, 100],
    dtypes: [...INTEGERS, 'bool'],
    special: false,
    differentiable: false,
  }),
  errors: [{ run: () => run(tensor([1]), 1), kind: DTypeError, text: `floats have no ${op}` }],
})

const shift = (op: string, run: Binary): OpCases =>
  binaryCases(op, run, {
    range: [-100, 100],
    second: [-1, 9],
    dtypes: INTEGERS,
    special: false,
    differentiable: false,
  })

const clampCases: OpCases = {
  op: 'clamp',
  cases: [
    ...unaryCases('clamp', (x) => clamp(x as Tensor, -1.25, 0.75), {
      ulp: 0,
      pairs: [
        [-2, -1.25],
        [0.5, 0.5],
        [3, 0.75],
      ],
    }).cases,
    ...LENGTHS.flatMap((n) =>
      casesOf('clamp', [[[[n]], (x) => clamp(x, -1, 1)]], { dtypes: INTEGERS, differentiable: [] }),
    ),
    ...casesOf('clamp to tensors', [
      [[[5, 7]], (x) => clamp(x, -0.5)],
      [[[5, 7]], (x) => clamp(x, null, 0.5)],
      [[[5, 7], [7]], (x, min) => clamp(x, min, 1.5)],
      [[[5, 1], [7], [5, 7]], (x, min, max) => clamp(x, min, max), true],
    ]),
  ],
  errors: [{ run: () => clamp(whole([1]), null), kind: TypeError, text: 'clamp: there is no bound' }],
  large: [{ shape: [300_001] }],
}

export const specialCases: readonly OpCases[] = [
  unaryCases('trunc', trunc, {
    range: [0.1, 0.9],
    ulp: 0,
    pairs: [
      [-1.5, -1],
      [1.5, 1],
    ],
  }),
  ...functionCases,
  polygamma,
  ...pairCases,
  divisionCases('floorDivide', [
    [7, 2, 3],
    [-7, 2, -4],
    [1, 0.1, 9],
  ]),
  divisionCases('remainder', [
    [7, 2, 1],
    [-7, 2, 1],
    [7, -2, -1],
  ]),
  divisionCases('fmod', [
    [7, 2, 1],
    [-7, 2, -1],
    [7, -2, 1],
  ]),
  {
    ...binaryCases('truncDivide', truncated, {
      range: [-100, 100],
      second: [1, 7],
      dtypes: INTEGERS,
      special: false,
      differentiable: false,
    }),
    errors: [
      { run: () => truncated(whole([1]), whole([0])), kind: RangeError, text: 'div: b is 0 at flat position 0' },
    ],
  },
  bits('bitwiseAnd', bitwiseAnd),
  bits('bitwiseOr', bitwiseOr),
  bits('bitwiseXor', bitwiseXor),
  shift('bitwiseLeftShift', bitwiseLeftShift),
  shift('bitwiseRightShift', bitwiseRightShift),
  clampCases,
]
