// Recurrent layers: stacked, in both directions, over padded batches.
import { concat, type Generator, ShapeError, slice, stack, type Tensor, zeros } from '@x/tensor'
import { checkOptions, requireTensor, sameShape, show } from '@x/tensor/op'
import { dropout } from '../dropout.ts'
import { fanInUniform } from '../init.ts'
import { Module, parameter } from '../module.ts'
import { checkSizes, inRange, oneOf, whole } from '../options.ts'
import { inside, PackedSequence } from './packed.ts'
import { type Cell, GATES, type State, states, type Weights } from './sequence.ts'

/** Options of `GRU`. */
export interface RecurrentOptions {
  /** Layers, each on top of the one before. Default 1. */
  numLayers?: number
  /** Whether to add biases. Default true. */
  bias?: boolean
  /** Whether inputs are [B, T, I] instead of [T, B, I], and outputs likewise. States are not. Default false. */
  batchFirst?: boolean
  /** Probability of dropping an output between layers, in training. Default 0. */
  dropout?: number
  /** Whether a second layer goes from the last step to the first; outputs stand side by side. Default false. */
  bidirectional?: boolean
  /** Where initial values and dropout come from. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/** Options of `RNN`. */
export interface RNNOptions extends RecurrentOptions {
  /** Default 'tanh'. */
  nonlinearity?: 'tanh' | 'relu'
}

/** Options of `LSTM`. */
export interface LSTMOptions extends RecurrentOptions {
  /** Size P of a projection of the state; 0 for none. Default 0. */
  projSize?: number
}

/** Parameters by the names of PyTorch: `weight_ih_l0`, `bias_hh_l1_reverse` … */
type Named = Record<string, Tensor>

const OPTIONS = ['numLayers', 'bias', 'batchFirst', 'dropout', 'bidirectional', 'generator']

/** What the recurrent layers share; S is their state. */
abstract class Recurrent<S> extends Module<readonly [output: Tensor, state: S]> {
  readonly inputSize: number
  readonly hiddenSize: number
  readonly numLayers: number
  readonly bias: boolean
  readonly batchFirst: boolean
  readonly dropout: number
  readonly bidirectional: boolean
  readonly projSize: number
  readonly generator: Generator | undefined
  private readonly cell: Cell

  constructor(cell: Cell, inputSize: number, hiddenSize: number, options: RecurrentOptions & LSTMOptions) {
    super()
    const { numLayers = 1, bias = true, batchFirst = false, bidirectional = false, projSize = 0, generator } = options
    this.cell = cell
    this.inputSize = inputSize
    this.hiddenSize = hiddenSize
    this.numLayers = numLayers
    this.bias = bias
    this.batchFirst = batchFirst
    this.dropout = options.dropout ?? 0
    this.bidirectional = bidirectional
    this.projSize = projSize
    this.generator = generator
    const name = this.constructor.name
    checkSizes(name, { inputSize, hiddenSize, numLayers })
    inRange(`${name}: dropout`, this.dropout, 0, 1)
    inRange(`${name}: projSize`, whole(`${name}: projSize`, projSize, 0), 0, hiddenSize - 1)
    const make = (...shape: number[]): Tensor => parameter(fanInUniform(shape, hiddenSize, { generator }))
    const wide = GATES[cell] * hiddenSize
    this.walks((suffix, layer) => {
      const own = this as unknown as Named
      own[`weight_ih_${suffix}`] = make(wide, layer === 0 ? inputSize : this.outputSize)
      own[`weight_hh_${suffix}`] = make(wide, this.stateSize)
      if (bias) {
        own[`bias_ih_${suffix}`] = make(wide)
        own[`bias_hh_${suffix}`] = make(wide)
      }
      if (projSize > 0) own[`weight_hr_${suffix}`] = make(projSize, hiddenSize)
    })
  }

  /** P: numbers of one direction's state h. */
  private get stateSize(): number {
    return this.projSize || this.hiddenSize
  }

  /** Numbers of one step's output. */
  private get outputSize(): number {
    return this.stateSize * (this.bidirectional ? 2 : 1)
  }

