// Text in, text out: a model with its tokenizer.
import { CausalLM } from '../models/causal.ts'
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
  // Of models with an encoder, what begins a target is a special token.
  const added = sequences[0].slice(model instanceof CausalLM ? ids.length : 1)
  return tokenizer.decode(added, { skipSpecialTokens: true })
}

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
