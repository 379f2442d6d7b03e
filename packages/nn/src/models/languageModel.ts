// A recurrent language model: says what comes next. Source: Mikolov et al. 2010, "Recurrent neural network based
// language model", over characters as in A. Karpathy 2015, "The unreasonable effectiveness of recurrent neural networks".
import { type Generator, rand, type Tensor, tensor, tidy } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { Embedding } from '../embedding/layers.ts'
import { Linear } from '../layers/linear.ts'
import { Module } from '../module.ts'
import { inRange, oneOf } from '../options.ts'
import { GRU, LSTM, type LSTMState, RNN } from '../recurrent/layers.ts'

/** State of the recurrent layer. */
export type LanguageModelState = Tensor | LSTMState

/** Options of `RecurrentLanguageModel`. */
export interface RecurrentLanguageModelOptions {
  /** The kind of recurrent layer. Default 'LSTM'. */
  cell?: 'RNN' | 'GRU' | 'LSTM'
  /** Numbers that stand for a token. Default 32. */
  embedding?: number
  /** Numbers in the state. Default 128. */
  hidden?: number
  /** Recurrent layers. Default 1. */
  numLayers?: number
  /** Of the first weights. Default: the default generator. */
  generator?: Generator
}

/**
 * Tokens [B, T] (int32) → logits of the next ones [B, T, V] and the state, from which the next call goes on.
 * @example
 * import { tensor } from '@x/tensor'
 * import { RecurrentLanguageModel } from '@x/nn/models'
 * const model = new RecurrentLanguageModel(65, { cell: 'GRU' })
 * const [logits] = model.forward(tensor([[1, 2, 3]], { dtype: 'int32' }))
 * logits.shape // [1, 3, 65]
 * model.generate([1], 10).length // 10
 */
export class RecurrentLanguageModel extends Module<readonly [logits: Tensor, state: LanguageModelState]> {
  readonly embedding: Embedding
  readonly recurrent: RNN | GRU | LSTM
  readonly head: Linear

  /** @throws RangeError for another cell */
  constructor(vocabulary: number, options: RecurrentLanguageModelOptions = {}) {
    super()
    checkOptions('RecurrentLanguageModel', options, ['cell', 'embedding', 'hidden', 'numLayers', 'generator'])
    const { cell = 'LSTM', embedding = 32, hidden = 128, numLayers = 1, generator } = options
    const cells = { RNN, GRU, LSTM }
    const layer = cells[oneOf('RecurrentLanguageModel: cell', cell, ['RNN', 'GRU', 'LSTM'])]
    this.embedding = new Embedding(vocabulary, embedding, { generator })
    this.recurrent = new layer(embedding, hidden, { numLayers, batchFirst: true, generator })
    this.head = new Linear(hidden, vocabulary, { generator })
  }

  override forward(x: Tensor, state?: LanguageModelState): readonly [logits: Tensor, state: LanguageModelState] {
    const { recurrent } = this
    const e = this.embedding.forward(x) // [B, T, embedding]
    const [h, next] =
      recurrent instanceof LSTM
        ? recurrent.forward(e, state as LSTMState | undefined)
        : recurrent.forward(e, state as Tensor | undefined) // h [B, T, hidden]
    return [this.head.forward(h), next]
  }

  /**
   * `count` tokens that follow the prompt, each drawn from softmax(logits / temperature); 0 takes the likeliest.
   * @param prompt at least one token
   */
  generate(
    prompt: readonly number[],
    count: number,
    options: { temperature?: number; generator?: Generator } = {},
  ): number[] {
    checkOptions('generate', options, ['temperature', 'generator'])
    const { temperature = 1, generator } = options
    inRange('generate: temperature', temperature, 0)
    if (prompt.length === 0) throw new RangeError('generate: the prompt is empty')
    return tidy(() => {
      const tokens: number[] = []
      let [logits, state] = this.forward(tensor([[...prompt]], { dtype: 'int32' }))
      while (tokens.length < count) {
        tokens.push(choose(logits.at(0, -1), temperature, generator))
        ;[logits, state] = tidy(() => this.forward(tensor([[tokens[tokens.length - 1]]], { dtype: 'int32' }), state))
      }
      return tokens
    })
  }
}

/** A position of logits [V]. */
function choose(logits: Tensor, temperature: number, generator: Generator | undefined): number {
  return tidy(() => {
    if (temperature === 0) return logits.argmax().item()
    const p = logits.div(temperature).softmax(-1).data()
    let left = rand([], { generator }).item()
    const at = Array.from(p as Float32Array).findIndex((share) => {
      left -= share
      return left < 0
    })
    return at < 0 ? p.length - 1 : at
  })
}
