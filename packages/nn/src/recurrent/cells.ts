// Single steps of recurrent layers, for loops of one's own.
import { type Generator, ShapeError, type Tensor, zeros } from '@x/tensor'
import { checkOptions, requireTensor, show } from '@x/tensor/op'
import { fanInUniform } from '../init.ts'
import { Module, parameter, snakeCase } from '../module.ts'
import { checkSizes, oneOf } from '../options.ts'
import type { LSTMState } from './layers.ts'
import { type Cell, GATES, type State, states } from './sequence.ts'

/** Options of `GRUCell` and `LSTMCell`. */
export interface CellOptions {
  /** Whether to add biases. Default true. */
  bias?: boolean
  /** Where initial values come from. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/** Options of `RNNCell`. */
export interface RNNCellOptions extends CellOptions {
  /** Default 'tanh'. */
  nonlinearity?: 'tanh' | 'relu'
}

/** What the cells share: weight_ih [G·H, I], weight_hh [G·H, H], bias_ih, bias_hh [G·H]. */
abstract class RecurrentCell<S> extends Module<S> {
  readonly inputSize: number
  readonly hiddenSize: number
  readonly weightIh: Tensor
  readonly weightHh: Tensor
  readonly biasIh: Tensor | null
  readonly biasHh: Tensor | null
  private readonly cell: Cell

  constructor(cell: Cell, inputSize: number, hiddenSize: number, { bias = true, generator }: CellOptions) {
    super()
    this.cell = cell
    this.inputSize = inputSize
    this.hiddenSize = hiddenSize
    checkSizes(this.constructor.name, { inputSize, hiddenSize })
    const wide = GATES[cell] * hiddenSize
    const make = (...shape: number[]): Tensor => parameter(fanInUniform(shape, hiddenSize, { generator }))
    this.weightIh = make(wide, inputSize)
    this.weightHh = make(wide, hiddenSize)
    this.biasIh = bias ? make(wide) : null
    this.biasHh = bias ? make(wide) : null
  }

  protected override keyOf(field: string): string {
    return snakeCase(field)
  }

  /** The state after x [B, I] or [I]. */
  protected step(x: Tensor, h: Tensor | undefined, c: Tensor | undefined): State {
    const name = this.constructor.name
    requireTensor(name, 'x', x)
    const { inputSize, hiddenSize, biasIh, biasHh, cell } = this
    if (x.ndim < 1 || x.ndim > 2 || x.shape[x.ndim - 1] !== inputSize)
      throw new ShapeError(`${name}: x ${show(x.shape)} is not [B, ${inputSize}] or [${inputSize}]`)
    const lead = x.shape.slice(0, -1)
    const rows = lead[0] ?? 1
    const own = [...lead, hiddenSize]
    const first = (what: string, t: Tensor | undefined): Tensor => {
      if (t && show(t.shape) !== show(own))
        throw new ShapeError(`${name}: ${what} ${show(t.shape)} is not ${show(own)}`)
      return t ? t.reshape([rows, hiddenSize]) : zeros([rows, hiddenSize], { dtype: x.dtype })
    }
    const given = { h: first('h', h), c: cell === 'lstm' ? first('c', c) : undefined }
    const weights = {
      ih: this.weightIh,
      hh: this.weightHh,
      biases: biasIh && biasHh && ([biasIh, biasHh] as const),
      hr: null,
    }
    const next = states(x.reshape([rows, inputSize]), weights, given, null, { cell, steps: 1, reverse: false })
    const last = (t: Tensor): Tensor => t.at(1).reshape(own)
    return { h: last(next.h), c: next.c && last(next.c) }
  }
}

/**
 * One step of `RNN`: x [B, I] and h [B, H], or both without B, → h. Without h, from zeros.
 * @example
 * import { ones } from '@x/tensor'
 * import { RNNCell } from '@x/nn'
 * new RNNCell(3, 8).forward(ones([2, 3])).shape // [2, 8]
 */
export class RNNCell extends RecurrentCell<Tensor> {
  constructor(inputSize: number, hiddenSize: number, options: RNNCellOptions = {}) {
    checkOptions('RNNCell', options, ['bias', 'nonlinearity', 'generator'])
    const { nonlinearity = 'tanh' } = options
    oneOf('RNNCell: nonlinearity', nonlinearity, ['tanh', 'relu'])
    super(nonlinearity, inputSize, hiddenSize, options)
  }

  override forward(x: Tensor, h?: Tensor): Tensor {
    return this.step(x, h, undefined).h
  }
}

/**
 * One step of `GRU`: x [B, I] and h [B, H], or both without B, → h. Without h, from zeros.
 * @example
 * import { ones } from '@x/tensor'
 * import { GRUCell } from '@x/nn'
 * new GRUCell(3, 8).forward(ones([2, 3])).shape // [2, 8]
 */
export class GRUCell extends RecurrentCell<Tensor> {
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    checkOptions('GRUCell', options, ['bias', 'generator'])
    super('gru', inputSize, hiddenSize, options)
  }

  override forward(x: Tensor, h?: Tensor): Tensor {
    return this.step(x, h, undefined).h
  }
}

/**
 * One step of `LSTM`: x [B, I] and [h, c] of [B, H], or all without B, → [h, c]. Without a state, from zeros.
 * @example
 * import { randn } from '@x/tensor'
 * import { LSTMCell } from '@x/nn'
 * const cell = new LSTMCell(3, 8)
 * let state
 * for (let t = 0; t < 5; t++) state = cell.forward(randn([2, 3]), state)
 */
export class LSTMCell extends RecurrentCell<LSTMState> {
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    checkOptions('LSTMCell', options, ['bias', 'generator'])
    super('lstm', inputSize, hiddenSize, options)
  }

  override forward(x: Tensor, state?: LSTMState): LSTMState {
    const { h, c } = this.step(x, state?.[0], state?.[1])
    return [h, c as Tensor]
  }
}
