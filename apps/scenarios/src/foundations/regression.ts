// Linear and logistic regression by gradient descent: all examples at once, one by one, in small batches.
import { valueAndGrad } from '@x/autograd'
import { accuracy, binaryCrossEntropyWithLogits, DataLoader, Linear, mseLoss, SGD, TensorDataset } from '@x/nn'
import { Generator, randn, type Tensor, tensor, tidy } from '@x/tensor'
import { type Curve, defineScenario, type Shown } from '../scenario.ts'

const EXAMPLES = 200
/** Examples per step, and the learning rate that suits them. */
const WAYS = {
  batch: { batchSize: EXAMPLES, lr: 0.3 },
  'mini-batch': { batchSize: 16, lr: 0.1 },
  stochastic: { batchSize: 1, lr: 0.005 },
}

interface Problem {
  readonly x: Tensor
  readonly y: Tensor
  readonly loss: (output: Tensor, target: Tensor) => Tensor
}

interface Fitted {
  readonly model: Linear
  /** The loss on all examples after each epoch. */
  readonly curve: number[]
}

async function* descend(
  { x, y, loss }: Problem,
  { batchSize, lr, epochs, seed }: { batchSize: number; lr: number; epochs: number; seed: number },
  breathe: () => Promise<void>,
): AsyncGenerator<Shown, Fitted> {
  const model = new Linear(x.shape[1], 1, { generator: new Generator(seed) })
  const parameters = model.parameters()
  const optimizer = new SGD(parameters, { lr })
  const loader = new DataLoader(new TensorDataset(x, y), { batchSize, shuffle: true, seed })
  const curve: number[] = []
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const batch of loader) {
      tidy(() => {
        const { grads } = valueAndGrad(() => loss(model.forward(batch.x), batch.y), parameters)
        optimizer.step(grads)
      })
      batch.x.dispose()
      batch.y.dispose()
      await breathe()
    }
    curve.push(tidy(() => loss(model.forward(x), y).item()))
  }
  return { model, curve }
}

const plotOf = (title: string, curves: readonly Curve[]): Shown => ({
  kind: 'plot',
  id: title,
  title,
  x: 'epoch',
  y: 'loss on all examples',
  curves,
})

const epochOption = {
  kind: 'number',
  about: 'passes over the 200 examples',
  default: 40,
  least: 1,
  most: 10_000,
} as const

export const linearRegression = defineScenario({
  name: 'linear-regression',
  topic: 'Foundations',
  title: 'Linear regression by gradient descent',
  about:
    'A line through noisy points, found three ways: with the gradient of all examples at once, of one at a time, and of ' +
    'sixteen. All end at the line of least squares, which one equation gives as well.',
  options: { epochs: epochOption },
  async *run({ options: { epochs }, seed, breathe }): AsyncGenerator<Shown> {
    const generator = new Generator(seed)
    const x = randn([EXAMPLES, 1], { generator })
    const y = tidy(() =>
      x
        .mul(2)
        .add(-1)
        .add(randn([EXAMPLES, 1], { generator }).mul(0.5)),
    )
    const exact = leastSquares(x, y)
    const rows: (string | number)[][] = [['least squares', exact.w, exact.b]]
    const curves: Curve[] = []
    for (const [name, way] of Object.entries(WAYS)) {
      const { model, curve } = yield* descend({ x, y, loss: mseLoss }, { ...way, epochs, seed }, breathe)
      curves.push({ name, x: curve.map((_, i) => i + 1), y: curve })
      yield plotOf('mean squared error', curves)
      const [w, b] = [model.weight.item(), (model.bias as Tensor).item()]
      rows.push([name, w, b])
      const isNear = Math.hypot(w - exact.w, b - exact.b) < 0.1
      yield {
        kind: 'claim',
        text: `${name}: y = ${w.toFixed(3)} x ${b < 0 ? '−' : '+'} ${Math.abs(b).toFixed(3)}`,
        holds: isNear,
      }
      model.dispose()
    }
    yield { kind: 'table', title: 'y = w x + b', columns: ['way', 'w', 'b'], rows }
    const ends = [-3, 3]
    yield {
      kind: 'points',
      id: 'line',
      title: 'points and line',
      groups: [
        { name: 'examples', x: [...(x.data() as Float32Array)], y: [...(y.data() as Float32Array)] },
        { name: 'line', ...lineOf((at) => exact.w * at + exact.b, ends[0], ends[1]), line: true },
      ],
    }
    for (const owner of [x, y, generator]) owner.dispose()
  },
})

/** Slope and intercept by the normal equations of one feature. */
function leastSquares(x: Tensor, y: Tensor): { w: number; b: number } {
  return tidy(() => {
    const [dx, dy] = [x.sub(x.mean()), y.sub(y.mean())]
    const w = dx.mul(dy).sum().div(dx.square().sum()).item()
    return { w, b: y.mean().item() - w * x.mean().item() }
  })
}

function lineOf(f: (x: number) => number, from: number, to: number): { x: number[]; y: number[] } {
  const x = Array.from({ length: 41 }, (_, i) => from + ((to - from) * i) / 40)
  return { x, y: x.map(f) }
}

export const logisticRegression = defineScenario({
  name: 'logistic-regression',
  topic: 'Foundations',
  title: 'Logistic regression by gradient descent',
  about:
    'Two clouds of points are parted by a line that gives the probability of each side. Large batches descend smoothly, ' +
    'single examples zigzag, and small batches are the bargain between both.',
  options: { epochs: epochOption },
  async *run({ options: { epochs }, seed, breathe }): AsyncGenerator<Shown> {
    const generator = new Generator(seed)
    const classes = Array.from({ length: EXAMPLES }, (_, i) => i % 2)
    const y = tensor(classes.map((c) => [c]))
    const x = tidy(() => randn([EXAMPLES, 2], { generator }).add(y.mul(2.2).sub(1.1)))
    const labels = tensor(classes, { dtype: 'int32' })
    const curves: Curve[] = []
    let w: number[] = []
    let b = 0
    for (const [name, way] of Object.entries(WAYS)) {
      const problem = { x, y, loss: binaryCrossEntropyWithLogits }
      const { model, curve } = yield* descend(problem, { ...way, epochs, seed }, breathe)
      curves.push({ name, x: curve.map((_, i) => i + 1), y: curve })
      yield plotOf('cross-entropy', curves)
      const share = tidy(() => accuracy(model.forward(x).flatten().gt(0).cast('int32'), labels))
      ;[w, b] = [(model.weight.toArray() as number[][])[0], (model.bias as Tensor).item()]
      yield { kind: 'claim', text: `${name}: ${(100 * share).toFixed(1)} % on the right side`, holds: share > 0.9 }
      model.dispose()
    }
    const at = x.toArray() as number[][]
    const group = (c: number) => {
      const own = at.filter((_, i) => classes[i] === c)
      return { name: `class ${c}`, x: own.map((p) => p[0]), y: own.map((p) => p[1]) }
    }
    const boundary = { name: 'probability ½', ...lineOf((u) => -(w[0] * u + b) / w[1], -2, 2), line: true }
    yield { kind: 'points', id: 'classes', title: 'classes and boundary', groups: [group(0), group(1), boundary] }
    for (const owner of [x, y, labels, generator]) owner.dispose()
  },
})
