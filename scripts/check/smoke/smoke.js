// What a user's first program does, with numbers to compare; runs in Node and in a page, in every kind of bundle.
import { valueAndGrad } from '@x/autograd'
import { Linear } from '@x/nn'
import { makeVec } from '@x/rl'
import { ones, softmax, tensor } from '@x/tensor'
import { saveSafetensors } from '@x/tensor/safetensors'
import { setNumThreads, threadsStatus } from '@x/tensor/threads'
import { Llama } from '@x/transformer'
import { trainBpe } from '@x/transformer/tokenizers'
import { loadInWorker } from '@x/transformer/worker'

/** Compares the elements of a tensor, in row-major order. */
function same(what, found, wanted) {
  const values = [...found.data()]
  const isSame = values.length === wanted.length && values.every((value, i) => Math.abs(value - wanted[i]) < 1e-5)
  if (!isSame) throw new Error(`${what}: ${values}, not ${wanted}`)
}

/** A small language model, in a worker of its own. */
async function writes() {
  const tokenizer = trainBpe(['to be or not to be'], { vocabSize: 260 })
  const sizes = { hidden_size: 8, intermediate_size: 8, num_hidden_layers: 1, num_attention_heads: 2 }
  const config = { ...sizes, model_type: 'llama', vocab_size: 260, max_position_embeddings: 32 }
  const weights = new Llama({
    ...{ vocabSize: 260, hiddenSize: 8, intermediateSize: 8, numHiddenLayers: 1, numAttentionHeads: 2 },
    maxPositionEmbeddings: 32,
  }).stateDict()
  const model = await loadInWorker({
    'config.json': new Blob([JSON.stringify({ ...config, num_key_value_heads: 2 })]),
    'tokenizer.json': new Blob([JSON.stringify(tokenizer)]),
    'model.safetensors': saveSafetensors(weights),
  })
  let pieces = 0
  for await (const _ of model.stream('to be', { maxNewTokens: 8, topK: 5, seed: 0 })) pieces++
  if (model.architecture !== 'Llama' || pieces === 0)
    throw new Error(`${model.architecture} in a worker: ${pieces} pieces`)
  model.dispose()
}

/** Computes a little of everything and returns what is to be seen. @throws Error when a number is wrong */
export async function smoke({ threads }) {
  const x = tensor([1, 2, 3, 4], { shape: [2, 2] })
  same('matmul', x.matmul(x), [7, 10, 15, 22])
  const [low, high] = [1 / (1 + Math.E), Math.E / (1 + Math.E)]
  same('softmax', softmax(x), [low, high, low, high])

  const { value, grads } = valueAndGrad(() => x.mul(x).sum(), [x])
  same('value', value, [30])
  same('gradient', grads[0], [2, 4, 6, 8])

  const linear = new Linear(2, 3)
  same('Linear', linear.forward(x), [...x.matmul(linear.weight.transpose()).add(linear.bias).data()])

  const carts = makeVec('CartPole-v1', { numEnvs: 3 })
  carts.reset({ seed: 0 })
  same('rewards', tensor(carts.step([0, 1, 0])[1]), [1, 1, 1])

  await writes()
  await setNumThreads(2)
  const status = threadsStatus()
  if (status.threads !== threads) throw new Error(`${threads} threads expected: ${JSON.stringify(status)}`)
  const product = ones([256, 256]).matmul(ones([256, 256]))
  same('matmul with threads', product.sum(), [256 ** 3])
  return `${status.threads} threads`
}
