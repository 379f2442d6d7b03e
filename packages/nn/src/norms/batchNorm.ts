// Batch normalisation: one fused op for float32 in training, beside its composition; and instance normalisation.
import { vjp } from '@x/autograd'
import { ones, ShapeError, slice, type Tensor, tidy, zeros } from '@x/tensor'
import {
  apply,
  assign,
  checkOptions,
  defineOp,
  dense,
  isHeld,
  type OpFunction,
  type OpRecord,
  pointer,
  requireTensor,
  run,
  show,
  sizeOf,
  unheard,
} from '@x/tensor/op'
import { trainingKernel } from '../kernels.ts'
import { groupNorm, perChannel } from './rows.ts'

const forward = trainingKernel('batchNorm_f32')
const backward = trainingKernel('batchNormGrad_f32')

interface Eps {
  readonly eps: number
}

/** What a batch is brought to, and its mean and population variance for each channel [C]. */
interface Normalized {
  readonly y: Tensor
  readonly mean: Tensor
  readonly variance: Tensor
}

/** x [N, C, S] normalised over N and S, with plain ops. */
function composed(x: Tensor, g: Tensor, b: Tensor, eps: number): Normalized {
  const mean = x.mean([0, 2], { keepdims: true })
  const centred = x.sub(mean)
  const variance = centred.square().mean([0, 2], { keepdims: true })
  const y = centred.mul(variance.add(eps).rsqrt().mul(g.unsqueeze(1))).add(b.unsqueeze(1))
  return { y, mean: mean.reshape([-1]), variance: variance.reshape([-1]) }
}

/** dx, dg and db one behind the other. */
const gradOp: OpFunction<Eps> = defineOp<Eps>({
  name: 'batchNormGrad',
  inputs: ['x', 'g', 'mean', 'variance', 'dy'],
  shape: ([x, g]) => [x.size + 2 * g.size],
  launch: ([x, g, mean, variance, dy], flat, { eps }) => {
    const [batch, channels, plane] = x.shape
    const [a, s, d] = [dense(x), dense(g), dense(dy)]
    const dx = pointer(flat)
    const dg = dx + x.size * 4
    const [m, v] = [pointer(mean), pointer(variance)]
    const db = dg + channels * 4
    const out = [dx, dg, db, batch, channels, plane, eps]
    run(backward, channels, x.size * 6, pointer(a), pointer(s), m, v, pointer(d), ...out)
  },
  grad: null,
})

/** x [N, C, S], g and b [C]. */
const record: OpRecord<Eps> = {
  name: 'batchNorm',
  inputs: ['x', 'g', 'b'],
  shape: ([x]) => x.shape,
  extra: ([x]) => ['mean', 'variance'].map((name) => ({ name, dtype: x.dtype, shape: [x.shape[1]] })),
  launch: ([x, g, b], y, { eps }, [mean, variance]) => {
    const [batch, channels, plane] = x.shape
    const [a, s, t] = [dense(x), dense(g), dense(b)]
    const out = [pointer(y), pointer(mean), pointer(variance), batch, channels, plane, eps]
    run(forward, channels, x.size * 4, pointer(a), pointer(s), pointer(t), ...out)
  },
  prepare: ({ x, g, b, mean, variance, dy }, { eps }) => {
    if (isHeld()) {
      const { grads } = vjp(({ x, g, b }) => composed(x, g, b, eps).y, { x, g, b }, dy)
      return { dx: grads.x, dg: grads.g, db: grads.b }
    }
    const flat = gradOp([x, g, mean, variance, dy], { eps })
    const { size } = g
    const part = (from: number, count: number): Tensor => flat.at(slice(from, from + count))
    return { dx: part(0, x.size).reshape(x.shape), dg: part(x.size, size), db: part(x.size + size, size) }
  },
  grad: { x: ({ dx }) => dx, g: ({ dg }) => dg, b: ({ db }) => db },
}
const batchNormOp: OpFunction<Eps> = defineOp(record)

/** Places of a channel in one example below which channels are gathered first: the kernel goes along them. */
const SHORT = 8

/** x [N, C, ...] normalised by its own statistics. */
function normalized(x: Tensor, g: Tensor, b: Tensor, eps: number, withStatistics: boolean): Normalized {
  const [N, C] = x.shape
  const places = sizeOf(x.shape.slice(2))
  const isShort = places < SHORT && N > 1
  const three = x.reshape([N, C, places])
  const rows = isShort ? three.transpose(0, 1).reshape([1, C, N * places]) : three
  const back = (y: Tensor): Tensor =>
    isShort ? y.reshape([C, N, ...x.shape.slice(2)]).transpose(0, 1) : y.reshape(x.shape)
  if ([x, g, b].some((t) => t.dtype !== 'float32')) {
    const found = composed(rows, g, b, eps)
    return { ...found, y: back(found.y) }
  }
  if (!withStatistics) return { y: back(batchNormOp([rows, g, b], { eps })), mean: g, variance: g }
  const { y, extra } = apply(record, [rows, g, b], { eps })
  return { y: back(y), mean: extra[0], variance: extra[1] }
}

