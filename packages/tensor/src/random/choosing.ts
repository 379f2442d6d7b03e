// Picks from weights, and random orders.
import { checkAxis } from '../axes.ts'
import { run, runCheck, runForResult } from '../backend/launch.ts'
import { kernel } from '../backend/randomKernels.ts'
import { ShapeError } from '../errors.ts'
import { tick } from '../memory/blocks.ts'
import { tidy } from '../memory/scope.ts'
import { take } from '../ops/indexing/indexing.ts'
import { slice } from '../ops/indexing/slicing.ts'
import { contiguous } from '../ops/shape/contiguous.ts'
import { topk } from '../ops/sorting/sort.ts'
import { checkOptions } from '../options.ts'
import { defaultGenerator, type Generator } from '../random.ts'
import { empty, requireTensor, unheard } from '../record.ts'
import { checkShape, type Shape, show, sizeOf } from '../shape.ts'
import { pointer, Tensor } from '../tensor.ts'
import { integers } from './discrete.ts'
import { checkAll, checkWithin, fromUnit } from './draw.ts'

const accumulate = kernel('accumulate')
const pickKernel = kernel('pick', { scratch: true })
const shuffleKernel = kernel('shuffle', { scratch: true })

/** Picks `count` positions from each row of float64 weights [..., n] → int32 [..., count]. */
function pick(op: string, weights: Tensor, count: number, generator: Generator): Tensor {
  const n = weights.shape[weights.ndim - 1]
  const rows = n === 0 ? 0 : weights.size / n
  tick()
  const sums = empty(weights.shape, 'float64')
  const y = empty([...weights.shape.slice(0, -1), count], 'int32')
  const [from, to] = [pointer(weights), pointer(sums)]
  runCheck(() => {
    const row = runForResult(accumulate, rows, from, to, n)
    if (row >= 0) {
      throw new RangeError(`${op}: row ${row} has a weight below 0, one that is not finite, or none above 0`)
    }
  })
  run(pickKernel, y.size, y.size * 32, pointer(generator.state), pointer(sums), pointer(y), n, count)
  generator.advance(2 * y.size)
  return y
}

/** x with its axis last, in float64. */
const rowsOf = (x: Tensor, axis: number): Tensor => contiguous(x.transpose(axis, -1).cast('float64'))

function longAxis(op: string, x: Tensor, axis: number): number {
  const a = checkAxis(op, axis, x)
  if (x.shape[a] === 0) throw new ShapeError(`${op}: there is nothing to pick along axis ${axis} of ${show(x.shape)}`)
  return a
}

const isCount = (n: number): boolean => Number.isInteger(n) && n >= 0 && n < 2 ** 31

export interface CategoricalOptions {
  /** Whether x are probabilities (or weights of any sum) rather than their logarithms. Default false. */
  probabilities?: boolean
  /** Default −1. */
  axis?: number
  /** How many to draw for each: the axis gets this length. Default: one, and the axis goes. */
  count?: number
  /** Default: the one that `manualSeed` seeds. */
  generator?: Generator
}

/**
 * Positions along an axis of logits (unnormalised logarithms of probabilities, −∞ for never), each drawn with its
 * probability; with `probabilities` of weights. [..., n] → int32 [...], or [..., count]. What is drawn is independent.
 * @throws RangeError for weights below 0, not finite, or all 0; ShapeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { categorical } from '@x/tensor/random'
 * const token = categorical(tensor([0.1, 2, -1]))
 */
export function categorical(x: Tensor, options: CategoricalOptions = {}): Tensor {
  checkOptions('categorical', options, ['probabilities', 'axis', 'count', 'generator'])
  const { probabilities = false, axis = -1, count, generator = defaultGenerator() } = options
  const a = longAxis('categorical', x, axis)
  if (count !== undefined && !isCount(count)) throw new RangeError(`categorical: count ${count} is no whole number ≥ 0`)
  return unheard(() =>
    tidy(() => {
      const given = rowsOf(x, a)
      const y = pick('categorical', probabilities ? given : contiguous(given.softmax()), count ?? 1, generator)
      return count === undefined ? y.transpose(a, -1).squeeze(a) : y.transpose(a, -1)
    }),
  )
}

export interface MultinomialOptions {
  /** Whether a position may be drawn again. Default false, as in PyTorch. */
  replacement?: boolean
  /** Default: the one that `manualSeed` seeds. */
  generator?: Generator
}

/**
 * `count` positions from each row of weights: torch.multinomial. [..., n] → int32 [..., count]. Weights need not add up
 * to 1. Without replacement they come in the order drawn, each from the weights that are left.
 * @throws RangeError for weights below 0, not finite, or all 0, and for more picks than there are weights above 0
 * @example
 * import { tensor } from '@x/tensor'
 * import { multinomial } from '@x/tensor/random'
 * const places = multinomial(tensor([0, 10, 3, 1]), 2) // two of 1, 2, 3
 */
