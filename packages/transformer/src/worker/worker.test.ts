// A model in a worker says what it says on the page; errors come with their classes; stopping stops.
import { FormatError, OutOfMemoryError, tensor } from '@x/tensor'
import { saveTorch } from '@x/tensor/files'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { randomFolder } from '../cases/folder.ts'
import { generateText } from '../generation/text.ts'
import { loadCausalLM } from '../load/loadModel.ts'
import { loadTokenizer } from '../tokenizers.ts'
import { loadInWorker, WorkerGoneError, type WorkerModel } from '../worker.ts'

const files = randomFolder()
const PROMPT = 'Once upon a'
let model: WorkerModel

beforeAll(async () => {
  model = await loadInWorker(files)
})
afterAll(() => model.dispose())

describe('what it says', () => {
  test('is what it says without a worker, at once and piece by piece', async () => {
    const here = await loadCausalLM(files)
    const tokenizer = await loadTokenizer(files)
    const options = { maxNewTokens: 40, temperature: 0.9, topK: 20, seed: 3 }
    const expected = await generateText(here, tokenizer, PROMPT, options)
    here.dispose()
    expect(expected).not.toBe('')
    expect(await model.generate(PROMPT, options)).toBe(expected)
    const pieces: string[] = []
    const stream = model.stream(PROMPT, options)
    for (;;) {
      const { done, value } = await stream.next()
      if (done) expect(value).toMatch(/^(length|stop)$/)
      if (done) break
      pieces.push(value)
    }
    expect(pieces.length).toBeGreaterThan(1)
    expect(pieces.join('')).toBe(expected)
    expect(await model.encode(PROMPT)).toEqual([...tokenizer.encode(PROMPT)])
  })

  test('may be several texts at the same time', async () => {
    const prompts = ['the dog', 'a girl', 'outside']
    const alone: string[] = []
    for (const prompt of prompts) alone.push(await model.generate(prompt, { maxNewTokens: 20 }))
    const together = await Promise.all(prompts.map((prompt) => model.generate(prompt, { maxNewTokens: 20 })))
    expect(together).toEqual(alone)
  })

  test('comes from Files, Blobs, and with progress; the model tells what it is', async () => {
    const chosen = Object.entries(files).map(([name, bytes]) => new File([bytes], name))
    const loaded: number[] = []
    const again = await loadInWorker(chosen, { quantize: 'int8', onProgress: ({ loaded: n }) => loaded.push(n) })
    expect(loaded.length).toBeGreaterThan(0)
    expect(again.architecture).toBe('Llama')
    expect(again.config.hiddenSize).toBe(32)
    expect(again.threads).toBe(1)
    expect(await again.generate(PROMPT, { maxNewTokens: 3 })).toBeTypeOf('string')
    again.dispose()
    const tokenizer = new Blob([files['tokenizer.json']])
    const { 'tokenizer.json': _, ...rest } = files
    const other = await loadInWorker(rest, { tokenizer, threads: 2 })
    expect(other.threads).toBe(2)
    expect(await other.generate(PROMPT, { maxNewTokens: 9 })).toBe(await model.generate(PROMPT, { maxNewTokens: 9 }))
    other.dispose()
  })
})

describe('what goes wrong', () => {
  test('has its class', async () => {
    await expect(model.generate(PROMPT, { maxNewTokens: 10_000 })).rejects.toThrow(RangeError)
    await expect(model.generate(PROMPT, { stray: 1 } as object)).rejects.toThrow("no option 'stray'")
    await expect(model.generate(PROMPT, { logitsProcessors: [] } as object)).rejects.toThrow('cannot cross to a worker')
    await expect(model.generate(1 as unknown as string)).rejects.toThrow(TypeError)
    await expect(loadInWorker(files, { stray: 1 } as object)).rejects.toThrow("no option 'stray'")
    await expect(loadInWorker([new File(['nothing'], 'a.gguf')])).rejects.toThrow(FormatError)
    for (const source of [null, 5, {}, []])
      await expect(loadInWorker(source as never)).rejects.toThrow(/ is no source; give a path/)
    const { 'tokenizer.json': _, ...mute } = files
    await expect(loadInWorker(mute)).rejects.toThrow('there is no tokenizer')
    const broken = { ...files, 'model.safetensors': new Uint8Array(9).fill(255) }
    await expect(loadInWorker(broken)).rejects.toThrow(FormatError)
    const { 'model.safetensors': __, ...light } = files
    const pickled = { ...light, 'pytorch_model.bin': await saveTorch({ x: tensor([1]) }) }
    await expect(loadInWorker(pickled)).rejects.toThrow('files of torch.save are not read in the worker')
    await expect(loadInWorker(files['model.safetensors'])).rejects.toThrow('give its own as { tokenizer }')
  })

  test('may be the memory: an error, and the model goes on', async () => {
    const long = await loadInWorker(randomFolder({ maxPositionEmbeddings: 4_000_000 }))
    const { limitBytes } = await long.memory()
    expect(limitBytes).toBeGreaterThanOrEqual(2 ** 28)
    const much = long.generate(PROMPT, { numBeams: 20, maxNewTokens: 3_900_000 })
    await expect(much).rejects.toThrow(OutOfMemoryError)
    expect(await long.generate(PROMPT, { maxNewTokens: 3 })).toBeTypeOf('string')
    long.dispose()
  })
})

describe('stopping', () => {
  test('by a signal, at once', async () => {
    const controller = new AbortController()
    const running = model.generate(PROMPT, { maxNewTokens: 500, eosTokenId: null, signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    await expect(model.generate(PROMPT, { signal: controller.signal })).rejects.toThrow('enough')
    await expect(loadInWorker(files, { signal: controller.signal })).rejects.toThrow('enough')
  })

  test('by leaving the loop: the worker has nothing left to do, and keeps nothing', async () => {
    const other = await loadInWorker(files)
    // Positions are rotated with a table that is as long as the longest text so far.
    await other.generate(PROMPT, { maxNewTokens: 500, eosTokenId: null })
    const { bytes } = await other.memory()
    let count = 0
    for await (const _ of other.stream(PROMPT, { maxNewTokens: 500, eosTokenId: null })) if (++count === 3) break
    await vi.waitFor(async () => expect((await other.memory()).bytes).toBeLessThanOrEqual(bytes), 20_000)
    other.dispose()
  })

  test('for good: who waits is told, and who asks', async () => {
    const other = await loadInWorker(files)
    const running = other.generate(PROMPT, { maxNewTokens: 500, eosTokenId: null })
    other.dispose()
    other.dispose()
    await expect(running).rejects.toThrow(WorkerGoneError)
    await expect(other.generate(PROMPT)).rejects.toThrow('disposed')
  })

  test('a worker that dies is gone', async () => {
    const dead = {
      postMessage: () => dead.onerror?.({ message: 'no such file' } as ErrorEvent),
      terminate() {},
    } as unknown as Worker
    const loading = loadInWorker(files, { worker: dead })
    await expect(loading).rejects.toThrow('the worker is gone: no such file')
    await expect(loading).rejects.toThrow(WorkerGoneError)
  })
})