/** Options of `batchNorm`. */
export interface BatchNormOptions {
  /** [C], as is `runningVar`: what is normalised with outside of training, and updated in it. Both or none. */
  runningMean?: Tensor | null
  /** [C]; see `runningMean`. */
  runningVar?: Tensor | null
  /** [C]. Default 1. */
  weight?: Tensor | null
  /** [C]. Default 0. */
  bias?: Tensor | null
  /** Whether to normalise with the statistics of x and to update the running ones. Default false. */
  training?: boolean
  /** Share of the new statistics in the running ones: a number, or a tensor with one. Default 0.1. */
  momentum?: number | Tensor
  /** Added to the variance. Default 1e-5. */
  eps?: number
}

const BATCH_OPTIONS = ['runningMean', 'runningVar', 'weight', 'bias', 'training', 'momentum', 'eps']

/** Moves the running statistics on by those of `count` numbers; gradients do not hear of it. */
function track(
  { runningMean, runningVar, momentum = 0.1 }: BatchNormOptions,
  mean: Tensor,
  variance: Tensor,
  count: number,
): void {
  const toward = (running: Tensor | null | undefined, now: Tensor): void => {
    if (running) assign(running, running.add(now.cast(running.dtype).sub(running).mul(momentum)))
  }
  unheard(() =>
    tidy(() => {
      toward(runningMean, mean)
      toward(runningVar, variance.mul(count / (count - 1)))
    }),
  )
}

/**
 * Each channel brought to mean 0 and variance 1 over the batch and all places, then scaled and shifted:
 * y = (x − mean) / √(var + eps) · weight + bias. x [N, C, ...].
 *
 * In training, or without running statistics, mean and variance are those of x; the running ones move towards them in
 * place, the variance as the sample's estimate (divisor n − 1). Else the running ones are used.
 *
 * Source: Ioffe and Szegedy 2015, arXiv:1502.03167; details as in PyTorch.
 * @throws ShapeError, also for a single number per channel in training
 * @example
 * import { randn } from '@x/tensor'
 * import { batchNorm } from '@x/nn'
 * batchNorm(randn([8, 3, 5, 5]), { training: true }).mean([0, 2, 3]) // about 0, 0, 0
 */
export function batchNorm(x: Tensor, options: BatchNormOptions = {}): Tensor {
  const op = 'batchNorm'
  checkOptions(op, options, BATCH_OPTIONS)
  requireTensor(op, 'x', x)
  const { runningMean = null, runningVar = null, training = false, eps = 1e-5 } = options
  const C = x.shape[1]
  if (x.ndim < 2) throw new ShapeError(`${op}: x ${show(x.shape)} is not [N, C, ...]`)
  const { weight, bias } = options
  for (const [name, t] of Object.entries({ runningMean, runningVar, weight, bias })) if (t) perChannel(op, name, t, x)
  if (!training && runningMean && runningVar) {
    const scale = runningVar.add(eps).rsqrt()
    const g = weight ? scale.mul(weight) : scale
    const shift = runningMean.mul(g).neg()
    const of = (t: Tensor): Tensor => perChannel(op, '', t, x)
    return x.mul(of(g)).add(of(bias ? shift.add(bias) : shift))
  }
  const count = x.size / C
  if (count === 1) throw new ShapeError(`${op}: x ${show(x.shape)} has a single number per channel to train on`)
  const dtype = x.dtype
  const isTracked = training && (runningMean !== null || runningVar !== null)
  const all = [weight ?? ones([C], { dtype }), bias ?? zeros([C], { dtype })] as const
  const { y, mean, variance } = normalized(x, ...all, eps, isTracked)
  if (isTracked) track(options, mean, variance, count)
  return y
}

/** Options of `instanceNorm`. */
export interface InstanceNormOptions extends Omit<BatchNormOptions, 'training'> {
  /** Whether to normalise with the statistics of x and to update the running ones. Default true. */
  useInputStats?: boolean
}

/**
 * Each channel of each example brought to mean 0 and variance 1 over its places, then scaled and shifted. x [N, C, ...].
 * With running statistics these move towards the mean of those of the examples.
 * Source: Ulyanov, Vedaldi and Lempitsky 2016, arXiv:1607.08022.
 * @throws ShapeError, also for channels of a single place
 * @example
 * import { tensor } from '@x/tensor'
 * import { instanceNorm } from '@x/nn'
 * instanceNorm(tensor([[[1, 3]]]), { eps: 0 }).toArray() // [[[-1, 1]]]
 */
export function instanceNorm(x: Tensor, options: InstanceNormOptions = {}): Tensor {
  const op = 'instanceNorm'
  checkOptions(op, options, ['useInputStats', ...BATCH_OPTIONS.filter((name) => name !== 'training')])
  const { useInputStats = true, weight, bias, eps, ...running } = options
  if (!useInputStats) return batchNorm(x, { ...running, weight, bias, ...(eps !== undefined && { eps }) })
  const places = sizeOf(x.shape.slice(2))
  if (x.ndim < 3 || places === 1) throw new ShapeError(`${op}: x ${show(x.shape)} has no places to normalise over`)
  const { runningMean, runningVar } = running
  if (runningMean || runningVar) {
    unheard(() =>
      tidy(() => {
        const three = x.reshape([...x.shape.slice(0, 2), places])
        track(running, three.mean([0, 2]), three.variance(2, { correction: 0 }).mean(0), places)
      }),
    )
  }
  return groupNorm(x, x.shape[1], { weight, bias, ...(eps !== undefined && { eps }) })
}
