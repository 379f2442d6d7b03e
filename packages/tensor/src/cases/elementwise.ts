// Cases of the elementwise ops. Values are from the definitions, to the digits of float64.

import { tensor, zeros } from '../create.ts'
import { ShapeError } from '../errors.ts'
import * as binary from '../ops/elementwise/binary.ts'
import { cast } from '../ops/elementwise/cast.ts'
import * as division from '../ops/elementwise/division.ts'
import * as unary from '../ops/elementwise/unary.ts'
import type { Tensor } from '../tensor.ts'
import { binaryCases, FLOATS, NUMBERS, type OpCases, unaryCases } from './case.ts'

const positive = [0.1, 4] as const
const apart = [0.3, 1.7] as const

const bytes = (
  op: string,
  run: (a: Tensor, b: Tensor) => Tensor,
  table: readonly [boolean, boolean, boolean, boolean],
): OpCases =>
  binaryCases(op, run, {
    range: [0, 2],
    dtypes: ['bool'],
    special: false,
    differentiable: false,
    triples: [0, 1, 2, 3].map((i) => [i >> 1, i & 1, table[i]] as const),
  })

const comparison = (
  op: string,
  run: (a: Tensor, b: Tensor) => Tensor,
  of: (a: number, b: number) => boolean,
): OpCases => {
  const pairs = [
    [1, 2],
    [2, 2],
    [3, 2],
  ] as const
  return binaryCases(op, run, {
    range: [-2, 2],
    differentiable: false,
    triples: pairs.map(([a, b]) => [a, b, of(a, b)] as const),
  })
}

export const elementwiseCases: readonly OpCases[] = [
  unaryCases('neg', unary.neg, { ulp: 0, dtypes: NUMBERS, pairs: [[1, -1]] }),
  unaryCases('abs', unary.abs, { ulp: 0, dtypes: NUMBERS, pairs: [[-3, 3]] }),
  unaryCases('sign', unary.sign, { ulp: 0, dtypes: NUMBERS, pairs: [[-3, -1]] }),
  unaryCases('square', unary.square, { ulp: 0, dtypes: NUMBERS, pairs: [[-3, 9]] }),
  unaryCases('relu', unary.relu, { ulp: 0, dtypes: NUMBERS, pairs: [[-3, 0]] }),
  unaryCases('sqrt', unary.sqrt, { range: positive, ulp: 0, pairs: [[2, Math.SQRT2]] }),
  unaryCases('rsqrt', unary.rsqrt, { range: positive, ulp: 1, pairs: [[4, 0.5]] }),
  unaryCases('reciprocal', unary.reciprocal, { range: positive, ulp: 0, pairs: [[8, 0.125]] }),
  unaryCases('exp', unary.exp, {
    range: [-20, 20],
    pairs: [
      [0, 1],
      [1, Math.E],
      [-2, 0.1353352832366127],
    ],
  }),
  unaryCases('log', unary.log, {
    range: positive,
    pairs: [
      [1, 0],
      [10, Math.LN10],
    ],
  }),
  unaryCases('log1p', unary.log1p, {
    range: [-0.9, 3],
    pairs: [
      [0, 0],
      [1, Math.LN2],
    ],
  }),
  unaryCases('expm1', unary.expm1, {
    range: [-3, 3],
    pairs: [
      [0, 0],
      [1, 1.718281828459045],
    ],
  }),
  unaryCases('sin', unary.sin, { range: [-7, 7], ulp: 8, pairs: [[1, 0.8414709848078965]] }),
  unaryCases('cos', unary.cos, { range: [-7, 7], ulp: 8, pairs: [[1, 0.5403023058681398]] }),
  unaryCases('tanh', unary.tanh, {
    range: [-10, 10],
    pairs: [
      [1, 0.7615941559557649],
      [-0.5, -0.46211715726000973],
    ],
  }),
  unaryCases('sigmoid', unary.sigmoid, {
    range: [-20, 20],
    pairs: [
      [0, 0.5],
      [1, 0.7310585786300049],
    ],
  }),
  unaryCases('erf', unary.erf, {
    range: [-4, 4],
    pairs: [
      [1, 0.8427007929497149],
      [-0.5, -0.5204998778130465],
    ],
  }),
  unaryCases('gelu', unary.gelu, { range: [-5, 5], ulp: 64, pairs: [[1, 0.8413447460685429]] }),
  unaryCases('geluTanh', unary.geluTanh, { range: [-5, 5], ulp: 32, pairs: [[1, 0.8411919906082768]] }),
  unaryCases('floor', unary.floor, {
    range: [0.1, 0.9],
    ulp: 0,
    pairs: [
      [-1.5, -2],
      [1.5, 1],
    ],
  }),
  unaryCases('ceil', unary.ceil, {
    range: [0.1, 0.9],
    ulp: 0,
    pairs: [
      [-1.5, -1],
      [1.5, 2],
    ],
  }),
  unaryCases('round', unary.round, {
    range: [0.6, 1.4],
    ulp: 0,
    pairs: [
      [0.5, 0],
      [1.5, 2],
      [2.5, 2],
      [-0.7, -1],
    ],
  }),
  unaryCases('logicalNot', unary.logicalNot, {
    range: [0, 2],
    dtypes: ['bool'],
    special: false,
    differentiable: false,
  }),
  unaryCases('cast', (x) => cast(x, x.dtype === 'float32' ? 'float64' : 'float32'), {
    ulp: 0,
    dtypes: FLOATS,
    pairs: [[1.5, 1.5]],
  }),
  {
    ...binaryCases('add', binary.add, { ulp: 0, triples: [[1, 2, 3]] }),
    errors: [
      {
        run: () => zeros([2, 3]).add(zeros([2])),
        kind: ShapeError,
        text: 'add: shapes do not broadcast: a [2, 3], b [2] (3 ≠ 2 at axis -1)',
      },
      { run: () => zeros([2]).add('1' as unknown as number), kind: TypeError, text: 'add: b is a string' },
    ],
  },
  binaryCases('sub', binary.sub, { ulp: 0, triples: [[1, 2, -1]] }),
  binaryCases('mul', binary.mul, { ulp: 0, triples: [[3, 2, 6]] }),
  binaryCases('div', division.div, { range: [1, 3], ulp: 0, dtypes: FLOATS, triples: [[1, 4, 0.25]] }),
  binaryCases('pow', division.pow, {
    range: apart,
    second: [-2, 2],
    ulp: 32,
    dtypes: FLOATS,
    triples: [
      [2, 10, 1024],
      [-2, 3, -8],
      [5, 0, 1],
    ],
  }),
  binaryCases('maximum', binary.maximum, { ulp: 0, triples: [[1, 2, 2]] }),
  binaryCases('minimum', binary.minimum, { ulp: 0, triples: [[1, 2, 1]] }),
  comparison('eq', binary.eq, (a, b) => a === b),
  comparison('ne', binary.ne, (a, b) => a !== b),
  comparison('lt', binary.lt, (a, b) => a < b),
  comparison('le', binary.le, (a, b) => a <= b),
  comparison('gt', binary.gt, (a, b) => a > b),
  comparison('ge', binary.ge, (a, b) => a >= b),
  bytes('logicalAnd', binary.logicalAnd, [false, false, false, true]),
  bytes('logicalOr', binary.logicalOr, [false, true, true, true]),
  bytes('logicalXor', binary.logicalXor, [false, true, true, false]),
  binaryCases('where', (a, b) => binary.where(tensor([1, 0, 1, 1, 0].slice(0, 1)), a, b), {
    ulp: 0,
    triples: [[1, 2, 1]],
  }),
]
