// Translation by recurrent networks with attention. Sources: Bahdanau, Cho and Bengio 2014, arXiv:1409.0473 (additive
// scores, from the state before the step); Luong, Pham and Manning 2015, arXiv:1508.04025 (the 'general' product, from
// the state after it).
import { concat, type Generator, slice, stack, type Tensor, tensor, tidy, zeros } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { Embedding } from '../embedding/layers.ts'
import { Linear } from '../layers/linear.ts'
import { Module } from '../module.ts'
import { oneOf } from '../options.ts'
import { GRUCell } from '../recurrent/cells.ts'
import { GRU } from '../recurrent/layers.ts'

/** Options of `Seq2Seq`. */
export interface Seq2SeqOptions {
  /** Whose attention. Default 'bahdanau'. */
  attention?: 'bahdanau' | 'luong'
  /** Numbers that stand for a token. Default 32. */
  embedding?: number
  /** Numbers in the states. Default 64. */
  hidden?: number
  /** The token that fills short sentences, which nobody attends to. Default 0. */
  padding?: number
  /** Of the first weights. Default: the default generator. */
  generator?: Generator
}

/** What `Seq2Seq` makes of sentences. */
export interface Seq2SeqOutput {
  /** Of the next target token [B, T, V]. */
  readonly logits: Tensor
  /** How much each target token attends to each source token [B, T, S]; rows add up to 1. */
  readonly alignment: Tensor
}

/** The source, read. */
interface Encoded {
  /** States [B, S, H], both directions added up. */
  readonly states: Tensor
  /** −∞ where the source is padding [B, S]. */
  readonly mask: Tensor
  /** The first state of the decoder [B, H]. */
  readonly start: Tensor
}

/**
 * Source tokens [B, S] and the target so far [B, T] → logits of what comes next and the alignment.
 * @example
 * import { tensor } from '@x/tensor'
 * import { Seq2Seq } from '@x/nn/models'
 * const model = new Seq2Seq(20, 30, { attention: 'luong' })
 * const int = { dtype: 'int32' }
 * const { alignment } = model.forward(tensor([[4, 5, 6]], int), tensor([[1, 7]], int))
 * alignment.shape // [1, 2, 3]
 */
export class Seq2Seq extends Module<Seq2SeqOutput> {
  readonly source: Embedding
  readonly target: Embedding
  readonly encoder: GRU
  readonly bridge: Linear
  readonly decoder: GRUCell
  readonly score: Score
  /** Luong's h̃ = tanh(W [c; h]). */
  readonly join: Linear
  readonly head: Linear
  readonly hidden: number
  private readonly isLuong: boolean
  private readonly padding: number

  /** @throws RangeError for another attention */
  constructor(sourceVocabulary: number, targetVocabulary: number, options: Seq2SeqOptions = {}) {
    super()
    checkOptions('Seq2Seq', options, ['attention', 'embedding', 'hidden', 'padding', 'generator'])
    const { attention = 'bahdanau', embedding = 32, hidden = 64, padding = 0, generator } = options
    oneOf('Seq2Seq: attention', attention, ['bahdanau', 'luong'])
    this.isLuong = attention === 'luong'
    this.padding = padding
    this.hidden = hidden
    this.source = new Embedding(sourceVocabulary, embedding, { generator })
    this.target = new Embedding(targetVocabulary, embedding, { generator })
    this.encoder = new GRU(embedding, hidden, { batchFirst: true, bidirectional: true, generator })
    this.bridge = new Linear(hidden, hidden, { generator })
    this.score = this.isLuong ? new GeneralScore(hidden, generator) : new AdditiveScore(hidden, generator)
    this.decoder = new GRUCell(embedding + (this.isLuong ? 0 : hidden), hidden, { generator })
    this.join = new Linear(2 * hidden, hidden, { generator })
    this.head = new Linear(hidden, targetVocabulary, { generator })
  }

