// The tokenizer of a model's folder, whichever of its files there is.
import { describe, expect, test } from 'vitest'
import { trainBpe } from '../training/bpe.ts'
import { loadTokenizer } from './load.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const json = (value: object): Uint8Array => bytes(JSON.stringify(value))
const own = trainBpe(['low lower lowest'], { vocabSize: 262, specialTokens: ['<begin>'] })

describe('loadTokenizer of a folder', () => {
  test('takes tokenizer.json, and what begins texts from the file beside it', async () => {
    const files = { 'vocab.txt': bytes('[UNK]\n'), 'tokenizer.json': json(own), 'config.json': json({}) }
    expect((await loadTokenizer(files)).encode('lower')).toEqual(own.encode('lower'))
    expect((await loadTokenizer(files)).specialIds.bos).toBeUndefined()
    const told = { ...files, 'tokenizer_config.json': json({ bos_token: '<begin>' }) }
    expect((await loadTokenizer(told)).specialIds.bos).toBe(own.tokenToId('<begin>'))
    expect((await loadTokenizer(told, { config: {} })).specialIds.bos).toBeUndefined()
  })

  test("takes GPT-2's two files, and BERT's one", async () => {
    const gpt2 = { 'vocab.json': json({ l: 0, o: 1, lo: 2 }), 'merges.txt': bytes('l o\n') }
    expect((await loadTokenizer(gpt2)).encode('lol')).toEqual([2, 0])
    await expect(loadTokenizer({ 'vocab.json': json({ l: 0 }) })).rejects.toThrow('there is no tokenizer')
    const bert = { 'vocab.txt': bytes('[PAD]\n[UNK]\n[CLS]\n[SEP]\nlow\n') }
    expect((await loadTokenizer(bert, { lowercase: true })).encode('LOW')).toEqual([2, 4, 3])
  })

  test('may be the Files that somebody chose; one of them is what it is', async () => {
    const file = new File([JSON.stringify(own)], 'tokenizer.json')
    for (const chosen of [[file], [file, new File(['{}'], 'config.json')]])
      expect((await loadTokenizer(chosen)).encode('lower')).toEqual(own.encode('lower'))
  })

  test('may be an address, fetched by what is given', async () => {
    const asked: string[] = []
    const fetch = async (url: URL): Promise<Response> => {
      asked.push(url.pathname)
      const isThere = url.pathname === '/a/b/tokenizer.json'
      return new Response(isThere ? JSON.stringify(own) : null, { status: isThere ? 200 : 404 })
    }
    const tokenizer = await loadTokenizer('https://example.test/a/b', { fetch })
    expect(tokenizer.encode('lower')).toEqual(own.encode('lower'))
    expect(asked).toContain('/a/b/tokenizer.json')
  })
})
