// Connectionist temporal classification: the likelihood of a sequence of labels that nobody aligned with the input.
import { customGrad } from '@x/autograd'
import { arange, type DType, DTypeError, full, ShapeError, slice, stack, Tensor, tensor } from '@x/tensor'
import { isFloating, show } from '@x/tensor/op'
import { atLeast } from '../activations/curve.ts'
import { checkValues } from '../values.ts'
import { checkLoss, type LossOptions, reduceLoss, requireTensors } from './reduce.ts'

/** ln 0, finite so that differences of it are not NaN; a loss beyond half of it has no alignment. */
const NEVER = -1e30

export const CTC: readonly string[] = ['blank', 'zeroInfinity']

/** Options of `ctcLoss`. */
export interface CtcOptions extends LossOptions {
  /** Steps of each example that count, 1 to T. Default: all. */
  inputLengths?: Tensor | readonly number[]
  /** Labels of each example, 0 to S. Default: all. Needed when the labels lie one behind the other. */
  targetLengths?: Tensor | readonly number[]
  /** The class that stands for no label. Default 0. */
  blank?: number
  /** Whether examples without any alignment (too short for their labels) have loss 0 instead of Infinity. Default false. */
  zeroInfinity?: boolean
}

/**
 * −ln of the probability, summed over all alignments, that dropping repeats and blanks leaves `targets`.
 *
 * The mean divides each loss by its number of labels first, as in PyTorch. Where there is no alignment the gradient
 * is 0 (PyTorch: NaN unless zero_infinity). Lengths are read when called: in `compile` give them as numbers.
 * Source: Graves et al. 2006, doi:10.1145/1143844.1143891, equations 5 to 8, in log space.
 * @param logProbs log-probabilities [T, N, C], or [T, C] of one example
 * @param targets classes int32 [N, S], or [S]; for a batch also [Σ targetLengths], one example behind the other
 * @throws ShapeError; RangeError for lengths that do not fit, and labels that are no class, or blank
 * @example
 * import { tensor } from '@x/tensor'
 * import { ctcLoss } from '@x/nn'
 * const half = Math.log(0.5)
 * const logProbs = tensor([[half, half], [half, half]]) // of 4 alignments 3 read 'a': a a, - a, a -
 * ctcLoss(logProbs, tensor([1], { dtype: 'int32' }), { reduction: 'sum' }).item().toFixed(4) // '0.2877', -ln 0.75
 */
export function ctcLoss(logProbs: Tensor, targets: Tensor, options: CtcOptions = {}): Tensor {
  requireTensors('ctcLoss', { logProbs, targets })
  checkLoss('ctcLoss', options, ['inputLengths', 'targetLengths', ...CTC])
  const { blank = 0, zeroInfinity = false, reduction = 'mean' } = options
  const batched = logProbs.ndim === 3
  if (!batched && logProbs.ndim !== 2)
    throw new ShapeError(`ctcLoss: logProbs ${show(logProbs.shape)} is neither [T, N, C] nor [T, C]`)
  const x = batched ? logProbs : logProbs.unsqueeze(1)
  const [T, N, C] = x.shape
  if (!(Number.isInteger(blank) && blank >= 0 && blank < C))
    throw new RangeError(`ctcLoss: blank ${blank} is not a class from 0 to ${C - 1}`)
  const steps = lengthsOf('inputLengths', options.inputLengths, N, [1, T])
  const { labels, counts } = labelsOf(batched ? targets : targets.unsqueeze(0), options.targetLengths, N)
  const S = labels.shape[1]
  const isInside = (i: number): boolean => i % S < counts[Math.floor(i / S)]
  checkValues('ctcLoss: label', labels, (t, i) =>
    (t >= 0 && t < C && t !== blank) || !isInside(i)
      ? null
      : `is not a class from 0 to ${C - 1} beside the blank ${blank}`,
  )
  const inside = arange(S, undefined, { dtype: 'int32' }).lt(column(counts, 'int32'))
  const nll = logLikelihood(x, inside.where(labels, blank), { steps, counts, blank }).neg()
  const losses = nll.gt(-NEVER / 2).where(zeroInfinity ? 0 : Number.POSITIVE_INFINITY, nll)
  if (reduction !== 'mean') return reduceLoss(batched ? losses : losses.squeeze(0), options)
  return losses.div(column(counts, x.dtype).squeeze(1).maximum(1)).mean()
}

/** [N, 1] */
const column = (values: readonly number[], dtype: DType): Tensor => tensor(values, { dtype, shape: [values.length, 1] })

type Lengths = Tensor | readonly number[]

function lengthsOf(
  name: string,
  given: Lengths | undefined,
  n: number,
  [least, most]: readonly [number, number],
): number[] {
  const found =
    given === undefined
      ? Array<number>(n).fill(most)
      : [...(given instanceof Tensor ? given.cast('float64').data() : given)]
  if (found.length !== n) throw new ShapeError(`ctcLoss: ${found.length} ${name} for ${n} examples`)
  const wrong = found.find((v) => !(Number.isInteger(v) && v >= least && v <= most))
  if (wrong === undefined) return found
  throw new RangeError(`ctcLoss: ${wrong} among the ${name} is not a whole number from ${least} to ${most}`)
}