export function multinomial(weights: Tensor, count: number, options: MultinomialOptions = {}): Tensor {
  checkOptions('multinomial', options, ['replacement', 'generator'])
  const { replacement = false, generator = defaultGenerator() } = options
  longAxis('multinomial', weights, -1)
  const n = weights.shape[weights.ndim - 1]
  if (!isCount(count) || (!replacement && count > n)) {
    throw new RangeError(`multinomial: ${count} cannot be drawn from ${n}${replacement ? '' : ' without replacement'}`)
  }
  return unheard(() =>
    tidy(() => {
      const rows = rowsOf(weights, -1)
      if (replacement) return pick('multinomial', rows, count, generator)
      checkWithin('multinomial', 'a weight', rows, [0, Number.MAX_VALUE])
      // Waiting times with these rates: who comes first is drawn by weight, and so is the next among the rest.
      const times = fromUnit(rows.shape, generator, (u) => u.log().neg()).div(rows)
      const { values, indices } = topk(times, count, -1, { largest: false })
      checkAll(
        values,
        [0, Number.MAX_VALUE],
        () => new RangeError(`multinomial: a row has fewer than ${count} weights above 0; use { replacement: true }`),
      )
      return indices
    }),
  )
}

/** Rows of 0 … n − 1, the first `count` places in random order; int32 [n]. */
function shuffled(n: number, count: number, generator: Generator): Tensor {
  tick()
  const y = empty([n], 'int32')
  run(shuffleKernel, 1, n, pointer(generator.state), pointer(y), n, count)
  generator.advance(1)
  return y
}

/**
 * The numbers 0 … n − 1 (int32) or the slices of a tensor along an axis, in random order, each order as likely.
 * @throws RangeError for what is no length, ShapeError for an axis that there is not
 * @example
 * import { tensor } from '@x/tensor'
 * import { permutation } from '@x/tensor/random'
 * const order = permutation(5)
 * const rows = permutation(tensor([[1, 2], [3, 4], [5, 6]]))
 */
export function permutation(x: number | Tensor, options: { axis?: number; generator?: Generator } = {}): Tensor {
  checkOptions('permutation', options, ['axis', 'generator'])
  const { axis = 0, generator = defaultGenerator() } = options
  if (x instanceof Tensor) {
    const n = x.shape[checkAxis('permutation', axis, x)]
    return take(x, shuffled(n, n, generator), axis)
  }
  if (!isCount(x)) throw new RangeError(`permutation: ${x} is neither a tensor nor a whole number from 0 to 2^31 − 1`)
  return shuffled(x, x, generator)
}

export interface ChoiceOptions {
  /** Whether an element may be drawn again. Default true, as in NumPy. */
  replace?: boolean
  /** Weight of each element, [n]. Default: all alike. */
  p?: Tensor
  /** Axis of a tensor whose slices are drawn. Default 0. */
  axis?: number
  /** Default: the one that `manualSeed` seeds. */
  generator?: Generator
}

/**
 * Elements drawn from 0 … n − 1 (int32), or slices of a tensor along an axis, which the shape then replaces: the `choice` of
 * NumPy's generators.
 * @throws RangeError for more without replacement than there are, or weights below 0; ShapeError
 * @example
 * import { choice } from '@x/tensor/random'
 * const five = choice(100, [5], { replace: false })
 */
export function choice(x: number | Tensor, shape: Shape, options: ChoiceOptions = {}): Tensor {
  checkOptions('choice', options, ['replace', 'p', 'axis', 'generator'])
  const { replace = true, p, axis = 0, generator = defaultGenerator() } = options
  const own = checkShape('choice', shape)
  const count = sizeOf(own)
  const n = x instanceof Tensor ? x.shape[checkAxis('choice', axis, x)] : x
  if (!isCount(n)) throw new RangeError(`choice: ${n} is neither a tensor nor a whole number from 0 to 2^31 − 1`)
  if (count > 0 && (n === 0 || (!replace && count > n))) {
    throw new RangeError(`choice: ${count} cannot be drawn from ${n}${replace ? '' : ' without replacement'}`)
  }
  if (p) {
    requireTensor('choice', 'p', p)
    if (p.ndim !== 1 || p.shape[0] !== n)
      throw new ShapeError(`choice: p ${show(p.shape)} has not one weight for each of ${n}`)
  }
  const index = unheard(() => tidy(() => indices(n, count, { replace, p, generator }).reshape(own)))
  return x instanceof Tensor ? take(x, index, axis) : index
}

function indices(n: number, count: number, o: ChoiceOptions & { generator: Generator }): Tensor {
  const { p, replace, generator } = o
  if (count === 0) return empty([0], 'int32')
  if (p) return multinomial(p, count, { replacement: replace, generator })
  return replace ? integers(0, n, [count], { generator }) : shuffled(n, count, generator).at(slice(0, count))
}
