// Initial values, written over those of a parameter: init.kaimingUniform(layer.weight). Each function returns its tensor.
import {
  arange,
  defaultGenerator,
  normal as drawNormal,
  uniform as drawUniform,
  erf,
  full,
  type Shape,
  ShapeError,
  type Tensor,
  tensor,
  tidy,
  zeros as zerosOf,
} from '@x/tensor'
import { assign, checkOptions, show, sizeOf } from '@x/tensor/op'
import type { InitOptions } from './init.ts'
import { inRange, multiple, oneOf, whole } from './options.ts'

/** Puts what `make` gives into w. */
function into(w: Tensor, make: () => Tensor): Tensor {
  tidy(() => assign(w, make()))
  return w
}

const GAINS: Readonly<Record<string, (param: number) => number>> = {
  tanh: () => 5 / 3,
  relu: () => Math.SQRT2,
  leakyRelu: (slope) => Math.sqrt(2 / (1 + slope ** 2)),
  selu: () => 3 / 4,
}
const LINEAR = ['linear', 'sigmoid', ...[1, 2, 3].flatMap((d) => [`conv${d}d`, `convTranspose${d}d`])]

/**
 * By how much weights should be larger before a nonlinearity, so that variances stay.
 * @param nonlinearity 'linear', 'sigmoid', 'conv1d' … 'convTranspose3d' (1), 'tanh' (5/3), 'relu' (√2), 'selu' (3/4),
 *   'leakyRelu' (√(2 / (1 + param²)))
 * @param param the slope of leakyRelu. Default 0.01
 * @throws RangeError for another name
 * @example
 * import { init } from '@x/nn'
 * init.calculateGain('tanh') // 1.6666666666666667
 */
export function calculateGain(nonlinearity: string, param = 0.01): number {
  if (LINEAR.includes(nonlinearity)) return 1
  const gain = Object.hasOwn(GAINS, nonlinearity) ? GAINS[nonlinearity] : null
  if (gain) return gain(param)
  throw new RangeError(`calculateGain: '${nonlinearity}' is none of ${[...LINEAR, ...Object.keys(GAINS)].join(', ')}`)
}

/**
 * How many inputs an output sums, and how many outputs an input goes into: of weights [out, in, ...places].
 * @throws ShapeError below two axes
 * @example
 * import { ones } from '@x/tensor'
 * import { init } from '@x/nn'
 * init.calculateFanInAndFanOut(ones([8, 3, 5, 5])) // [75, 200]
 */
export function calculateFanInAndFanOut({ shape }: Pick<Tensor, 'shape'>): [fanIn: number, fanOut: number] {
  if (shape.length < 2) throw new ShapeError(`calculateFanInAndFanOut: weights ${show(shape)} need two axes`)
  const places = sizeOf(shape.slice(2))
  return [shape[1] * places, shape[0] * places]
}

/**
 * The same number everywhere.
 * @example
 * import { ones } from '@x/tensor'
 * import { init } from '@x/nn'
 * init.constant(ones([2]), 3).toArray() // [3, 3]
 */
export const constant = (w: Tensor, value: number): Tensor => into(w, () => full(w.shape, value, { dtype: w.dtype }))
/**
 * 1 everywhere.
 * @example
 * import { tensor } from '@x/tensor'
 * import { init } from '@x/nn'
 * init.ones(tensor([5, 5])).toArray() // [1, 1]
 */
export const ones = (w: Tensor): Tensor => constant(w, 1)
/**
 * 0 everywhere.
 * @example
 * import { tensor } from '@x/tensor'
 * import { init } from '@x/nn'
 * init.zeros(tensor([5, 5])).toArray() // [0, 0]
 */
export const zeros = (w: Tensor): Tensor => constant(w, 0)

/** Options of `init.uniform`. */
export interface UniformOptions extends InitOptions {
  /** Default 0. */
  a?: number
  /** Default 1. */
  b?: number
}

