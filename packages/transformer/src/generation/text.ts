// Text in, text out: a model with its tokenizer.
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
 * @throws as `generate`
 */
export async function generateText(
  model: TextModel,
  tokenizer: TextCodec,
  prompt: string,
  options: TextOptions = {},
): Promise<string> {
  const ids = tokenizer.encode(prompt)
  const { sequences } = await generate(model, ids, { ...options, tokenizer })
  const added = sequences[0].slice(model.config === undefined ? 0 : lengthOf(model, ids))
  return tokenizer.decode(added, { skipSpecialTokens: true })
}

/** How much of a sequence is not new. */
const lengthOf = (model: TextModel, ids: readonly number[]): number => ('encode' in model ? 1 : ids.length)

/**
 * The same piece by piece, as it comes. No piece ends within a character. Leaving the loop ends the generation.
 * @returns why it ended
 * @throws as `stream`
 */
export async function* streamText(
  model: TextModel,
  tokenizer: TextCodec,
  prompt: string,
  options: TextOptions = {},
): AsyncGenerator<string, FinishReason, undefined> {
  const decoder = tokenizer.decodeStream({ skipSpecialTokens: true })
  const tokens = stream(model, tokenizer.encode(prompt), { ...options, tokenizer })
  for (;;) {
    const { done, value } = await tokens.next()
    const piece = done ? decoder.end() : decoder.push(value as number)
    if (piece !== '') yield piece
    if (done) return value as FinishReason
  }
}
