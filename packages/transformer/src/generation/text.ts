// Text in, text out: a model with its tokenizer.
import { CausalLM } from '../models/causal.ts'
import { named } from '../named.ts'
import type { DecodeStream } from '../tokenizers/decodeStream.ts'
import { type FinishReason, generate, stream, type TextModel } from './generate.ts'
import type { Codec, GenerateOptions } from './options.ts'

/** What turns text into ids and back, also piece by piece: a Tokenizer. */
export interface TextCodec extends Codec {
  decodeStream(options?: { skipSpecialTokens?: boolean }): Pick<DecodeStream, 'push' | 'end'>
}

export type TextOptions = Omit<GenerateOptions, 'tokenizer'>

/**
 * The text that a model writes behind a prompt (or for a source), without special tokens, and without the prompt.
 * @throws as `generate`; RangeError for several texts
 * @example
 * import { GPT, generateText } from '@x/transformer'
 * import { trainBpe } from '@x/transformer/tokenizers'
 * const tokenizer = trainBpe(['low lower lowest'], { vocabSize: 262 })
 * const model = new GPT({ vocabSize: 262, nPositions: 32, nEmbd: 16, nLayer: 1, nHead: 2 }).eval()
 * const text = await generateText(model, tokenizer, 'lower', { maxNewTokens: 5, temperature: 0.8, seed: 1 })
 */
export async function generateText(
  model: TextModel,
  tokenizer: TextCodec,
  prompt: string,
  options: TextOptions = {},
): Promise<string> {
  const ids = tokensOf('generateText', tokenizer, prompt)
  if ((options?.numReturnSequences ?? 1) !== 1) {
    throw new RangeError(
      `generateText: numReturnSequences ${options.numReturnSequences} are several texts, and this gives one; generate() gives all`,
    )
  }
  const { sequences } = await generate(model, ids, { ...options, tokenizer })
  // Of models with an encoder, what begins a target is a special token.
  const added = sequences[0].slice(model instanceof CausalLM ? ids.length : 1)
  const decoder = decoderBehind(model, tokenizer, ids)
  return added.map((id) => decoder.push(id)).join('') + decoder.end()
}

/** @throws TypeError for what is no tokenizer, and no text */
function tokensOf(op: string, tokenizer: TextCodec, prompt: string): readonly number[] {
  if (typeof tokenizer?.encode !== 'function' || typeof tokenizer.decodeStream !== 'function')
    throw new TypeError(`${op}: the tokenizer is ${named(tokenizer)}; loadTokenizer() gives one`)
  if (typeof prompt !== 'string')
    throw new TypeError(`${op}: the prompt is ${named(prompt)}, not a text; generate() takes token ids`)
  return tokenizer.encode(prompt)
}

/**
 * Decodes what is written behind a prompt: a word that begins with a space keeps it, which it would lose where a text
 * begins. What the prompt's last tokens say is not told again.
 */
function decoderBehind(
  model: TextModel,
  tokenizer: TextCodec,
  prompt: readonly number[],
): Pick<DecodeStream, 'push' | 'end'> {
  const decoder = tokenizer.decodeStream({ skipSpecialTokens: true })
  if (model instanceof CausalLM) for (const id of prompt.slice(-8)) decoder.push(id)
  return decoder
}

/**
 * The same piece by piece, as it comes. No piece ends within a character. Leaving the loop ends the generation.
 * @returns why it ended
 * @throws as `stream`
 * @example
 * import { GPT, streamText } from '@x/transformer'
 * import { trainBpe } from '@x/transformer/tokenizers'
 * const tokenizer = trainBpe(['low lower lowest'], { vocabSize: 262 })
 * const model = new GPT({ vocabSize: 262, nPositions: 32, nEmbd: 16, nLayer: 1, nHead: 2 }).eval()
 * for await (const piece of streamText(model, tokenizer, 'lower', { maxNewTokens: 5 })) console.log(piece)
 */
export async function* streamText(
  model: TextModel,
  tokenizer: TextCodec,
  prompt: string,
  options: TextOptions = {},
): AsyncGenerator<string, FinishReason, undefined> {
  const ids = tokensOf('streamText', tokenizer, prompt)
  const decoder = decoderBehind(model, tokenizer, ids)
  const tokens = stream(model, ids, { ...options, tokenizer })
  try {
    for (;;) {
      const { done, value } = await tokens.next()
      const piece = done ? decoder.end() : decoder.push(value as number)
      if (piece !== '') yield piece
      if (done) return value as FinishReason
    }
  } finally {
    await tokens.return('length')
  }
}