/** The labels as int32 [N, S], filled up with what lies there, and how many of them each example has. */
function labelsOf(targets: Tensor, lengths: Lengths | undefined, n: number): { labels: Tensor; counts: number[] } {
  if (isFloating(targets.dtype)) throw new DTypeError(`ctcLoss: targets have dtype ${targets.dtype}; classes are int32`)
  const { shape, size } = targets
  if (targets.ndim === 2 && shape[0] === n) {
    return { labels: targets.cast('int32'), counts: lengthsOf('targetLengths', lengths, n, [0, shape[1]]) }
  }
  if (targets.ndim !== 1 || lengths === undefined)
    throw new ShapeError(`ctcLoss: targets ${show(shape)} are neither [N, S] nor [Σ targetLengths] with those given`)
  const counts = lengthsOf('targetLengths', lengths, n, [0, size])
  const ends = counts.map((_, i) => counts.slice(0, i + 1).reduce((a, b) => a + b, 0))
  if ((ends[n - 1] ?? 0) !== size)
    throw new ShapeError(`ctcLoss: targets ${show(shape)} are not the ${ends[n - 1]} that targetLengths add up to`)
  const most = Math.max(0, ...counts)
  const positions = counts.flatMap((count, i) =>
    Array.from({ length: most }, (_, s) => (s < count ? ends[i] - count + s : 0)),
  )
  return { labels: targets.cast('int32').take(tensor(positions, { dtype: 'int32', shape: [n, most] })), counts }
}

interface Alignment {
  readonly steps: readonly number[]
  readonly counts: readonly number[]
  readonly blank: number
}

/** ln p(labels | x) for each example: x [T, N, C], labels [N, S] → [N]. */
function logLikelihood(x: Tensor, labels: Tensor, { steps, counts, blank }: Alignment): Tensor {
  const { dtype } = x
  const T = x.shape[0]
  const [n, s] = labels.shape
  const L = 2 * s + 1
  // States: blank, label, blank, label, …, blank.
  const blanks = full([n, s + 1], blank, { dtype: 'int32' })
  const states = stack([blanks, widened(labels, [0, 1])], 2)
    .reshape([n, L + 1])
    .at('...', slice(0, L)) // [N, L]
  const allowed = (test: (i: number, count: number) => boolean): Tensor =>
    tensor(
      counts.flatMap((count) => Array.from({ length: L }, (_, i) => (test(i, count) ? 0 : NEVER))),
      { dtype, shape: [n, L] },
    )
  const ends = allowed((i, count) => i === 2 * count || i === 2 * count - 1)
  const forth = { blank, starts: allowed((i) => i < 2), first: steps.map(() => 0) }
  const back = { blank, starts: ends.at('...', backwards), first: steps.map((count) => T - count) }
  const last = column(steps, 'int32').sub(1).expand([1, n, L])

  const alphas = (emitted: Tensor): Tensor => sweep(emitted, states, forth)
  const total = (alpha: Tensor): Tensor => alpha.gather(last, 0).squeeze(0).add(ends).logsumexp(1) // [N]
  const likelihood = customGrad({
    forward: (emitted) => total(alphas(emitted)),
    // The share of alignments that are in a state at a step: ln α + ln β counts its emission twice.
    backward: ({ dy, inputs: [emitted] }) => {
      const alpha = alphas(emitted)
      const beta = sweep(emitted.at(backwards, '...', backwards), states.at('...', backwards), back)
      const all = total(alpha).unsqueeze(1)
      const log = alpha
        .add(beta.at(backwards, '...', backwards))
        .sub(emitted)
        .sub(all)
      return [
        all
          .gt(NEVER / 2)
          .where(log, NEVER)
          .exp()
          .mul(dy.unsqueeze(1)),
      ]
    },
  })
  return likelihood(atLeast(x, NEVER).gather(states.expand([T, n, L]), 2))
}

const backwards = slice(null, null, -1)

/** `x` [N, n] with `value` before and after. */
const widened = (x: Tensor, [before, after]: readonly [number, number], value = 0): Tensor => {
  const none = [0, 0] as const
  return x.pad([none, [before, after]], value)
}

interface Sweep {
  readonly blank: number
  /** ln of whether each example may start in a state, [N, L]. */
  readonly starts: Tensor
  /** The step at which each example starts. */
  readonly first: readonly number[]
}

/** ln of the probability of having come into each state by each step: emitted [T, N, L], states [N, L] → [T, N, L]. */
function sweep(emitted: Tensor, states: Tensor, { blank, starts, first }: Sweep): Tensor {
  const { dtype } = emitted
  const [T, n, L] = emitted.shape
  // A label may follow the label before it at once, without a blank, if it is another one.
  const before = widened(states, [2, 0], blank).at('...', slice(0, L))
  const leap = states.eq(blank).logicalOr(states.eq(before)).where(NEVER, 0).cast(dtype)
  const steps: Tensor[] = []
  let alpha = full([n, L], NEVER, { dtype })
  for (let t = 0; t < T; t++) {
    const wide = widened(alpha, [2, 0], NEVER)
    const ways = [alpha, wide.at('...', slice(1, L + 1)), wide.at('...', slice(0, L)).add(leap)]
    const going = stack(ways).logsumexp(0)
    const starting = first.map((step) => Number(step === t))
    alpha = (starting.includes(1) ? column(starting, 'bool').where(starts, going) : going).add(emitted.at(t))
    steps.push(alpha)
  }
  return stack(steps)
}
