// How surprised a model is by a text.
import { slice, type Tensor, tensor, tidy } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { type CausalLM, requireCausal } from '../models/causal.ts'
import { idsOf } from '../models/checks.ts'
import { IGNORED, tokenLoss } from './losses.ts'

export interface PerplexityOptions {
  /** Tokens that are read at a time. Default: as many as the model has positions, at most 1024. */
  maxLength?: number
  /** By how many tokens the next piece begins later; what two pieces share counts once. Default maxLength. */
  stride?: number
}

/**
 * e^(mean cross-entropy in nats of each token but the first, given those before it in its piece of the text).
 * @param text its token ids: `tokenizer.encode(text)`
 * @throws TypeError for what is no list of ids, and a model that does not continue texts; RangeError for ids outside the
 * vocabulary, fewer than two of them, and options
 * @example
 * import { GPT, textPerplexity } from '@x/transformer'
 * const model = new GPT({ vocabSize: 10, nPositions: 8, nEmbd: 16, nLayer: 1, nHead: 2 }).eval()
 * textPerplexity(model, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2], { stride: 4 }) // about 10
 */
export function textPerplexity(model: CausalLM, text: ArrayLike<number>, options: PerplexityOptions = {}): number {
  requireCausal('textPerplexity', model)
  const tokens = idsOf('textPerplexity', 'the text', text, model.config.vocabSize)
  checkOptions('textPerplexity', options, ['maxLength', 'stride'])
  const { maxLength = Math.min(1024, model.sizes.maxLength) } = options
  const { stride = maxLength } = options
  if (!(Number.isInteger(maxLength) && maxLength >= 2))
    throw new RangeError(`textPerplexity: maxLength ${maxLength} is not a whole number from 2`)
  if (!(Number.isInteger(stride) && stride >= 1 && stride <= maxLength))
    throw new RangeError(`textPerplexity: stride ${stride} is not from 1 to ${maxLength}`)
  if (tokens.length < 2) throw new RangeError(`textPerplexity: ${tokens.length} tokens follow nothing`)
  let sum = 0
  let count = 0
  // The first token of a piece has nothing before it, unless the piece before ended with it.
  for (let begin = 0, counted = 1; counted < tokens.length; begin += stride) {
    const end = Math.min(begin + maxLength, tokens.length)
    const ids = Array.from({ length: end - begin }, (_, i) => tokens[begin + i])
    const labels = ids.map((id, i) => (begin + i >= Math.max(counted, begin + 1) ? id : IGNORED))
    const own = labels.filter((l) => l !== IGNORED).length
    if (own > 0) sum += own * lossOf(model, ids, labels)
    count += own
    counted = end
  }
  return Math.exp(sum / count)
}

function lossOf(model: CausalLM, ids: readonly number[], labels: readonly number[]): number {
  const row = (values: readonly number[]): Tensor => tensor(Int32Array.from(values), { shape: [1, values.length] })
  return tidy(() => {
    const logits = model.forward(row(ids)).at(slice(), slice(0, -1))
    return tokenLoss(logits, row(labels.slice(1))).item()
  })
}