  override forward(source: Tensor, target: Tensor): Seq2SeqOutput {
    const encoded = this.encode(source)
    const embedded = this.target.forward(target) // [B, T, E]
    let h = encoded.start
    const outputs: Tensor[] = []
    const weights: Tensor[] = []
    for (let t = 0; t < target.shape[1]; t++) {
      const step = this.step(embedded.at(slice(), t), h, encoded)
      h = step.h
      outputs.push(step.output)
      weights.push(step.weights)
    }
    return { logits: this.head.forward(stack(outputs, 1)), alignment: stack(weights, 1) }
  }

  /**
   * The likeliest token after token, for one sentence.
   * @param source its tokens
   * @returns tokens without the marks, and the alignment [tokens, S] as arrays
   */
  translate(
    source: readonly number[],
    options: { begin: number; end: number; most?: number },
  ): { tokens: number[]; alignment: number[][] } {
    checkOptions('translate', options, ['begin', 'end', 'most'])
    const { begin, end, most = 40 } = options
    return tidy(() => {
      const encoded = this.encode(tensor([[...source]], { dtype: 'int32' }))
      const tokens: number[] = []
      const alignment: number[][] = []
      let h = encoded.start
      let token = begin
      while (tokens.length < most) {
        const step = this.step(this.target.forward(tensor([token], { dtype: 'int32' })), h, encoded)
        h = step.h
        token = this.head.forward(step.output).argmax(-1).at(0).item()
        if (token === end) break
        tokens.push(token)
        alignment.push((step.weights.toArray() as number[][])[0])
      }
      return { tokens, alignment }
    })
  }

  private encode(source: Tensor): Encoded {
    const [both, last] = this.encoder.forward(this.source.forward(source))
    const [B, S] = source.shape
    const directions = both.reshape([B, S, 2, this.hidden])
    const isPadding = source.eq(this.padding)
    return {
      states: directions.sum(2), // [B, S, H]
      mask: isPadding.where(Number.NEGATIVE_INFINITY, zeros([B, S])),
      start: this.bridge.forward(last.at(1)).tanh(), // the backward state has seen all [B, H]
    }
  }

  /** One token [B, E] further. */
  private step(x: Tensor, before: Tensor, { states, mask }: Encoded): { h: Tensor; output: Tensor; weights: Tensor } {
    const attend = (h: Tensor): { weights: Tensor; context: Tensor } => {
      const weights = this.score.forward(h, states).add(mask).softmax(-1) // [B, S]
      return { weights, context: weights.unsqueeze(1).matmul(states).squeeze(1) } // [B, H]
    }
    if (this.isLuong) {
      const h = this.decoder.forward(x, before)
      const { weights, context } = attend(h)
      return { h, weights, output: this.join.forward(concat([context, h], 1)).tanh() }
    }
    const { weights, context } = attend(before)
    const h = this.decoder.forward(concat([x, context], 1), before)
    return { h, weights, output: this.join.forward(concat([context, h], 1)).tanh() }
  }
}

/** How well a state h [B, H] goes with each of the states [B, S, H]: [B, S]. */
abstract class Score extends Module {
  abstract override forward(h: Tensor, states: Tensor): Tensor
}

/** vᵀ tanh(W h + U s): Bahdanau's, section 3.1. */
class AdditiveScore extends Score {
  readonly w: Linear
  readonly u: Linear
  readonly v: Linear

  constructor(hidden: number, generator: Generator | undefined) {
    super()
    this.w = new Linear(hidden, hidden, { bias: false, generator })
    this.u = new Linear(hidden, hidden, { bias: false, generator })
    this.v = new Linear(hidden, 1, { bias: false, generator })
  }

  override forward(h: Tensor, states: Tensor): Tensor {
    return this.v.forward(this.w.forward(h).unsqueeze(1).add(this.u.forward(states)).tanh()).squeeze(-1)
  }
}

/** hᵀ W s: Luong's 'general', equation 8. */
class GeneralScore extends Score {
  readonly w: Linear

  constructor(hidden: number, generator: Generator | undefined) {
    super()
    this.w = new Linear(hidden, hidden, { bias: false, generator })
  }

  override forward(h: Tensor, states: Tensor): Tensor {
    return this.w.forward(states).matmul(h.unsqueeze(-1)).squeeze(-1)
  }
}
