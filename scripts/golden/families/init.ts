// Initialisers: gains, fans, and whether samples are distributed as recorded.
import {
  BatchNorm2d,
  Conv2d,
  Embedding,
  GRU,
  init as initialize,
  LayerNorm,
  Linear,
  LSTM,
  type Module,
  MultiheadAttention,
  RNN,
} from '@x/nn'
import { eye, type Tensor, zeros } from '@x/tensor'
import { agreeValues, Mismatch } from '../compare.ts'
import type { Precision } from '../read.ts'
import type { Check, Table } from './table.ts'

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

/** Enough samples that a standard deviation is known to about one percent. */
const SAMPLES = 20_000

/** What filling a tensor of that shape again and again gives. */
function samples(shape: readonly number[], precision: Precision, fill: (w: Tensor) => Tensor): number[] {
  const w = zeros(shape, { dtype: precision })
  const found: number[] = []
  while (found.length < SAMPLES) found.push(...fill(w).data())
  w.dispose()
  return found
}

function checkUniform(what: string, values: readonly number[], bound: number): void {
  const most = values.reduce((m, v) => Math.max(m, Math.abs(v)), 0)
  if (most > bound * (1 + 1e-6)) throw new Mismatch(`${what}: ${most} is beyond ±${bound}`)
  checkMoments(what, values, bound / Math.sqrt(3))
}

/** Mean 0 and this standard deviation, within four standard errors, for which a normal distribution is the worst. */
function checkMoments(what: string, values: readonly number[], std: number): void {
  const n = values.length
  const mean = values.reduce((a, b) => a + b, 0) / n
  const own = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / n)
  if (Math.abs(mean) > (4 * std) / Math.sqrt(n)) throw new Mismatch(`${what}: the mean is ${mean}`)
  if (Math.abs(own - std) > (4 * std) / Math.sqrt(2 * n))
    throw new Mismatch(`${what}: the deviation is ${own}, not ${std}`)
}

const all = (what: string, x: Tensor | null, value: number): void => {
  if (!x || x.data().some((v) => v !== value)) throw new Mismatch(`${what} is not ${value} everywhere`)
}

const values = (module: Module<unknown>, pattern = /./): number[] =>
  Object.entries(module.stateDict()).flatMap(([key, x]) => (pattern.test(key) ? [...x.data()] : []))

/** Each row of the recorded table of defaults. */
const DEFAULTS: Readonly<Record<string, () => readonly Module<unknown>[]>> = {
  'U(-1/sqrt(fan_in), 1/sqrt(fan_in))': () => {
    const layers = [new Linear(50, 400), new Conv2d(8, 100, 5)]
    checkUniform('Linear', values(layers[0]), 1 / Math.sqrt(50))
    checkUniform('Conv2d', values(layers[1]), 1 / Math.sqrt(200))
    return layers
  },
  'U(-1/sqrt(hidden), 1/sqrt(hidden))': () => {
    const layers = [new RNN(60, 100), new LSTM(20, 60), new GRU(20, 70)]
    checkUniform('RNN', values(layers[0]), 1 / Math.sqrt(100))
    checkUniform('LSTM', values(layers[1]), 1 / Math.sqrt(60))
    checkUniform('GRU', values(layers[2]), 1 / Math.sqrt(70))
    return layers
  },
  'N(0,1), padding row 0': () => {
    const [plain, padded] = [new Embedding(400, 50), new Embedding(5, 3, { paddingIdx: 2 })]
    checkMoments('Embedding', values(plain), 1)
    all('the row of padding', padded.weight.at(2), 0)
    return [plain, padded]
  },
  'weight 1, bias 0': () => {
    const layers = [new LayerNorm(5), new BatchNorm2d(5)]
    for (const layer of layers) {
      all('weight', layer.weight, 1)
      all('bias', layer.bias, 0)
    }
    return layers
  },
  'in_proj xavier_uniform, biases 0': () => {
    const layer = new MultiheadAttention(64, 4)
    checkUniform('in_proj_weight', values(layer, /^in_proj_weight$/), Math.sqrt(6 / (64 + 192)))
    all('in_proj_bias', layer.inProjBias, 0)
    all('out_proj.bias', layer.outProj.bias, 0)
    return [layer]
  },
}

const gain: Check = {
  check: ({ args, rest }) => {
    const { nonlinearity, param } = args
    const found = initialize.calculateGain(camel(nonlinearity), param ?? undefined)
    agreeValues('the gain', [found], [rest.gain], { exact: true })
  },
}

const fans: Check = {
  check: ({ args: { shape }, rest }, precision) => {
    const found = initialize.calculateFanInAndFanOut({ shape })
    agreeValues('the fans', found, [rest.fan_in, rest.fan_out], { exact: true })
    const of = (fill: (w: Tensor) => Tensor): number[] => samples(shape, precision, fill)
    const { kaimingUniform, kaimingNormal, xavierUniform, xavierNormal } = initialize
    const nonlinearity = 'relu'
    checkUniform('xavierUniform', of(xavierUniform), rest.xavier_uniform_bound)
    checkMoments('xavierNormal', of(xavierNormal), rest.xavier_normal_std)
    checkUniform(
      'kaimingUniform',
      of((w) => kaimingUniform(w, { nonlinearity })),
      rest.kaiming_uniform_relu_bound,
    )
    checkMoments(
      'kaimingNormal',
      of((w) => kaimingNormal(w, { nonlinearity })),
      rest.kaiming_normal_relu_std,
    )
    checkUniform(
      'a = √5',
      of((w) => kaimingUniform(w, { a: Math.sqrt(5) })),
      rest.kaiming_uniform_a_sqrt5_bound,
    )
    const layer = new Linear(rest.fan_in, Math.ceil(SAMPLES / rest.fan_in))
    checkUniform('the weight of Linear', values(layer, /weight/), rest.torch_default_linear_weight_bound)
    checkUniform('the bias of Linear', values(layer, /bias/), rest.torch_default_bias_bound)
    layer.dispose()
  },
}

const defaults: Check = {
  check: ({ rest }) => {
    for (const [layers, distribution] of rest.table as [string, string][]) {
      if (!DEFAULTS[distribution]) throw new Error(`unknown distribution '${distribution}' of ${layers}`)
      for (const layer of DEFAULTS[distribution]()) layer.dispose()
    }
  },
}

const orthogonal: Check = {
  check: (_, precision) => {
    for (const [rows, columns] of [
      [40, 15],
      [15, 40],
      [20, 20],
    ]) {
      const w = initialize.orthogonal(zeros([rows, columns], { dtype: precision }))
      const product = rows < columns ? w.matmul(w.mT) : w.mT.matmul(w)
      const identity = eye(Math.min(rows, columns), { dtype: precision })
      const exact = precision === 'float64'
      agreeValues(`${rows} by ${columns}`, product.data(), identity.data(), { exact, deviation: {} })
      w.dispose()
    }
  },
}

export const init: Table = {
  'torch.nn.init.calculate_gain': gain,
  'fans/bounds': fans,
  'torch module default initialisation': defaults,
  orthogonal_: orthogonal,
}
