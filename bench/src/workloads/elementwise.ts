// Elementwise functions: one line each, with their names at the peers.
import * as x from '@x/tensor'
import * as special from '@x/tensor/special'
import type { HostArray, Random } from '../hostArray.ts'
import { type Definition, define, type Foreign } from '../workload.ts'

type Domain = (random: Random, shape: readonly number[]) => HostArray
const real: Domain = (random, shape) => random.normal(shape)
const positive: Domain = (random, shape) => random.uniform(shape, 0.1, 4)

/** Names in tfjs, ONNX, jax-js, numpy-ts and ml-matrix ('' where there is none); functions where it takes more than a name. */
type Names = readonly [
  tfjs: string | ((tf: Foreign, x: Foreign) => Foreign),
  ort: string | ((graph: Foreign, x: string) => string),
  jax: string | ((jax: Foreign, x: Foreign) => Foreign),
  numpy: string,
  mlMatrix: string,
]

interface Options {
  domain?: Domain
  target?: number
  tolerance?: number
  /** Size that the target speaks of. Default 1e6. */
  at?: number
}

function unary(
  name: keyof typeof x | keyof typeof special,
  [tfjs, ort, jax, numpy, mlMatrix]: Names,
  { domain = real, target, at = 1e6, tolerance }: Options = {},
): Definition<string> {
  const ours = { ...x, ...special }[name] as x.Unary
  return define({
    name,
    section: 'elementwise',
    small: [16],
    large: [1e6],
    target: ([n]) => (n === at ? target : undefined),
    tolerance,
    data: (random, shape) => ({ x: domain(random, shape) }),
    ours: ({ x }) => ours(x),
    ...(tfjs && { tfjs: (tf: Foreign, { x }: Foreign) => (typeof tfjs === 'string' ? tf[tfjs](x) : tfjs(tf, x)) }),
    ...(ort && {
      ort: (graph: Foreign, { x }: Foreign) => (typeof ort === 'string' ? graph.node(ort, [x]) : ort(graph, x)),
    }),
    ...(jax && { jax: (lib: Foreign, { x }: Foreign) => (typeof jax === 'string' ? lib.numpy[jax](x) : jax(lib, x)) }),
    ...(numpy && { numpy: (np: Foreign, { x }: Foreign) => np[numpy](x) }),
    ...(mlMatrix && { mlMatrix: ({ Matrix }: Foreign, { x }: Foreign) => Matrix[mlMatrix](x) }),
  })
}

function binary(
  name: keyof typeof x,
  [tfjs, ort, jax, numpy, mlMatrix]: Names,
  { domain = real, target, at = 1e6, tolerance }: Options = {},
): Definition<string> {
  const ours = x[name] as x.Binary
  return define({
    name,
    section: 'elementwise',
    small: [16],
    large: name === 'add' ? [[100], [1e4], [1e6]] : [1e6],
    target: ([n]) => (n === at ? target : undefined),
    tolerance,
    data: (random, shape) => ({ a: domain(random, shape), b: domain(random, shape) }),
    ours: ({ a, b }) => ours(a, b),
    ...(tfjs && { tfjs: (tf: Foreign, { a, b }: Foreign) => tf[tfjs as string](a, b) }),
    ...(ort && { ort: (graph: Foreign, { a, b }: Foreign) => graph.node(ort, [a, b]) }),
    ...(jax && { jax: (lib: Foreign, { a, b }: Foreign) => lib.numpy[jax as string](a, b) }),
    ...(numpy && { numpy: (np: Foreign, { a, b }: Foreign) => np[numpy](a, b) }),
    ...(mlMatrix && { mlMatrix: ({ Matrix }: Foreign, { a, b }: Foreign) => Matrix[mlMatrix](a, b) }),
  })
}

const fraction: Domain = (random, shape) => random.uniform(shape, 0.05, 0.95)
const aboveOne: Domain = (random, shape) => random.uniform(shape, 1.1, 4)
const integers: Options = { domain: (random, shape) => random.integers(shape, 30) }
const logic: Options = { domain: (random, shape) => random.booleans(shape) }

