// Texts behind prompts: what the model adds, to the letter.
import { Generator } from '@x/tensor'
import { expect, test } from 'vitest'
import { LLAMA } from '../cases/tiny.ts'
import { Llama } from '../models/llama.ts'
import { trainUnigram } from '../tokenizers.ts'
import { generate } from './generate.ts'
import { generateText, streamText } from './text.ts'

// Where a text begins, this kind of tokenizer takes a space away, which belongs to what is added.
test('prompt and what is added are the whole text, spaces between them included', async () => {
  const tokenizer = trainUnigram(['to be or not to be'.repeat(20)], { vocabSize: 30 })
  const sizes = { ...LLAMA, vocabSize: tokenizer.vocabSize, eosTokenId: null }
  const model = new Llama(sizes, { generator: new Generator(3), std: 0.3 }).eval()
  for (const prompt of ['to be', 'or not to be or', 'b', 'to be or not to be or not to be or not']) {
    const ids = tokenizer.encode(prompt)
    const { sequences } = await generate(model, ids, { maxNewTokens: 20, temperature: 2, seed: 5 })
    const whole = tokenizer.decode(sequences[0], { skipSpecialTokens: true })
    const added = await generateText(model, tokenizer, prompt, { maxNewTokens: 20, temperature: 2, seed: 5 })
    expect(prompt + added).toBe(whole)
    let streamed = ''
    for await (const piece of streamText(model, tokenizer, prompt, { maxNewTokens: 20, temperature: 2, seed: 5 }))
      streamed += piece
    expect(streamed).toBe(added)
  }
  model.dispose()
})
