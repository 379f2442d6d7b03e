// Why deep sigmoid networks would not learn: the gradient of the first layers, drawn layer by layer.
// Source: X. Glorot and Y. Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks".
import { valueAndGrad } from '@x/autograd'
import { crossEntropy, init, Linear, Module } from '@x/nn'
import { Generator, randn, type Tensor, tensor, tidy } from '@x/tensor'
import { type Curve, defineScenario, type Shown } from '../scenario.ts'

const WIDTH = 64

interface Way {
  readonly act: (x: Tensor) => Tensor
  readonly start: (weight: Tensor, generator: Generator) => void
  /** Whether every layer adds its input. */
  readonly residual?: boolean
}

const WAYS: Readonly<Record<string, Way>> = {
  'sigmoid, N(0, 0.1)': {
    act: (x) => x.sigmoid(),
    start: (w, generator) => void init.normal(w, { std: 0.1, generator }),
  },
  'tanh, Xavier': { act: (x) => x.tanh(), start: (w, generator) => void init.xavierUniform(w, { generator }) },
  'ReLU, He': { act: (x) => x.relu(), start: (w, generator) => void init.kaimingNormal(w, { generator }) },
  'tanh, residual': {
    act: (x) => x.tanh(),
    start: (w, generator) => void init.xavierUniform(w, { generator }),
    residual: true,
  },
}

class Deep extends Module {
  readonly layers: Linear[]
  readonly head: Linear
  private readonly way: Way

  constructor(depth: number, way: Way, generator: Generator) {
    super()
    this.layers = Array.from({ length: depth }, () => new Linear(WIDTH, WIDTH, { generator }))
    this.head = new Linear(WIDTH, 10, { generator })
    for (const { weight } of this.layers) way.start(weight, generator)
    this.way = way
  }

  override forward(x: Tensor): Tensor {
    let h = x
    for (const layer of this.layers) {
      const y = this.way.act(layer.forward(h))
      h = this.way.residual ? h.add(y) : y
    }
    return this.head.forward(h)
  }
}

export const vanishing = defineScenario({
  name: 'vanishing-gradients',
  topic: 'Foundations',
  title: 'Vanishing gradients, layer by layer',
  about:
    'The same deep network, four ways. With sigmoids and small weights the gradient shrinks at every layer until nothing ' +
    'reaches the first; matched first weights, rectifiers and residual connections carry it through.',
  options: { depth: { kind: 'number', about: 'hidden layers', default: 20, least: 2, most: 200 } },
  async *run({ options: { depth }, seed, breathe }): AsyncGenerator<Shown> {
    const curves: Curve[] = []
    const shares: Record<string, number> = {}
    for (const [name, way] of Object.entries(WAYS)) {
      const generator = new Generator(seed)
      const model = new Deep(depth, way, generator)
      const x = randn([128, WIDTH], { generator })
      const y = tensor(
        Array.from({ length: 128 }, (_, i) => i % 10),
        { dtype: 'int32' },
      )
      const norms = tidy(() => {
        const weights = model.layers.map(({ weight }) => weight)
        const { grads } = valueAndGrad(() => crossEntropy(model.forward(x), y), weights)
        return grads.map((g) => g.square().mean().sqrt().item())
      })
      curves.push({ name, x: norms.map((_, i) => i + 1), y: norms.map((n) => Math.log10(Math.max(n, 1e-30))) })
      shares[name] = norms[0] / (norms.at(-1) as number)
      for (const owner of [model, x, y, generator]) owner.dispose()
      await breathe()
    }
    yield {
      kind: 'plot',
      id: 'norms',
      title: 'log₁₀ of the mean gradient of each layer',
      x: 'layer, from the input',
      y: 'log₁₀ ∇',
      curves,
    }
    yield {
      kind: 'table',
      title: 'gradient of the first layer over that of the last',
      columns: ['network', 'share'],
      rows: Object.entries(shares).map(([name, share]) => [name, share.toExponential(1)]),
    }
    const [sigmoid, , relu, residual] = Object.values(shares)
    yield { kind: 'claim', text: 'with sigmoids less than a millionth arrives', holds: sigmoid < 1e-6 }
    yield {
      kind: 'claim',
      text: 'with rectifiers or residual connections more than a hundredth does',
      holds: relu > 0.01 && residual > 0.01,
    }
  },
})
