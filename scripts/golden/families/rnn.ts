// Recurrent layers and cells.
import {
  GRU,
  GRUCell,
  LSTM,
  LSTMCell,
  PackedSequence,
  packPaddedSequence,
  padPackedSequence,
  type RecurrentOptions,
  RNN,
  RNNCell,
} from '@x/nn'
import type { Tensor } from '@x/tensor'
import { withRecorded } from './modules.ts'
import { camelCase } from './optim.ts'
import type { Args, Op, Table } from './table.ts'

type Sized<M> = new (inputSize: number, hiddenSize: number, options: RecurrentOptions) => M

function made<M>(Layer: Sized<M>, args: Args): M {
  const { inputSize, hiddenSize, ...options } = camelCase(args)
  return new Layer(inputSize as number, hiddenSize as number, options)
}

/** Output and last states: [output, h] or [output, h, c]. */
const layer =
  (Layer: Sized<RNN | GRU | LSTM>): Op =>
  (inputs, args) => {
    const model = withRecorded(made(Layer, args), inputs) as LSTM
    const { input, h_0, c_0, lengths } = inputs
    const { batch_first: batchFirst = false } = args
    const x = lengths ? packPaddedSequence(input, Array.from(lengths.data(), Number), { batchFirst }) : input
    const first = (model instanceof LSTM ? h_0 && [h_0, c_0] : h_0) as [Tensor, Tensor] | undefined
    const [y, state] = model.forward(x as Tensor, first) as readonly [Tensor | PackedSequence, unknown]
    const output = y instanceof PackedSequence ? padPackedSequence(y, { batchFirst })[0] : y
    return [output, state].flat() as Tensor[]
  }

const cell =
  (Cell: Sized<RNNCell | GRUCell | LSTMCell>): Op =>
  (inputs, args) => {
    const model = withRecorded(made(Cell, args), inputs) as LSTMCell
    const { input, h, c } = inputs
    const first = (model instanceof LSTMCell ? h && [h, c] : h) as [Tensor, Tensor] | undefined
    return [model.forward(input, first)].flat() as Tensor[]
  }

export const rnn: Table = {
  'torch.nn.RNN': layer(RNN),
  'torch.nn.LSTM': layer(LSTM),
  'torch.nn.GRU': layer(GRU),
  'torch.nn.RNNCell': cell(RNNCell),
  'torch.nn.LSTMCell': cell(LSTMCell),
  'torch.nn.GRUCell': cell(GRUCell),
}
