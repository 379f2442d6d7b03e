// Drawings of computations: the graphs of the lecture notes with their numbers, corrected.
import { ones, type Tensor, tensor } from '@x/tensor'
import { assertNoLeak } from '@x/tensor/testing'
import { expect, test } from 'vitest'
import { type Graph, graph, type Name, toDot, toMermaid } from './index.ts'

const numbers = (values: Record<string, number>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(values).map(([name, x]) => [name, tensor(x, { dtype: 'float64' })]))

/** Value and gradient of each named node. */
const table = ({ nodes }: Graph): Record<string, unknown> =>
  Object.fromEntries(
    nodes.flatMap((n) => {
      const name = n.name ?? (n.kind === 'input' || n.kind === 'output' ? n.label : null)
      return name ? [[name, [n.value, n.gradient]]] : []
    }),
  )

const sumTimes = ({ x, y, z }: Record<string, Tensor>, name: Name): Tensor => name('q', x.add(y)).mul(z)

test('(x + y) · z', () => {
  const drawing = graph(sumTimes, numbers({ x: -2, y: 5, z: -4 }))
  expect(table(drawing)).toEqual({ x: [-2, -4], y: [5, -4], z: [-4, 3], q: [3, -4], output: [-12, 1] })
  expect(drawing.edges).toEqual([
    { from: 'n0', to: 'n3', input: 'a', value: -2, gradient: -4 },
    { from: 'n1', to: 'n3', input: 'b', value: 5, gradient: -4 },
    { from: 'n3', to: 'n4', input: 'a', value: 3, gradient: -4 },
    { from: 'n2', to: 'n4', input: 'b', value: -4, gradient: 3 },
    { from: 'n4', to: 'n5', input: 'output', value: -12, gradient: 1 },
  ])
})

test('the sigmoid of w·x, step by step', () => {
  const drawing = graph(
    ({ w0, x0, w1, x1, w2 }, name) => {
      const dot = name('f3', name('f1', w0.mul(x0)).add(name('f2', w1.mul(x1))))
      const exponential = name('f6', name('f5', name('f4', dot.add(w2)).neg()).exp())
      return name('f8', name('f7', exponential.add(1)).reciprocal())
    },
    numbers({ w0: 2, x0: -1, w1: -3, x1: -2, w2: -3 }),
  )
  const want: Record<string, [number, number]> = {
    f1: [-2, 0.19661193324148188],
    f2: [6, 0.19661193324148188],
    f3: [4, 0.19661193324148188],
    f4: [1, 0.19661193324148188],
    f5: [-1, -0.19661193324148188],
    f6: [0.36787944117144233, -0.534446645388523],
    f7: [1.3678794411714423, -0.534446645388523],
    f8: [0.7310585786300049, 1],
    w0: [2, -0.19661193324148188],
    x0: [-1, 0.39322386648296376],
    w1: [-3, -0.39322386648296376],
    x1: [-2, -0.5898357997244457],
    w2: [-3, 0.19661193324148188],
  }
  const got = table(drawing) as typeof want
  for (const [name, pair] of Object.entries(want)) {
    pair.forEach((x, i) => {
      expect(got[name][i], name).toBeCloseTo(x, 14)
    })
  }
  const constant = drawing.nodes.find(({ kind }) => kind === 'constant')
  expect(constant).toMatchObject({ label: '1', value: 1, gradient: null })
})

test('a value used twice: shares on the edges, the sum at the node', () => {
  const { nodes, edges } = graph(({ x }) => x.mul(x).add(x), numbers({ x: 3 }))
  expect(edges.filter(({ from }) => from === 'n0').map(({ gradient }) => gradient)).toEqual([3, 3, 1])
  expect(nodes[0].gradient).toBe(7)
})

test('tensors, constants, what has no gradient, and what does not matter', () => {
  const w = ones([2, 2])
  const label = tensor([1, 0], { dtype: 'int32' })
  const { nodes } = graph(
    ({ x, label }) => {
      x.exp()
      return x.matmul(w).add(w).mul(x.gt(0)).mul(label)
    },
    { x: tensor([[1, -2]]), label },
    { elements: 2 },
  )
  expect(nodes.map(({ kind, label }) => `${kind} ${label}`)).toEqual([
    'input x',
    'input label',
    'constant [2, 2]',
    'op matmul',
    'op add',
    'constant 0',
    'op gt',
    'op cast',
    'op mul',
    'op cast',
    'op mul',
    'output output',
  ])
  expect(nodes[0]).toMatchObject({ shape: [1, 2], dtype: 'float32', value: [1, -2], gradient: [2, 2] })
  expect(nodes[1].gradient).toBe(null)
  expect(nodes[2].value).toBe(null) // more than two elements
  expect(nodes[6]).toMatchObject({ dtype: 'bool', value: [1, 0], gradient: null })
})

test('as Mermaid and DOT', () => {
  const drawing = graph(({ 'w"0"': w, x }, name) => name('q', w.mul(x)).sub(1), numbers({ 'w"0"': 2, x: 1 / 3 }))
  expect(toMermaid(drawing)).toBe(
    [
      'flowchart LR',
      '  n0["w#34;0#34;"]',
      '  n1["x"]',
      '  n2(["q: mul"])',
      '  n3["1"]',
      '  n4(["sub"])',
      '  n5["output"]',
      '  n0 -->|"2<br>∇ 0.3333"| n2',
      '  n1 -->|"0.3333<br>∇ 2"| n2',
      '  n2 -->|"0.6667<br>∇ 1"| n4',
      '  n3 -->|"1"| n4',
      '  n4 -->|"-0.3333<br>∇ 1"| n5',
      '',
    ].join('\n'),
  )
  expect(toDot(drawing)).toBe(
    [
      'digraph {',
      '  rankdir=LR',
      '  n0 [label="w\\"0\\"" shape=box]',
      '  n1 [label="x" shape=box]',
      '  n2 [label="q: mul" shape=ellipse]',
      '  n3 [label="1" shape=box]',
      '  n4 [label="sub" shape=ellipse]',
      '  n5 [label="output" shape=box]',
      '  n0 -> n2 [label="2\\n∇ 0.3333"]',
      '  n1 -> n2 [label="0.3333\\n∇ 2"]',
      '  n2 -> n4 [label="0.6667\\n∇ 1"]',
      '  n3 -> n4 [label="1"]',
      '  n4 -> n5 [label="-0.3333\\n∇ 1"]',
      '}',
      '',
    ].join('\n'),
  )
})

test('an input as the output, misuse, and nothing left behind', () => {
  const inputs = numbers({ x: -2, y: 5, z: -4 })
  expect(table(graph(({ x }) => x, inputs))).toMatchObject({ x: [-2, 1], output: [-2, 1] })
  expect(() => graph(() => 3 as never, inputs)).toThrow('graph: fn returned no tensor')
  expect(() => graph(({ x }) => x, { x: 3 as never })).toThrow("graph: parameter 'x' is 3")
  assertNoLeak('graph', () => void graph(sumTimes, inputs))
})
