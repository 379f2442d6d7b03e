// What a case of an op says; the checks of testing.ts and the benches are derived from it.
import { type DType, isFloating } from '../dtype.ts'
import type { Tensor } from '../tensor.ts'
import type { Checked, InputSpec } from '../testing.ts'

/** One use of an op. */
export interface OpCase extends Checked {
  /** Which inputs have gradients to check against finite differences; none if empty. Default: all floating ones. */
  readonly differentiable?: readonly number[]
}

/** All about an op that tests and benches need. */
export interface OpCases {
  /** Name of the record. */
  readonly op: string
  readonly cases: readonly OpCase[]
  /** Misuse: what must be thrown, and a piece of its message. */
  readonly errors?: readonly {
    readonly run: () => unknown
    readonly kind: new (...args: never[]) => Error
    readonly text: string
  }[]
  /** Inputs large enough for threads and benches, for the first case's `run`. */
  readonly large: readonly InputSpec[]
}

export const FLOATS: readonly DType[] = ['float32', 'float64']
export const NUMBERS: readonly DType[] = ['float32', 'float64', 'int32']

/** Lengths around the kernels' vectors and unrolled loops. */
export const LENGTHS: readonly number[] = [0, 1, 3, 4, 5, 15, 16, 17, 63, 65]

export const SPECIAL: readonly number[] = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1, -1]

export interface ElementwiseSpec {
  readonly range?: readonly [number, number]
  readonly dtypes?: readonly DType[]
  readonly ulp?: number
  /** Recorded pairs of argument and value. */
  readonly pairs?: readonly (readonly [number, number])[]
  /** Whether NaN, infinities and signed zeros are among the inputs. Default true. */
  readonly special?: boolean
  readonly differentiable?: boolean
}

/** The cases of an elementwise function of one tensor. */
export function unaryCases(op: string, run: (x: Tensor) => Tensor, spec: ElementwiseSpec = {}): OpCases {
  const { range, dtypes = FLOATS, ulp = 4, pairs = [], special = true, differentiable = true } = spec
  const shapes: InputSpec[] = [
    ...LENGTHS.map((n) => ({ shape: [n], range })),
    { shape: [], range },
    { shape: [5, 7], range, strided: true },
    ...(special && dtypes.every(isFloating) ? [{ shape: [19], range, special: SPECIAL }] : []),
  ]
  const cases: OpCase[] = shapes.map((input) => ({
    name: `${op}(${input.shape.join('x')}${input.strided ? ' strided' : ''}${input.special ? ' special' : ''})`,
    inputs: [input],
    run,
    dtypes,
    ulp,
    differentiable: differentiable && !input.special && input.shape[0] !== 63 && input.shape[0] !== 65 ? [0] : [],
  }))
  cases[0] = { ...cases[0], values: { inputs: [pairs.map(([x]) => x)], want: pairs.map(([, y]) => y) } }
  return { op, cases, large: [{ shape: [300_001], range }] }
}

export interface BinarySpec extends Omit<ElementwiseSpec, 'pairs'> {
  /** Range of the second input. Default: that of the first. */
  readonly second?: readonly [number, number]
  /** Recorded values: a, b and what comes of them. */
  readonly triples?: readonly (readonly [number, number, number | boolean])[]
}

/** The cases of an elementwise function of two tensors: every way of broadcasting that the kernels treat differently. */
export function binaryCases(op: string, run: (a: Tensor, b: Tensor) => Tensor, spec: BinarySpec = {}): OpCases {
  const { range, second = range, dtypes = NUMBERS, ulp = 1, triples = [], special = true, differentiable = true } = spec
  const shapes: readonly (readonly [readonly number[], readonly number[], boolean?])[] = [
    ...LENGTHS.map((n) => [[n], [n]] as const),
    [[17], []],
    [[], [17]],
    [[6, 5], [5]],
    [[5], [6, 5]],
    [
      [6, 5],
      [6, 1],
    ],
    [
      [6, 1],
      [1, 5],
    ],
    [
      [2, 3, 4],
      [3, 1],
    ],
    [
      [2, 1, 4],
      [2, 3, 1],
    ],
    [[5, 7], [5, 7], true],
    [[5, 7], [7], true],
  ]
  const cases: OpCase[] = shapes.map(([a, b, strided]) => ({
    name: `${op}([${a}], [${b}]${strided ? ' strided' : ''})`,
    inputs: [
      { shape: a, range, strided },
      { shape: b, range: second },
    ],
    run,
    dtypes,
    ulp,
    differentiable: differentiable && a[0] !== 63 && a[0] !== 65 ? [0, 1] : [],
  }))
  if (special) {
    const n = SPECIAL.length
    const [a, b] = [SPECIAL.flatMap((v) => new Array<number>(n).fill(v)), SPECIAL.flatMap(() => [...SPECIAL])]
    cases.push({
      name: `${op}(special)`,
      inputs: [
        { shape: [n * n], special: a },
        { shape: [n * n], special: b },
      ],
      run,
      dtypes: dtypes.filter(isFloating),
      ulp,
      differentiable: [],
    })
  }
  if (triples.length > 0) {
    const column = (k: 0 | 1 | 2): (number | boolean)[] => triples.map((t) => t[k])
    cases[0] = { ...cases[0], values: { inputs: [column(0), column(1)], want: column(2) } }
  }
  return {
    op,
    cases,
    large: [
      { shape: [300_001], range },
      { shape: [300_001], range: second },
    ],
  }
}

export type Runs = readonly (readonly [shapes: readonly (readonly number[])[], run: OpCase['run'], strided?: boolean])[]

/** Cases from shapes and calls; `rest` holds for all of them. */
export function casesOf(op: string, runs: Runs, rest: Partial<OpCase> = {}): OpCase[] {
  return runs.map(([shapes, run, strided], i) => ({
    dtypes: FLOATS,
    ulp: 0,
    ...rest,
    name: `${op} #${i} ${shapes.map((s) => `[${s}]`).join(' ')}${strided ? ' strided' : ''}`,
    inputs: shapes.map((shape) => ({ ...rest.inputs?.[0], shape, strided })),
    run,
  }))
}

/** The cases, the first of them with recorded values. */
export const withValues = (
  cases: OpCase[],
  inputs: NonNullable<OpCase['values']>['inputs'],
  want: NonNullable<OpCase['values']>['want'],
): OpCase[] => [{ ...cases[0], values: { inputs, want } }, ...cases.slice(1)]