/**
 * Uniform in [a, b).
 * @throws RangeError for an option that there is not
 * @example
 * import { ones } from '@x/tensor'
 * import { init } from '@x/nn'
 * init.uniform(ones([100]), { a: -1, b: 1 }).abs().max().item() <= 1 // true
 */
export function uniform(w: Tensor, options: UniformOptions = {}): Tensor {
  checkOptions('uniform', options, ['a', 'b', 'generator'])
  const { a: low = 0, b: high = 1, generator } = options
  return into(w, () => drawUniform(w.shape, { low, high, generator, dtype: w.dtype }))
}

/** Options of `init.normal`. */
export interface NormalOptions extends InitOptions {
  /** Default 0. */
  mean?: number
  /** Standard deviation. Default 1. */
  std?: number
}

/**
 * Normal.
 * @throws RangeError for an option that there is not
 * @example
 * import { ones } from '@x/tensor'
 * import { init } from '@x/nn'
 * init.normal(ones([10000]), { mean: 3, std: 0.1 }).mean().item() // about 3
 */
export function normal(w: Tensor, options: NormalOptions = {}): Tensor {
  checkOptions('normal', options, ['mean', 'std', 'generator'])
  return into(w, () => drawNormal(w.shape, { ...options, dtype: w.dtype }))
}

/** Options of `init.truncNormal`. */
export interface TruncNormalOptions extends NormalOptions {
  /** Lower bound. Default −2. */
  a?: number
  /** Upper bound. Default 2. */
  b?: number
}

/**
 * Normal, from between a and b alone: uniform shares of the distribution between them, and where those lie by bisection.
 * @throws RangeError unless a < b
 * @example
 * import { ones } from '@x/tensor'
 * import { init } from '@x/nn'
 * init.truncNormal(ones([1000])).abs().max().item() <= 2 // true
 */
export function truncNormal(w: Tensor, options: TruncNormalOptions = {}): Tensor {
  checkOptions('truncNormal', options, ['mean', 'std', 'a', 'b', 'generator'])
  const { mean = 0, std = 1, a = -2, b = 2, generator } = options
  if (!(a < b)) throw new RangeError(`truncNormal: a ${a} is not below b ${b}`)
  return into(w, () => {
    const [first, last] = [a, b].map((bound) => (bound - mean) / std / Math.SQRT2)
    const [from, to] = [first, last].map((z) => erf(tensor(z, { dtype: 'float64' })).item())
    const share = drawUniform(w.shape, { low: from, high: to, generator, dtype: 'float64' })
    let z = full(w.shape, (first + last) / 2, { dtype: 'float64' })
    // Each step halves what is left of the interval: 50 reach the last digits of float64.
    for (let i = 0, step = (last - first) / 4; i < 50; i++, step /= 2) {
      z = tidy(() => z.add(z.erf().lt(share).where(step, -step)))
    }
    return z
      .mul(std * Math.SQRT2)
      .add(mean)
      .maximum(a)
      .minimum(b)
  })
}

/** Options of `init.xavierUniform`, `init.xavierNormal` and `init.orthogonal`. */
export interface GainOptions extends InitOptions {
  /** Factor of all; see `calculateGain`. Default 1. */
  gain?: number
}

const spread = (op: string, w: Tensor, options: GainOptions): number => {
  checkOptions(op, options, ['gain', 'generator'])
  const [fanIn, fanOut] = calculateFanInAndFanOut(w)
  return (options.gain ?? 1) * Math.sqrt(2 / (fanIn + fanOut))
}

/**
 * Uniform in ±gain √(6 / (fanIn + fanOut)).
 * Source: Glorot and Bengio 2010, eq. 16.
 * @throws ShapeError below two axes
 * @example
 * import { ones } from '@x/tensor'
 * import { init } from '@x/nn'
 * init.xavierUniform(ones([3, 3])).abs().max().item() <= 1 // true
 */
