// The fused ops and the optimisers give the same bits with two threads as with one.
import { valueAndGrad } from '@x/autograd'
import { Generator, manualSeed, randn, type Tensor, tensor, tidy } from '@x/tensor'
import { setNumThreads } from '@x/tensor/threads'
import { expect, test } from 'vitest'
import * as nn from './index.ts'

const optimizers = {
  Adam: nn.Adam,
  AdamW: nn.AdamW,
  SGD: nn.SGD,
  RMSprop: nn.RMSprop,
  Adagrad: nn.Adagrad,
  Adadelta: nn.Adadelta,
  Adamax: nn.Adamax,
  ASGD: nn.ASGD,
  Rprop: nn.Rprop,
}

/** Three steps large enough to be shared: what every layer, loss and optimiser left in the parameters. */
function train(Optimizer: (typeof optimizers)[keyof typeof optimizers]): unknown[] {
  manualSeed(4)
  const images = new nn.Sequential(
    new nn.Conv2d(3, 16, 3, { padding: 1 }),
    new nn.MaxPool2d(2),
    new nn.ReLU(),
    new nn.Flatten(),
  )
  const head = new nn.Sequential(
    new nn.Linear(1024, 512),
    new nn.Tanh(),
    new nn.LayerNorm(512),
    new nn.Linear(512, 200),
  )
  const parameters = [...images.parameters(), ...head.parameters()]
  const optimizer = new Optimizer(parameters, { lr: 0.01 })
  const [x, y] = [randn([256, 3, 16, 16]), tensor(Int32Array.from({ length: 256 }, (_, i) => i % 200))]
  const generator = new Generator(9)
  for (let i = 0; i < 3; i++) {
    tidy(() => {
      const loss = (): Tensor => nn.crossEntropy(head.forward(nn.dropout(images.forward(x), 0.3, { generator })), y)
      optimizer.step(valueAndGrad(loss, parameters).grads)
    })
  }
  const left = parameters.map((p) => p.data())
  for (const owner of [images, head, optimizer, generator]) owner.dispose()
  return left
}

test.runIf(typeof SharedArrayBuffer !== 'undefined').each(Object.entries(optimizers))('%s', async (_, Optimizer) => {
  const one = train(Optimizer)
  expect(await setNumThreads(2)).toBe(2)
  const two = train(Optimizer)
  await setNumThreads(1)
  expect(two).toEqual(one)
})
