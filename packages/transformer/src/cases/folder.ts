// A model's folder with random weights, made here: what a download would bring.
import { snakeCase } from '@x/nn'
import { Generator } from '@x/tensor'
import { saveSafetensors } from '@x/tensor/safetensors'
import { Llama, type LlamaConfig } from '../models/llama.ts'
import { trainBpe } from '../tokenizers.ts'

const TEXT = 'Once upon a time there was a little girl who loved to play outside with her dog. '

/** config.json, model.safetensors and tokenizer.json of a Llama. */
export function randomFolder(sizes: Partial<LlamaConfig> = {}): Record<string, Uint8Array<ArrayBuffer>> {
  const tokenizer = trainBpe([TEXT.repeat(10)], { vocabSize: 300, specialTokens: ['<|endoftext|>'] })
  const config: LlamaConfig = {
    vocabSize: tokenizer.vocabSize,
    ...{ hiddenSize: 32, intermediateSize: 48, numHiddenLayers: 2, numAttentionHeads: 4, numKeyValueHeads: 2 },
    ...{ maxPositionEmbeddings: 512, tieWordEmbeddings: true, ...sizes },
  }
  const model = new Llama(config, { generator: new Generator(7), std: 0.3 })
  const weights = saveSafetensors(model.stateDict())
  model.dispose()
  const json = (value: object): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(value))
  const settings = Object.fromEntries(Object.entries(config).map(([name, value]) => [snakeCase(name), value]))
  return {
    'config.json': json({ ...settings, architectures: ['LlamaForCausalLM'] }),
    'model.safetensors': weights as Uint8Array<ArrayBuffer>,
    'tokenizer.json': json(tokenizer),
  }
}
