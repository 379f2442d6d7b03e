// Counting: how often whole numbers occur, and how many elements lie in each bin.
import { runCheck } from '../../backend/launch.ts'
import { arange, tensor, zeros } from '../../create.ts'
import { COMPUTED_IN, isFloating } from '../../dtype.ts'
import { DTypeError, ShapeError } from '../../errors.ts'
import { hostRead } from '../../hostRead.ts'
import { heap } from '../../memory/heap.ts'
import { tidy } from '../../memory/scope.ts'
import { checkOptions, requireWhole } from '../../options.ts'
import { requireTensor, scalar } from '../../record.ts'
import { sameShape, show, sizeOf } from '../../shape.ts'
import { elements, Tensor } from '../../tensor.ts'
import { floating } from '../elementwise/rules.ts'
import { indexAdd } from '../indexing/scatter.ts'
import { along, basic, slice, windowed } from '../indexing/window.ts'
import { concat, stack } from '../shape/concat.ts'
import { ravel, reshape, unsqueeze } from '../shape/view.ts'
import { searchsorted } from '../sorting/search.ts'
import { diff } from './diff.ts'
import { max, min } from './reduce.ts'

/** How much falls on each of `count` places: weights, or how many, in int32. */
const tally = (place: Tensor, weights: Tensor | undefined, count: number): Tensor =>
  indexAdd(
    zeros([count], { dtype: weights?.dtype ?? 'int32' }),
    ravel(place).cast('int32'),
    weights ? ravel(weights) : 1,
  )

/** Floating weights of the shape of x. @throws ShapeError */
function weightsFor(name: string, x: Tensor, weights: Tensor | undefined): Tensor | undefined {
  if (!weights) return undefined
  if (sameShape(weights.shape, x.shape)) return weights.cast(floating([weights]))
  throw new ShapeError(`${name}: weights ${show(weights.shape)} differ from x ${show(x.shape)}`)
}

export interface BincountOptions {
  /** What an element counts, instead of 1. */
  weights?: Tensor
  /** The least length of the result. Default 0. */
  minlength?: number
}

/**
 * How often 0, 1, … the largest element occur in x: int32, or the sums of their weights.
 * @param x [n], integers ≥ 0
 * @throws DTypeError, ShapeError, RangeError for negative elements; Error inside a compiled function
 * @example
 * import { tensor } from '@x/tensor'
 * import { bincount } from '@x/tensor/statistics'
 * bincount(tensor([0, 2, 2], { dtype: 'int32' })).toArray() // [1, 0, 2]
 */
export function bincount(x: Tensor, options: BincountOptions = {}): Tensor {
  requireTensor('bincount', 'x', x)
  checkOptions('bincount', options, ['weights', 'minlength'])
  const { minlength = 0 } = options
  if (!Number.isInteger(minlength) || minlength < 0) {
    throw new RangeError(`bincount: minlength is ${minlength}, not a whole number ≥ 0`)
  }
  if (isFloating(x.dtype)) throw new DTypeError(`bincount: x has dtype ${x.dtype}, not whole numbers`)
  if (x.ndim !== 1) throw new ShapeError(`bincount: x ${show(x.shape)} needs one axis`)
  const weights = weightsFor('bincount', x, options.weights)
  hostRead('bincount')
  return tidy(() => {
    const least = x.size > 0 ? min(x).item() : 0
    if (least < 0) throw new RangeError(`bincount: ${least} among the elements, which must be ≥ 0`)
    return tally(x, weights, Math.max(minlength, x.size > 0 ? max(x).item() + 1 : 0))
  })
}

export interface HistogramOptions {
  /** How many bins of one width, or their edges in ascending order. Default 10. */
  bins?: number | Tensor | readonly number[]
  /** First and last edge of bins of one width. Default: the smallest and the largest element. */
  range?: readonly [number, number]
  /** What an element counts, instead of 1. */
  weights?: Tensor
  /** Divide by the total and the widths of the bins, so that the integral is 1. Default false. */
  density?: boolean
}

/** What lies in each bin. */
export interface Histogram {
  /** int32; floating with weights or density. */
  counts: Tensor
  /** One more than there are bins. */
  edges: Tensor
}

const INNER = slice(1, -1)

type Bins = HistogramOptions['bins']
type Range = HistogramOptions['range']
const KNOWN = ['bins', 'range', 'weights', 'density'] as const

/** The edges of bins of one width from the smallest to the largest of x, or over a range; one number has ½ on both sides. */
function edgesOf(name: string, x: Tensor, bins: Bins = 10, range?: Range): Tensor {
  if (typeof bins !== 'number') {
    const edges = (bins instanceof Tensor ? bins : tensor([...bins], { dtype: 'float64' })).cast(x.dtype)
    if (edges.ndim === 1 && edges.size > 1) return edges.contiguous()
    throw new ShapeError(`${name}: edges ${show(edges.shape)} are not one sequence of two or more`)
  }
  requireWhole(name, 'bins', bins, 1)
  const given = range ?? (x.size === 0 ? [0, 1] : null)
  if (given) {
    const [low, high] = given
    const spare = low === high ? 0.5 : 0
    const [from, to] = [low - spare, high + spare]
    const edges = new Float64Array(bins).map((_, i) => from + (to - from) * (i / bins))
    return tensor([...edges, to], { dtype: 'float64' }).cast(x.dtype)
  }
  const [low, high] = stack([min(x), max(x)]).cast('float64') as Iterable<Tensor>
  const spare = low.eq(high).cast('float64').mul(0.5)
  const [from, to] = [low.sub(spare), high.add(spare)]
  const steps = arange(bins, undefined, { dtype: 'float64' }).div(bins)
  // The last edge is set, not computed: rounded down, it would leave out the largest element.
  return concat([from.add(to.sub(from).mul(steps)), unsqueeze(to, 0)], 0).cast(x.dtype)
}

