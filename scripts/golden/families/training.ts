// Whole trainings from given parameters and batches.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { valueAndGrad } from '@x/autograd'
import {
  batchNorm,
  clipGradNorm,
  conv2d,
  crossEntropy,
  embedding,
  LSTM,
  linear,
  mseLoss,
  type Optimizer,
  type ParameterOptimizer,
} from '@x/nn'
import { LambdaLR } from '@x/nn/schedules'
import { dispose, slice, type Tensor, tensor, tidy } from '@x/tensor'
import { maxPool2d } from '@x/tensor/conv'
import { agreeValues } from '../compare.ts'
import { type Case, type Precision, type Recorded, toTensor, valuesOf } from '../read.ts'
import { gpt } from './attention.ts'
import { bigrams, textOf } from './bigrams.ts'
import { withRecorded } from './modules.ts'
import { withParameters } from './networks.ts'
import { OPTIMIZERS } from './optim.ts'
import { type Args, type Check, type Inputs, readingAll, type Table } from './table.ts'

/** The loss of step k. */
type LossOf = (k: number) => Tensor

/** What is trained: the loss of each step as a function of the parameters. */
type Problem = (c: Case, parameters: Inputs, precision: Precision) => LossOf

const SCHEDULES: Readonly<Record<string, (k: number) => number>> = {
  'LambdaLR min(1,(k+1)/5) (linear warm-up over 5 steps)': (k) => Math.min(1, (k + 1) / 5),
}

const following = (problem: Problem): Check => ({
  check: (c, precision) => {
    const { init, losses, final, final_norms: norms } = c.rest
    const parameters: Record<string, Tensor> = {}
    for (const [name, t] of Object.entries(init as Record<string, Recorded>)) parameters[name] = toTensor(t, precision)
    // What the problem itself reads.
    const { batch: _, layers: __, ...args } = c.args
    const trained = readingAll(args, (args) => trainer(Object.values(parameters), args))
    try {
      const lossOf = problem(c, parameters, precision)
      const seen = (losses as number[]).map((_, k) => tidy(() => trained.step(() => lossOf(k))))
      const exact = precision === 'float64'
      agreeValues('the losses', seen, losses, { exact })
      if (!exact) return
      for (const [name, p] of Object.entries(parameters)) {
        if (final) agreeValues(`${name} at the end`, p.data(), valuesOf(final[name]), { exact })
        else agreeValues(`the norm of ${name} at the end`, p.square().sum().sqrt().data(), [norms[name]], { exact })
      }
    } finally {
      dispose(trained.optimizer)
    }
  },
})

interface Trainer {
  readonly optimizer: Optimizer
  /** One step; the loss before it. */
  step(loss: () => Tensor): number
}

/** Optimiser, clipping and schedule as recorded. */
function trainer(parameters: readonly Tensor[], { opt, clip_norm, sched, ...args }: Args): Trainer {
  const optimizer = OPTIMIZERS[opt](parameters, args)
  if (sched && !SCHEDULES[sched]) throw new Error(`unknown schedule '${sched}'`)
  const schedule = sched ? new LambdaLR(optimizer as ParameterOptimizer, SCHEDULES[sched]) : null
  const step = (loss: () => Tensor): number => {
    const { value, grads } = valueAndGrad(loss, parameters as Tensor[])
    optimizer.step(clip_norm ? clipGradNorm(grads, clip_norm).grads : grads)
    schedule?.step()
    return value.item()
  }
  return { optimizer, step }
}

/** The digits lie beside the vectors, in `_data.json`: pixels [n, 64] from 0 to 1, and labels. */
function digitsIn(folder: string): { pixels: number[]; labels: number[] } {
  const path = join(folder, '_data.json')
  if (!existsSync(path)) throw new Error(`the digits are not in ${path}`)
  const { X, y } = JSON.parse(readFileSync(path, 'utf8')).datasets.digits as { X: Recorded; y: Recorded }
  return { pixels: Array.from(valuesOf(X), (v) => Number(v) / 16), labels: Array.from(valuesOf(y), Number) }
}

