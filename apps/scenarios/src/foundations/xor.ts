// Two layers learn XOR by backpropagation: what one neuron cannot do.
import { graph, valueAndGrad } from '@x/autograd'
import { Linear, mseLoss, Sequential, SGD, Sigmoid, Tanh } from '@x/nn'
import { compile, Generator, tensor } from '@x/tensor'
import { defineScenario, type Shown } from '../scenario.ts'

/** Points of the unit square at which the network is asked for its picture. */
const SIDE = 24

export const xor = defineScenario({
  name: 'xor',
  topic: 'Foundations',
  title: 'XOR with two layers',
  about:
    'Hidden neurons bend the plane so that a line can part what a single neuron cannot. The picture shows what the ' +
    'network answers between the four inputs.',
  options: {
    hidden: { kind: 'number', about: 'hidden neurons', default: 4, least: 2, most: 64 },
    steps: { kind: 'number', about: 'steps of gradient descent', default: 2000, least: 1, most: 100_000 },
    lr: { kind: 'number', about: 'learning rate', default: 0.5, least: 1e-4, most: 10, multipleOf: null },
  },
  async *run({ options: { hidden, steps, lr }, seed, breathe }): AsyncGenerator<Shown> {
    const generator = new Generator(seed)
    const model = new Sequential(
      new Linear(2, hidden, { generator }),
      new Tanh(),
      new Linear(hidden, 1, { generator }),
      new Sigmoid(),
    )
    const parameters = model.parameters()
    const optimizer = new SGD(parameters, { lr, momentum: 0.9 })
    const x = tensor([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ])
    const y = tensor([[0], [1], [1], [0]])
    const step = compile(() => {
      const { value, grads } = valueAndGrad(() => mseLoss(model.forward(x), y), parameters)
      optimizer.step(grads)
      return value
    })
    const drawn = graph(() => mseLoss(model.forward(x), y), model.namedParameters())
    yield { kind: 'graph', id: 'graph', title: 'the loss as a graph, before the training', graph: drawn }
    const losses: number[] = []
    for (let i = 0; i < steps; i++) {
      const loss = step()
      losses.push(loss.item())
      loss.dispose()
      if (i % 50 === 0) yield lossPlot(losses)
      await breathe()
    }
    yield lossPlot(losses)
    const at = (i: number): number => i / (SIDE - 1)
    const cells = Array.from({ length: SIDE * SIDE }, (_, i) => [at(i % SIDE), 1 - at(Math.floor(i / SIDE))])
    yield {
      kind: 'images',
      id: 'surface',
      title: 'the answer over the unit square: corners (0, 1) and (1, 0) are to be dark',
      height: SIDE,
      width: SIDE,
      pixels: [model.forward(tensor(cells)).data() as Float32Array],
    }
    const answers = (model.forward(x).toArray() as number[][]).map(([p]) => p)
    yield {
      kind: 'table',
      title: 'answers',
      columns: ['a', 'b', 'a xor b', 'network'],
      rows: (x.toArray() as number[][]).map(([a, b], i) => [a, b, a ^ b, answers[i].toFixed(3)]),
    }
    const isRight = answers.every((p, i) => Math.round(p) === [0, 1, 1, 0][i])
    yield { kind: 'claim', text: `all four are right after ${steps} steps`, holds: isRight }
    step.dispose()
    model.dispose()
    optimizer.dispose()
    generator.dispose()
  },
})

const lossPlot = (losses: readonly number[]): Shown => ({
  kind: 'plot',
  id: 'loss',
  title: 'mean squared error',
  x: 'step',
  y: 'loss',
  curves: [{ name: 'loss', x: losses.map((_, i) => i + 1), y: [...losses] }],
})
