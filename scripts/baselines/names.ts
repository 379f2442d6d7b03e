// A multi-layer perceptron over three characters learns to spell names.
// Source: Bengio et al. 2003, "A neural probabilistic language model", in the size of A. Karpathy's makemore.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { valueAndGrad } from '@x/autograd'
import { crossEntropy, Embedding, Linear, Module, SGD } from '@x/nn'
import { compile, Generator, type Tensor, tensor, tidy } from '@x/tensor'
import type { Baseline } from './baseline.ts'

const [CONTEXT, BATCH, STEPS] = [3, 64, 8000]

class NameModel extends Module {
  readonly table: Embedding
  readonly hidden: Linear
  readonly head: Linear

  constructor(generator: Generator) {
    super()
    this.table = new Embedding(27, 10, { generator })
    this.hidden = new Linear(CONTEXT * 10, 100, { generator })
    this.head = new Linear(100, 27, { generator })
  }

  /** x [B, 3] → logits [B, 27]. */
  override forward(x: Tensor): Tensor {
    return this.head.forward(this.hidden.forward(this.table.forward(x).flatten(1)).tanh())
  }
}

/** Three characters and what follows, for every place of every name; 0 stands around names. */
function examples(names: readonly string[]): { x: Tensor; y: Tensor } {
  const x: number[] = []
  const y: number[] = []
  for (const name of names) {
    let context = [0, 0, 0]
    for (const next of [...[...name].map((letter) => letter.charCodeAt(0) - 96), 0]) {
      x.push(...context)
      y.push(next)
      context = [...context.slice(1), next]
    }
  }
  return { x: tensor(Int32Array.from(x), { shape: [y.length, CONTEXT] }), y: tensor(Int32Array.from(y)) }
}

export const names: Baseline = {
  id: 'names-mlp',
  run(folder, seed) {
    const all = readFileSync(join(folder, 'names.txt'), 'utf8').trim().split('\n')
    const generator = new Generator(seed)
    const order = Array.from(generator.permutation(all.length), (i) => all[i])
    const train = examples(order.slice(0, Math.floor(all.length * 0.8)))
    const validation = examples(order.slice(Math.floor(all.length * 0.8), Math.floor(all.length * 0.9)))
    const model = new NameModel(generator)
    const parameters = model.parameters()
    const optimizer = new SGD(parameters, { lr: 0.1 })
    const step = compile((x: Tensor, y: Tensor) => {
      const { value, grads } = valueAndGrad(() => crossEntropy(model.forward(x), y), parameters)
      optimizer.step(grads)
      return value
    })
    for (let i = 0; i < STEPS; i++) {
      if (i === 6000) optimizer.lr = 0.02
      const at = generator.words(BATCH).map((word) => (word >>> 0) % train.y.size)
      tidy(() => {
        const index = tensor(at)
        step(train.x.take(index), train.y.take(index))
      })
    }
    step.dispose()
    return tidy(() => crossEntropy(model.forward(validation.x), validation.y).item())
  },
}