const digits =
  (forward: (x: Tensor, parameters: Inputs) => Tensor): Problem =>
  ({ folder, rest, args: { batch } }, parameters, dtype) => {
    const { pixels, labels } = digitsIn(folder)
    return (k) => {
      const rows: number[] = rest.data.order.slice(k * batch, (k + 1) * batch)
      const values = rows.flatMap((row) => pixels.slice(row * 64, row * 64 + 64))
      const x = tensor(values, { shape: [batch, 64], dtype })
      const y = tensor(
        rows.map((row) => labels[row]),
        { dtype: 'int32' },
      )
      return crossEntropy(forward(x, parameters), y)
    }
  }

/** Predicting the next character from pieces of a text. */
const text =
  (forward: (x: Tensor, parameters: Inputs, c: Case) => Tensor): Problem =>
  (c, parameters) => {
    const { dataset, offsets, ctx } = c.rest.data
    const whole = textOf(c.folder, dataset)
    const characters = [...new Set(whole)].sort()
    return (k) => {
      const pieces = offsets[k].map((o: number) =>
        Array.from(whole.slice(o, o + ctx + 1), (ch) => characters.indexOf(ch)),
      )
      const ids = tensor(pieces.flat() as number[], { shape: [pieces.length, ctx + 1], dtype: 'int32' })
      const logits = forward(ids.at(slice(), slice(0, ctx)), parameters, c)
      return crossEntropy(logits.reshape([-1, characters.length]), ids.at(slice(), slice(1)).reshape([-1]))
    }
  }

export const training: Table = {
  'MLP 64-32-10 relu': following(
    digits((x, parameters) => {
      const layer = withParameters(parameters, '')
      return layer('l2', layer('l1', x, linear).relu(), linear)
    }),
  ),
  'CNN c1(1,6,3,p1) relu pool2 c2(6,12,3,p1) relu pool2 fc(48,10)': following(
    digits((x, parameters) => {
      const layer = withParameters(parameters, '')
      const block = (name: string, x: Tensor): Tensor =>
        maxPool2d(layer(name, x, (x, w, b) => conv2d(x, w, b, { padding: 1 })).relu(), 2)
      return layer('f', block('c2', block('c1', x.reshape([-1, 1, 8, 8]))).flatten(1), linear)
    }),
  ),
  'tiny GPT: D=16,H=2,L=1,ctx=16, pre-norm, gelu-tanh, untied head': following(
    text((x, parameters, { args: { layers } }) => {
      const blocks = Array.from({ length: layers }, (_, i) => `b.${i}`)
      return linear(
        gpt(x, (name) => parameters[name], blocks, 2),
        parameters['head.weight'],
        null,
      )
    }),
  ),
  'Embedding(65,8)-LSTM(8,16)-Linear': following(
    text((x, parameters) => {
      const table = parameters['e.weight']
      const hidden = parameters['r.weight_hh_l0'].shape[1]
      const lstm = withRecorded(new LSTM(table.shape[1], hidden, { batchFirst: true }), parameters, 'r.')
      const [y] = lstm.forward(embedding(x, table))
      return withParameters(parameters, '')('o', y, linear)
    }),
  ),
  'Linear(6,16)-BatchNorm1d-tanh-Linear': following(({ rest: { data } }, parameters, precision) => {
    const layer = withParameters(parameters, '')
    const [X, Y] = [data.X, data.y].map((recorded: Recorded) => toTensor(recorded, precision))
    const rows = 16
    return (k) => {
      const start = (rows * k) % X.shape[0]
      const part = slice(start, start + rows)
      const inner = layer('norm', layer('l1', X.at(part), linear), (x, weight, bias) =>
        batchNorm(x, { weight, bias, training: true }),
      )
      return mseLoss(layer('l2', inner.tanh(), linear), Y.at(part))
    }
  }),
  'bigram count model': bigrams,
}
