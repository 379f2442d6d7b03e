// Backpropagation by hand and by machine, on the two graphs that every lecture draws.
import { graph, valueAndGrad } from '@x/autograd'
import { type Tensor, tensor, tidy } from '@x/tensor'
import { defineScenario, type Shown } from '../scenario.ts'

interface Example {
  readonly title: string
  readonly inputs: Readonly<Record<string, number>>
  readonly compute: (x: Readonly<Record<string, Tensor>>) => Tensor
  /** The chain rule on paper: the value, and the derivative by each input. */
  readonly byHand: (x: Readonly<Record<string, number>>) => { value: number; slopes: Record<string, number> }
}

const EXAMPLES: readonly Example[] = [
  {
    title: 'f = (x + y) · z',
    inputs: { x: -2, y: 5, z: -4 },
    compute: ({ x, y, z }) => x.add(y).mul(z),
    // With q = x + y: ∂f/∂z = q, ∂f/∂x = ∂f/∂y = z.
    byHand: ({ x, y, z }) => ({ value: (x + y) * z, slopes: { x: z, y: z, z: x + y } }),
  },
  {
    title: 'f = σ(w₀x₀ + w₁x₁ + w₂)',
    inputs: { w0: 2, x0: -1, w1: -3, x1: -2, w2: -3 },
    compute: ({ w0, x0, w1, x1, w2 }) => w0.mul(x0).add(w1.mul(x1)).add(w2).sigmoid(),
    // σ′ = σ (1 − σ), times what each input is multiplied with.
    byHand: ({ w0, x0, w1, x1, w2 }) => {
      const value = 1 / (1 + Math.exp(-(w0 * x0 + w1 * x1 + w2)))
      const slope = value * (1 - value)
      return { value, slopes: { w0: slope * x0, x0: slope * w0, w1: slope * x1, x1: slope * w1, w2: slope } }
    },
  },
]

export const graphs = defineScenario({
  name: 'backpropagation',
  topic: 'Foundations',
  title: 'Backpropagation on a graph',
  about:
    'Two small formulas as graphs of operations, with the value on every edge and below it the gradient that comes back. ' +
    'The chain rule worked out by hand gives the same numbers.',
  options: {},
  async *run({ breathe }): AsyncGenerator<Shown> {
    for (const { title, inputs, compute, byHand } of EXAMPLES) {
      const leaves = Object.fromEntries(
        Object.entries(inputs).map(([name, value]) => [name, tensor(value, { dtype: 'float64' })]),
      )
      yield { kind: 'heading', text: title }
      yield { kind: 'graph', id: title, title: 'values and gradients', graph: graph(() => compute(leaves), leaves) }
      const expected = byHand(inputs)
      const { value, slopes } = tidy(() => {
        const { value, grads } = valueAndGrad(() => compute(leaves), leaves)
        return { value: value.item(), slopes: Object.fromEntries(Object.entries(grads).map(([n, g]) => [n, g.item()])) }
      })
      const names = Object.keys(inputs)
      yield {
        kind: 'table',
        title: 'derivatives',
        columns: ['input', 'value', 'by hand', 'by machine'],
        rows: names.map((name) => [name, inputs[name], expected.slopes[name], slopes[name]]),
      }
      const worst = Math.max(...names.map((name) => Math.abs(slopes[name] - expected.slopes[name])))
      const holds = Math.abs(value - expected.value) < 1e-12 && worst < 1e-12
      yield {
        kind: 'claim',
        text: `f = ${Number(value.toPrecision(4))}, and all ${names.length} derivatives agree`,
        holds,
      }
      for (const x of Object.values(leaves)) x.dispose()
      await breathe()
    }
  },
})