/** @throws RangeError for edges that do not ascend, or are NaN, as they are where the elements are */
function checkEdges(name: string, edges: Tensor): void {
  const { start } = elements(edges)
  const { size, dtype } = edges
  runCheck(() => {
    const view = dtype === 'float64' ? heap.f64 : heap.f32
    for (let i = start + 1; i < start + size; i++) {
      if (!(view[i - 1] <= view[i])) throw new RangeError(`${name}: edges do not ascend: ${view[i - 1]}, ${view[i]}`)
    }
  })
}

/** How many points, whose coordinates are the tensors, lie in each cell of the bins along each axis. */
function cells(
  name: string,
  points: readonly Tensor[],
  bins: readonly Bins[],
  ranges: readonly Range[],
  { weights, density }: HistogramOptions,
): { counts: Tensor; edges: readonly Tensor[] } {
  for (const x of points) {
    requireTensor(name, 'x', x)
    if (!sameShape(x.shape, points[0].shape))
      throw new ShapeError(`${name}: ${show(points[0].shape)} and ${show(x.shape)} differ`)
  }
  const shares = weightsFor(name, points[0], weights)
  return tidy(() => {
    let place = scalar(0, 'int32')
    const edges = points.map((x, i) => {
      // Halves meet their edges in float32, integers in float64.
      const of = x.cast(COMPUTED_IN[isFloating(x.dtype) ? x.dtype : 'float64'])
      const edges = edgesOf(name, of, bins[i], ranges[i])
      checkEdges(name, edges)
      // Cell 0 is what lies below, the last what lies above and NaN; the upper edge itself belongs to the one before.
      const own = searchsorted(edges, of, { side: 'right' }).sub(of.eq(along(edges, 0, -1)))
      place = i === 0 ? own : place.mul(edges.size + 1).add(own)
      return edges
    })
    const shape = edges.map((e) => e.size + 1)
    const all = reshape(tally(place, shares, sizeOf(shape)), shape)
    const counts = windowed(all, basic(shape.map(() => INNER))).copy()
    if (!density) return { counts, edges }
    const floats = counts.cast(edges[0].dtype)
    const volume = edges.reduce<Tensor>((v, e) => unsqueeze(v, -1).mul(diff(e)), floats.sum())
    return { counts: floats.div(volume), edges }
  })
}

/**
 * How many elements of x lie in each bin: from its lower edge on, up to the upper one, which belongs to the last bin only.
 * NaN, and what lies outside, counts nowhere. NumPy's histogram.
 * @throws RangeError, ShapeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { histogram } from '@x/tensor/statistics'
 * const { counts, edges } = histogram(tensor([1, 2, 2, 4]), { bins: 3 }) // [1, 2, 1] and [1, 2, 3, 4]
 */
export function histogram(x: Tensor, options: HistogramOptions = {}): Histogram {
  checkOptions('histogram', options, KNOWN)
  const { counts, edges } = cells('histogram', [x], [options.bins], [options.range], options)
  return { counts, edges: edges[0] }
}

export interface HistcOptions {
  /** How many bins. Default 100. */
  bins?: number
  /** First and last edge. Where both are the same (the default, 0), the smallest and the largest element. */
  min?: number
  max?: number
}

/** How many elements lie in each of `bins` bins of one width, in the dtype of x: torch.histc. @throws RangeError */
export function histc(x: Tensor, options: HistcOptions = {}): Tensor {
  checkOptions('histc', options, ['bins', 'min', 'max'])
  const { bins = 100, min = 0, max = 0 } = options
  return tidy(() => cells('histc', [x], [bins], [min === max ? undefined : [min, max]], {}).counts.cast(floating([x])))
}

/** Two sets of edges and what lies in each of their rectangles, [binsX, binsY]. */
export interface Histogram2d {
  counts: Tensor
  xEdges: Tensor
  yEdges: Tensor
}

export interface Histogram2dOptions extends Pick<HistogramOptions, 'weights' | 'density'> {
  /** For both axes, or one for each, as in `histogram`. Default 10. */
  bins?: number | readonly [Bins, Bins]
  /** First and last edge along each axis. */
  range?: readonly [NonNullable<Range>, NonNullable<Range>]
}

/** How many points (x_i, y_i) lie in each rectangle of two sets of bins: NumPy's histogram2d. @throws ShapeError, RangeError */
export function histogram2d(x: Tensor, y: Tensor, options: Histogram2dOptions = {}): Histogram2d {
  checkOptions('histogram2d', options, KNOWN)
  const { bins = 10, range = [] } = options
  const each = typeof bins === 'number' ? [bins, bins] : bins
  const { counts, edges } = cells('histogram2d', [x, y], each, range, { ...options, bins: undefined, range: undefined })
  return { counts, xEdges: edges[0], yEdges: edges[1] }
}