  /** Every layer and direction in order: l0, l0_reverse, l1 … */
  private walks<T>(visit: (suffix: string, layer: number, reverse: boolean) => T): T[] {
    const directions = this.bidirectional ? [false, true] : [false]
    return Array.from({ length: this.numLayers }, (_, layer) =>
      directions.map((reverse) => visit(`l${layer}${reverse ? '_reverse' : ''}`, layer, reverse)),
    ).flat()
  }

  private weights(suffix: string): Weights {
    const own = this as unknown as Named
    const { [`bias_ih_${suffix}`]: bi, [`bias_hh_${suffix}`]: bh } = own
    return {
      ih: own[`weight_ih_${suffix}`],
      hh: own[`weight_hh_${suffix}`],
      biases: bi && bh ? [bi, bh] : null,
      hr: own[`weight_hr_${suffix}`] ?? null,
    }
  }

  /** The output and the last states of all layers, each [L, B, size]. */
  protected run(
    x: Tensor | PackedSequence,
    given: readonly (Tensor | undefined)[],
  ): [output: Tensor | PackedSequence, h: Tensor, c: Tensor | undefined] {
    const name = this.constructor.name
    const packed = x instanceof PackedSequence ? x : null
    if (!packed) requireTensor(name, 'x', x)
    const tensor = packed ? packed.steps : (x as Tensor)
    const isBatch = tensor.ndim === 3
    if (!(isBatch || (tensor.ndim === 2 && !packed)) || tensor.shape[tensor.ndim - 1] !== this.inputSize) {
      throw new ShapeError(
        `${name}: x ${show(tensor.shape)} is not [T, B, ${this.inputSize}] or [T, ${this.inputSize}]`,
      )
    }
    const isTurned = isBatch && this.batchFirst && !packed
    const steps = isTurned ? tensor.transpose(0, 1) : isBatch ? tensor : tensor.unsqueeze(1)
    const first = this.firstStates(steps, given, isBatch)
    const [output, last] = this.layers(steps, first, packed?.lengths ?? null)
    const back = (t: Tensor): Tensor => (isBatch ? t : t.squeeze(1))
    const turned = isTurned ? output.transpose(0, 1) : back(output)
    const c = last[0].c && back(stack(last.map(({ c }) => c as Tensor)))
    return [packed ? packed.with(output) : turned, back(stack(last.map(({ h }) => h))), c]
  }

  /** One state for each layer and direction. */
  private firstStates(x: Tensor, [h, c]: readonly (Tensor | undefined)[], isBatch: boolean): State[] {
    const count = this.numLayers * (this.bidirectional ? 2 : 1)
    const batch = x.shape[1]
    const of = (what: string, t: Tensor | undefined, size: number): Tensor => {
      const shape = isBatch ? [count, batch, size] : [count, size]
      if (t && !sameShape(t.shape, shape))
        throw new ShapeError(`${this.constructor.name}: ${what} ${show(t.shape)} is not ${show(shape)}`)
      return t ? t.reshape([count, batch, size]) : zeros([count, batch, size], { dtype: x.dtype })
    }
    const hs = of('h0', h, this.stateSize)
    const cs = this.cell === 'lstm' ? of('c0', c, this.hiddenSize) : undefined
    return Array.from({ length: count }, (_, i) => ({ h: hs.at(i), c: cs?.at(i) }))
  }