const geluTanhOf = (tf: Foreign, x: Foreign): Foreign =>
  tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(tf.mul(tf.add(x, tf.mul(tf.pow(x, 3), 0.044715)), Math.sqrt(2 / Math.PI))), 1))
const geluOf = (tf: Foreign, x: Foreign): Foreign => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1))

export const elementwise: readonly Definition<string>[] = [
  unary('neg', ['neg', 'Neg', 'negative', 'negative', '']),
  unary('abs', ['abs', 'Abs', 'abs', 'abs', 'abs']),
  unary('sign', ['sign', 'Sign', 'sign', 'sign', 'sign']),
  unary('square', ['square', (graph, x) => graph.node('Mul', [x, x]), 'square', 'square', '']),
  unary('sqrt', ['sqrt', 'Sqrt', 'sqrt', 'sqrt', 'sqrt'], { domain: positive }),
  unary('rsqrt', ['rsqrt', (graph, x) => graph.node('Reciprocal', [graph.node('Sqrt', [x])]), '', '', ''], {
    domain: positive,
  }),
  unary('reciprocal', ['reciprocal', 'Reciprocal', 'reciprocal', 'reciprocal', ''], { domain: positive }),
  unary('exp', ['exp', 'Exp', 'exp', 'exp', 'exp'], { target: 4 }),
  unary('log', ['log', 'Log', 'log', 'log', 'log'], { domain: positive }),
  unary('log1p', ['log1p', '', 'log1p', 'log1p', 'log1p'], { domain: positive }),
  unary('expm1', ['expm1', '', 'expm1', 'expm1', 'expm1']),
  unary('sin', ['sin', 'Sin', 'sin', 'sin', 'sin']),
  unary('cos', ['cos', 'Cos', 'cos', 'cos', 'cos']),
  unary('tanh', ['tanh', 'Tanh', 'tanh', 'tanh', 'tanh'], { target: 4 }),
  unary('sigmoid', ['sigmoid', 'Sigmoid', (jax, x) => jax.nn.sigmoid(x), '', '']),
  unary('erf', ['erf', 'Erf', (jax, x) => jax.lax.erf(x), '', '']),
  unary('relu', ['relu', 'Relu', (jax, x) => jax.nn.relu(x), '', '']),
  unary('gelu', [geluOf, 'Gelu', (jax, x) => jax.nn.gelu(x, { approximate: false }), '', ''], { target: 6 }),
  unary(
    'geluTanh',
    [geluTanhOf, (graph, x) => graph.node('Gelu', [x], { approximate: 'tanh' }), (jax, x) => jax.nn.gelu(x), '', ''],
    {
      target: 6,
    },
  ),
  unary('floor', ['floor', 'Floor', 'floor', 'floor', 'floor']),
  unary('ceil', ['ceil', 'Ceil', 'ceil', 'ceil', 'ceil']),
  unary('round', ['round', 'Round', 'round', 'rint', '']),
  unary('trunc', ['', '', 'trunc', 'trunc', 'trunc']),
  unary('exp2', ['', '', 'exp2', 'exp2', '']),
  unary('log2', ['', '', 'log2', 'log2', 'log2'], { domain: positive, tolerance: 1e-5 }),
  unary('log10', ['', '', 'log10', 'log10', 'log10'], { domain: positive, tolerance: 1e-5 }),
  unary('tan', ['tan', 'Tan', 'tan', 'tan', 'tan'], { tolerance: 1e-4 }),
  unary('asin', ['asin', 'Asin', 'arcsin', 'arcsin', 'asin'], { domain: fraction }),
  unary('acos', ['acos', 'Acos', 'arccos', 'arccos', 'acos'], { domain: fraction }),
  unary('atan', ['atan', 'Atan', 'arctan', 'arctan', 'atan']),
  unary('sinh', ['sinh', 'Sinh', 'sinh', 'sinh', 'sinh']),
  unary('cosh', ['cosh', 'Cosh', 'cosh', 'cosh', 'cosh']),
  unary('asinh', ['asinh', 'Asinh', 'arcsinh', 'arcsinh', 'asinh']),
  unary('acosh', ['acosh', 'Acosh', 'arccosh', 'arccosh', 'acosh'], { domain: aboveOne }),
  unary('atanh', ['atanh', 'Atanh', 'arctanh', 'arctanh', 'atanh'], { domain: fraction }),
  unary('erfc', ['', '', (jax, x) => jax.lax.erfc(x), '', '']),
  unary('erfinv', ['', '', '', '', ''], { domain: fraction }),
  unary('logit', ['', '', (jax, x) => jax.scipy.special.logit(x), '', ''], { domain: fraction, tolerance: 1e-4 }),
  unary('sinc', ['', '', 'sinc', 'sinc', '']),
  unary('lgamma', ['', '', '', '', ''], { domain: positive }),
  unary('digamma', ['', '', '', '', ''], { domain: positive }),
  unary('logicalNot', ['logicalNot', 'Not', 'logicalNot', 'logical_not', ''], logic),
  binary('add', ['add', 'Add', 'add', 'add', 'add'], { target: 2.5, at: 1e4 }),
  binary('sub', ['sub', 'Sub', 'subtract', 'subtract', 'sub']),
  binary('mul', ['mul', 'Mul', 'multiply', 'multiply', 'mul']),
  binary('div', ['div', 'Div', 'divide', 'divide', 'div'], { domain: positive }),
  binary('pow', ['pow', 'Pow', 'power', 'power', ''], { domain: positive, tolerance: 1e-4 }),
  binary('floorDivide', ['floorDiv', '', 'floorDivide', 'floor_divide', ''], { domain: positive }),
  binary('remainder', ['mod', 'Mod', 'remainder', 'mod', ''], { domain: positive }),
  binary('fmod', ['', '', 'fmod', 'fmod', ''], { domain: positive }),
  binary('atan2', ['atan2', '', 'arctan2', 'arctan2', '']),
  binary('hypot', ['', '', 'hypot', 'hypot', '']),
  binary('fmax', ['', '', '', 'fmax', '']),
  binary('fmin', ['', '', '', 'fmin', '']),
  binary('logaddexp', ['', '', 'logaddexp', 'logaddexp', '']),
  binary('logaddexp2', ['', '', '', 'logaddexp2', '']),
  binary('copysign', ['', '', 'copysign', 'copysign', '']),
  binary('xlogy', ['', '', '', '', ''], { domain: positive }),
  binary('heaviside', ['', '', 'heaviside', 'heaviside', '']),
  binary('nextafter', ['', '', '', '', '']),
  binary('bitwiseAnd', ['', '', 'bitwiseAnd', 'bitwise_and', ''], integers),
  binary('bitwiseOr', ['', '', 'bitwiseOr', 'bitwise_or', ''], integers),
  binary('bitwiseXor', ['', '', 'bitwiseXor', 'bitwise_xor', ''], integers),
  binary('bitwiseLeftShift', ['', '', 'leftShift', 'left_shift', ''], integers),
  binary('bitwiseRightShift', ['', '', 'rightShift', 'right_shift', ''], integers),
  binary('maximum', ['maximum', 'Max', 'maximum', 'maximum', '']),
  binary('minimum', ['minimum', 'Min', 'minimum', 'minimum', '']),
  binary('eq', ['equal', 'Equal', 'equal', 'equal', '']),
  binary('ne', ['notEqual', '', 'notEqual', 'not_equal', '']),
  binary('lt', ['less', 'Less', 'less', 'less', '']),
  binary('le', ['lessEqual', 'LessOrEqual', 'lessEqual', 'less_equal', '']),
  binary('gt', ['greater', 'Greater', 'greater', 'greater', '']),
  binary('ge', ['greaterEqual', 'GreaterOrEqual', 'greaterEqual', 'greater_equal', '']),
  binary('logicalAnd', ['logicalAnd', 'And', 'logicalAnd', 'logical_and', ''], logic),
  binary('logicalOr', ['logicalOr', 'Or', 'logicalOr', 'logical_or', ''], logic),
  binary('logicalXor', ['logicalXor', 'Xor', 'logicalXor', 'logical_xor', ''], logic),

  define({
    name: 'add a number',
    section: 'elementwise',
    small: [16],
    large: [1e6],
    data: (random, shape) => ({ x: random.normal(shape) }),
    ours: ({ x }) => x.add(2),
    tfjs: (tf, { x }) => tf.add(x, 2),
    jax: (jax, { x }) => jax.numpy.add(x, 2),
    numpy: (np, { x }) => np.add(x, 2),
    mlMatrix: ({ Matrix }, { x }) => Matrix.add(x, 2),
  }),
  define({
    name: 'add a row',
    section: 'elementwise',
    small: [4, 4],
    large: [1000, 1000],
    data: (random, [m, n]) => ({ x: random.normal([m, n]), row: random.normal([n]) }),
    ours: ({ x, row }) => x.add(row),
    tfjs: (tf, { x, row }) => tf.add(x, row),
    ort: (graph, { x, row }) => graph.node('Add', [x, row]),
    jax: (jax, { x, row }) => jax.numpy.add(x, row),
    numpy: (np, { x, row }) => np.add(x, row),
    mlMatrix: (_, { x, row }) => x.clone().addRowVector(row),
  }),
  define({
    name: 'add a column',
    section: 'elementwise',
    small: [4, 4],
    large: [1000, 1000],
    data: (random, [m, n]) => ({ x: random.normal([m, n]), column: random.normal([m, 1]) }),
    ours: ({ x, column }) => x.add(column),
    tfjs: (tf, { x, column }) => tf.add(x, column),
    ort: (graph, { x, column }) => graph.node('Add', [x, column]),
    jax: (jax, { x, column }) => jax.numpy.add(x, column),
    numpy: (np, { x, column }) => np.add(x, column),
    mlMatrix: (_, { x, column }) => x.clone().addColumnVector(column),
  }),
  define({
    name: 'clamp',
    section: 'elementwise',
    small: [16],
    large: [1e6],
    data: (random, shape) => ({ x: random.normal(shape) }),
    ours: ({ x: given }) => x.clamp(given, -1, 1),
    tfjs: (tf, { x }) => tf.clipByValue(x, -1, 1),
    jax: (jax, { x }) => jax.numpy.clip(x, -1, 1),
    numpy: (np, { x }) => np.clip(x, -1, 1),
  }),
  define({
    name: 'trigamma',
    section: 'elementwise',
    small: [16],
    large: [1e6],
    data: (random, shape) => ({ x: random.uniform(shape, 0.1, 4) }),
    ours: ({ x: given }) => special.polygamma(1, given),
  }),
  define({
    name: 'quotients of integers, truncated',
    section: 'elementwise',
    small: [16],
    large: [1e6],
    data: (random, shape) => ({ a: random.integers(shape, 1000), b: random.integers(shape, 30) }),
    ours: ({ a, b }) => x.div(a, b.add(1), { roundingMode: 'trunc' }),
  }),
  define({
    name: 'where',
    section: 'elementwise',
    small: [16],
    large: [1e6],
    data: (random, shape) => ({ condition: random.booleans(shape), a: random.normal(shape), b: random.normal(shape) }),
    ours: ({ condition, a, b }) => x.where(condition, a, b),
    tfjs: (tf, { condition, a, b }) => tf.where(condition, a, b),
    ort: (graph, { condition, a, b }) => graph.node('Where', [condition, a, b]),
    jax: (jax, { condition, a, b }) => jax.numpy.where(condition, a, b),
    numpy: (np, { condition, a, b }) => np.where(condition, a, b),
  }),
  define({
    name: 'cast to int32',
    section: 'elementwise',
    small: [16],
    large: [1e6],
    data: (random, shape) => ({ x: random.uniform(shape, -100, 100) }),
    ours: ({ x }) => x.cast('int32'),
    tfjs: (tf, { x }) => tf.cast(x, 'int32'),
    ort: (graph, { x }) => graph.node('Cast', [x], { to: 6 }),
    jax: (jax, { x }) => x.astype(jax.numpy.int32),
    numpy: (_, { x }) => x.astype('int32'),
  }),
]