export function xavierUniform(w: Tensor, options: GainOptions = {}): Tensor {
  const bound = Math.sqrt(3) * spread('xavierUniform', w, options)
  return uniform(w, { a: -bound, b: bound, generator: options.generator })
}

/**
 * Normal with standard deviation gain √(2 / (fanIn + fanOut)); see `xavierUniform`.
 * @throws ShapeError below two axes; RangeError for an option that there is not
 * @example
 * import { ones } from '@x/tensor'
 * import { init } from '@x/nn'
 * init.xavierNormal(ones([100, 100])).std().item() // about 0.1
 */
export function xavierNormal(w: Tensor, options: GainOptions = {}): Tensor {
  return normal(w, { std: spread('xavierNormal', w, options), generator: options.generator })
}

/** Options of `init.kaimingUniform` and `init.kaimingNormal`. */
export interface KaimingOptions extends InitOptions {
  /** Slope of leakyRelu behind the layer. Default 0. */
  a?: number
  /** Whether variances are to stay on the way forward or back. Default 'fanIn'. */
  mode?: 'fanIn' | 'fanOut'
  /** A name that `calculateGain` knows. Default 'leakyRelu'. */
  nonlinearity?: string
}

function kaimingStd(op: string, w: Tensor, options: KaimingOptions): number {
  checkOptions(op, options, ['a', 'mode', 'nonlinearity', 'generator'])
  const { a = 0, mode = 'fanIn', nonlinearity = 'leakyRelu' } = options
  oneOf(`${op}: mode`, mode, ['fanIn', 'fanOut'])
  const fans = calculateFanInAndFanOut(w)
  return calculateGain(nonlinearity, a) / Math.sqrt(fans[mode === 'fanIn' ? 0 : 1])
}

/**
 * Uniform in ±gain √(3 / fan).
 * Source: K. He et al. 2015, arXiv:1502.01852, section 2.2.
 * @throws ShapeError below two axes; RangeError
 * @example
 * import { ones } from '@x/tensor'
 * import { init } from '@x/nn'
 * init.kaimingUniform(ones([4, 6]), { nonlinearity: 'relu' }).abs().max().item() <= 1 // true
 */
export function kaimingUniform(w: Tensor, options: KaimingOptions = {}): Tensor {
  const bound = Math.sqrt(3) * kaimingStd('kaimingUniform', w, options)
  return uniform(w, { a: -bound, b: bound, generator: options.generator })
}

/**
 * Normal with standard deviation gain / √fan; see `kaimingUniform`.
 * @throws ShapeError below two axes; RangeError
 * @example
 * import { ones } from '@x/tensor'
 * import { init } from '@x/nn'
 * init.kaimingNormal(ones([100, 200]), { nonlinearity: 'relu' }).std().item() // about 0.1
 */
export function kaimingNormal(w: Tensor, options: KaimingOptions = {}): Tensor {
  return normal(w, { std: kaimingStd('kaimingNormal', w, options), generator: options.generator })
}

/** @throws ShapeError unless w has as many axes as that */
function requireAxes(op: string, { shape }: Tensor, least: number, most = least): void {
  if (shape.length < least || shape.length > most)
    throw new ShapeError(
      `${op}: weights ${show(shape)} have not ${least === most ? least : `${least} to ${most}`} axes`,
    )
}

/**
 * 1 on the diagonal of a matrix, 0 elsewhere.
 * @throws ShapeError
 * @example
 * import { ones } from '@x/tensor'
 * import { init } from '@x/nn'
 * init.eye(ones([2, 2])).toArray() // [[1, 0], [0, 1]]
 */
export function eye(w: Tensor): Tensor {
  requireAxes('eye', w, 2)
  const [rows, columns] = w.shape.map((n) => arange(n, undefined, { dtype: 'int32' }))
  return into(w, () => rows.unsqueeze(1).eq(columns).cast(w.dtype))
}