  private layers(x: Tensor, first: readonly State[], lengths: Tensor | null): [output: Tensor, last: State[]] {
    const [T, B] = x.shape
    const last: State[] = []
    let input = x
    let outputs: Tensor[] = []
    this.walks((suffix, layer, reverse) => {
      if (layer > 0 && !reverse) {
        input = outputs.length > 1 ? concat(outputs, 2) : outputs[0]
        outputs = []
        if (this.training && this.dropout > 0) input = dropout(input, this.dropout, { generator: this.generator })
      }
      const rows = input.reshape([T * B, input.shape[2]])
      const { h, c } = states(rows, this.weights(suffix), first[last.length], lengths, {
        cell: this.cell,
        steps: T,
        reverse,
      })
      const end = reverse ? 0 : T
      last.push({ h: h.at(end), c: c?.at(end) })
      const all = h.at(reverse ? slice(0, T) : slice(1))
      outputs.push(lengths ? inside(all, lengths).where(all, 0) : all)
    })
    return [outputs.length > 1 ? concat(outputs, 2) : outputs[0], last]
  }
}

/** The output as the input came: a tensor, or a packed sequence. */
type Same<X> = X extends PackedSequence ? PackedSequence : Tensor

/**
 * The plain recurrent layer of J. L. Elman 1990: hₜ = tanh(W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh), or relu.
 *
 * x [T, B, I], with `batchFirst` [B, T, I], or of one sequence [T, I] → output [T, B, D·H] and the last states
 * [L·D, B, H], where D is 2 with `bidirectional`. Parameters have PyTorch's names (weight_ih_l0 …) and start uniform in
 * ±1/√H. See `packPaddedSequence` for batches of different lengths.
 * @throws RangeError for sizes and options; ShapeError from `forward`
 * @example
 * import { randn } from '@x/tensor'
 * import { RNN } from '@x/nn'
 * const [output, h] = new RNN(3, 8).forward(randn([5, 2, 3]))
 * output.shape // [5, 2, 8]
 */
export class RNN extends Recurrent<Tensor> {
  constructor(inputSize: number, hiddenSize: number, options: RNNOptions = {}) {
    checkOptions('RNN', options, [...OPTIONS, 'nonlinearity'])
    const { nonlinearity = 'tanh' } = options
    oneOf('RNN: nonlinearity', nonlinearity, ['tanh', 'relu'])
    super(nonlinearity, inputSize, hiddenSize, options)
  }

  override forward<X extends Tensor | PackedSequence>(x: X, h0?: Tensor): readonly [output: Same<X>, h: Tensor] {
    const [output, h] = this.run(x, [h0])
    return [output as Same<X>, h]
  }
}

/**
 * The gated recurrent unit of K. Cho et al. 2014, arXiv:1406.1078, as PyTorch has it (the reset gate after the product):
 *
 *     r, z = σ(W x + b + W h + b),  n = tanh(W x + b + r ⊙ (W h + b)),  h′ = (1 − z) ⊙ n + z ⊙ h
 *
 * Shapes and options are those of `RNN`; the gates stand as r, z, n in weights and biases.
 * @throws RangeError for sizes and options; ShapeError from `forward`
 * @example
 * import { randn } from '@x/tensor'
 * import { GRU } from '@x/nn'
 * const [output, h] = new GRU(3, 8).forward(randn([5, 2, 3]))
 * output.shape // [5, 2, 8]
 */
export class GRU extends Recurrent<Tensor> {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    checkOptions('GRU', options, OPTIONS)
    super('gru', inputSize, hiddenSize, options)
  }

  override forward<X extends Tensor | PackedSequence>(x: X, h0?: Tensor): readonly [output: Same<X>, h: Tensor] {
    const [output, h] = this.run(x, [h0])
    return [output as Same<X>, h]
  }
}

/** h and c of an LSTM. */
export type LSTMState = readonly [h: Tensor, c: Tensor]

/**
 * Long short-term memory, S. Hochreiter and J. Schmidhuber 1997, with the forget gate of F. Gers et al. 2000:
 *
 *     i, f, o = σ(W x + b + W h + b),  g = tanh(…),  c′ = f ⊙ c + i ⊙ g,  h′ = o ⊙ tanh(c′)
 *
 * and h′ = W_hr h′ with `projSize`. Shapes and options are those of `RNN`, the state is [h, c]; the gates stand as
 * i, f, g, o in weights and biases.
 * @throws RangeError for sizes and options; ShapeError from `forward`
 * @example
 * import { randn } from '@x/tensor'
 * import { LSTM } from '@x/nn'
 * const lstm = new LSTM(3, 8, { numLayers: 2, batchFirst: true })
 * const [output, [h, c]] = lstm.forward(randn([2, 5, 3]))
 * const [next] = lstm.forward(randn([2, 1, 3]), [h, c]) // goes on where the first call ended
 */
export class LSTM extends Recurrent<LSTMState> {
  constructor(inputSize: number, hiddenSize: number, options: LSTMOptions = {}) {
    checkOptions('LSTM', options, [...OPTIONS, 'projSize'])
    super('lstm', inputSize, hiddenSize, options)
  }

  override forward<X extends Tensor | PackedSequence>(
    x: X,
    state?: LSTMState,
  ): readonly [output: Same<X>, state: LSTMState] {
    const [output, h, c] = this.run(x, state ?? [])
    return [output as Same<X>, [h, c as Tensor]]
  }
}