/**
 * Weights [out, in, ...places] of a convolution that passes its channels on, as many as there are.
 * @param options.groups of channels, each passed on by itself. Default 1
 * @throws ShapeError, RangeError
 * @example
 * import { ones } from '@x/tensor'
 * import { init } from '@x/nn'
 * init.dirac(ones([1, 1, 3])).toArray() // [[[0, 1, 0]]]
 */
export function dirac(w: Tensor, options: { groups?: number } = {}): Tensor {
  checkOptions('dirac', options, ['groups'])
  requireAxes('dirac', w, 3, 5)
  const groups = whole('dirac: groups', options.groups ?? 1)
  const [out, inner, ...places] = w.shape
  multiple('dirac: channels', out, groups)
  const size = sizeOf(places)
  const centre = places.reduce((at, n) => at * n + Math.floor(n / 2), 0)
  const values = new Float64Array(w.size)
  const perGroup = out / groups
  for (let i = 0; i < out; i++) {
    if (i % perGroup < inner) values[(i * inner + (i % perGroup)) * size + centre] = 1
  }
  return into(w, () => tensor(values, { shape: w.shape }))
}

/**
 * A matrix with orthonormal rows or columns, whichever are fewer, times gain; further axes count as columns.
 * Source: Saxe, McClelland and Ganguli 2013, arXiv:1312.6120.
 * @throws ShapeError below two axes
 * @example
 * import { ones } from '@x/tensor'
 * import { init } from '@x/nn'
 * const w = init.orthogonal(ones([2, 3]))
 * w.matmul(w.mT) // about [[1, 0], [0, 1]]
 */
export function orthogonal(w: Tensor, options: GainOptions = {}): Tensor {
  checkOptions('orthogonal', options, ['gain', 'generator'])
  requireAxes('orthogonal', w, 2, Number.POSITIVE_INFINITY)
  const [rows, columns] = [w.shape[0], sizeOf(w.shape.slice(1))]
  const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)]
  return into(w, () => {
    const drawn = drawNormal([count, length], { generator: options.generator, dtype: 'float64' })
    const basis = zerosOf([count, length], { dtype: 'float64' })
    for (let i = 0; i < count; i++) {
      tidy(() => {
        let v = drawn.at(i)
        // Twice, which is enough against rounding; rows that are not there yet are 0.
        for (let k = 0; k < 2; k++) v = v.sub(basis.matmul(v).matmul(basis))
        assign(basis.at(i), v.mul(v.square().sum().rsqrt()))
      })
    }
    return (rows < columns ? basis : basis.mT).reshape(w.shape as Shape).mul(options.gain ?? 1)
  })
}

/** Options of `init.sparse`. */
export interface SparseOptions extends InitOptions {
  /** Standard deviation of what is not 0. Default 0.01. */
  std?: number
}

/**
 * Normal, with a share of each column 0: ⌈sparsity · rows⌉ numbers at random.
 * Source: J. Martens 2010, "Deep learning via Hessian-free optimization".
 * @throws ShapeError, RangeError
 * @example
 * import { ones } from '@x/tensor'
 * import { init } from '@x/nn'
 * init.sparse(ones([4, 2]), 0.5).eq(0).sum().item() // 4
 */
export function sparse(w: Tensor, sparsity: number, options: SparseOptions = {}): Tensor {
  checkOptions('sparse', options, ['std', 'generator'])
  requireAxes('sparse', w, 2)
  inRange('sparse: sparsity', sparsity, 0, 1)
  const { std = 0.01, generator = defaultGenerator() } = options
  const [rows, columns] = w.shape
  const kept = new Uint8Array(w.size).fill(1)
  for (let j = 0; j < columns; j++) {
    for (const i of generator.permutation(rows).subarray(0, Math.ceil(sparsity * rows))) kept[i * columns + j] = 0
  }
  return into(w, () =>
    tensor(kept, { shape: w.shape, dtype: 'bool' }).where(drawNormal(w.shape, { std, generator, dtype: w.dtype }), 0),
  )
}
