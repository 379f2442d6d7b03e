// The worked examples of the lectures: every number that they give, computed with the library.

import { graph as draw, grad, hessian, jacobian, type Name, numericGradient, valueAndGrad, vjp } from '@x/autograd'
import { Conv2d, conv2d, leakyRelu, linear } from '@x/nn'
import { type DType, Tensor, tensor } from '@x/tensor'
import { agreeValues, Mismatch } from '../compare.ts'
import { type Case, isObject, type Precision } from '../read.ts'
import { type Example, lectures, type Results } from './lectures.ts'
import type { Table } from './table.ts'

/** A computational graph: its value, those on the way, and the gradients of all, from the drawing of it. */
const graph =
  (names: readonly string[], f: (x: Readonly<Record<string, Tensor>>, named: Name) => Tensor): Example =>
  (given, raw) => {
    const numbers = Object.keys(raw).filter((name) => typeof raw[name] === 'number')
    const { nodes } = draw(f, Object.fromEntries(numbers.map((name) => [name, given(name)])))
    const pick = (names: readonly string[], of: 'value' | 'gradient'): Results =>
      Object.fromEntries(
        names.map((name) => [name, nodes.find((n) => n.name === name || n.label === name)?.[of] as number]),
      )
    return {
      f: pick(['output'], 'value').output,
      intermediates: pick(names, 'value'),
      grads: pick(numbers, 'gradient'),
      grad_intermediates: pick(names, 'gradient'),
    }
  }

const convolution: Example = (given, { stride, padding }) => {
  const [x, w] = ['input', 'kernel'].map((name) => given(name).unsqueeze(0).unsqueeze(0))
  const output = conv2d(x, w, null, { stride: stride as number, padding: padding as number }).at(0, 0)
  return { output, out_size: output.shape[0] }
}

const neuron: Example = (given) => {
  const z = given('X').matmul(given('w')).add(given('b'))
  return { z, y: z.gt(0) }
}

const neuronGraph = graph(['f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7', 'f8'], ({ w0, x0, w1, x1, w2 }, named) => {
  const products = named('f3', named('f1', w0.mul(x0)).add(named('f2', w1.mul(x1))))
  const e = named('f6', named('f5', named('f4', products.add(w2)).neg()).exp())
  return named('f8', named('f7', e.add(1)).reciprocal())
})

const extremeGraph = (pick: 'maximum' | 'minimum'): Example =>
  graph(['f1', 'f2', 'f3'], ({ x, y, z, w }, named) =>
    named('f3', named('f1', x.mul(y)).add(named('f2', z[pick](w)))).mul(2),
  )

/** The examples by id, or by its part before the slash. */
const EXAMPLES: Readonly<Record<string, Example>> = {
  ...lectures,
  'conv-6x6-3x3': convolution,
  'conv-strided-padded': convolution,
  'activation-derivatives': (given, { leaky_alpha }) => {
    const x = given('x')
    return {
      sigmoid: x.sigmoid(),
      dsigmoid: grad(() => x.sigmoid().sum(), x),
      tanh: x.tanh(),
      dtanh: grad(() => x.tanh().sum(), x),
      relu: x.relu(),
      leaky_relu: leakyRelu(x, { negativeSlope: leaky_alpha as number }),
    }
  },
  'softmax-jacobian': (given) => {
    const x = given('x')
    return { softmax: x.softmax(), jacobian: jacobian((x) => x.softmax(), x), exp: x.exp(), sum_exp: x.exp().sum() }
  },
  'perceptron-AND': neuron,
  'perceptron-OR': neuron,
  'xor-two-layer': (given) => {
    const z = given('X').matmul(given('W1')).add(given('b1'))
    return { z, h: z.relu(), y: z.relu().matmul(given('w2')).add(given('b2')) }
  },
  'graph-(x+y)z': graph(['q'], ({ x, y, z }, named) => named('q', x.add(y)).mul(z)),
  'graph-x+yz': graph(['q'], ({ x, y, z }, named) => x.add(named('q', y.mul(z)))),
  'graph-sigmoid': neuronGraph,
  'graph-2(xy+max(z,w))': extremeGraph('maximum'),
  'graph-2(xy+min(z,w))': extremeGraph('minimum'),
  'sigmoid-chain-vanishing': graph(['z1', 'a1', 'z2', 'a2', 'z3', 'a3'], ({ x, w1, w2, w3, target }, named) => {
    const a1 = named('a1', named('z1', w1.mul(x)).sigmoid())
    const a2 = named('a2', named('z2', w2.mul(a1)).sigmoid())
    return named('a3', named('z3', w3.mul(a2)).sigmoid())
      .sub(target)
      .square()
      .mul(0.5)
  }),
  'param-count-conv': (_, { in_channels, filters, kernel }) => {
    const layer = new Conv2d(in_channels as number, filters as number, kernel as [number, number])
    const params = layer.parameters().reduce((n, p) => n + p.size, 0)
    layer.dispose()
    return { params }
  },
  'dot-attention-3': (given) => {
    const scores = given('h').matmul(given('query'))
    return { scores, alpha: scores.softmax(), context: scores.softmax().matmul(given('h')) }
  },
  'self-attention-playing-outside': (given, { d_k }) => {
    const scores = given('Q').matmul(given('K').mT)
    const scaled = scores.div(Math.sqrt(d_k as number))
    return { scores, scaled, weights: scaled.softmax(), z: scaled.softmax().matmul(given('V')) }
  },
  'self-attention-scaling-002': (given, { d_k }) => {
    const scaled = given('s').div(Math.sqrt(d_k as number))
    return { scaled, softmax: scaled.softmax() }
  },
  'attention-transposed-004': (given) => {
    const [q, k, v] = ['Q', 'K', 'V'].map(given)
    const weights = k.mT.matmul(q).div(Math.sqrt(q.shape[0])).softmax(0)
    return { weights, out: v.matmul(weights) }
  },
  'word-arithmetic': (given) => ({ queen: given('king').sub(given('man')).add(given('woman')) }),
  'calculus-quadratic': (given) => {
    const f = (x: Tensor): Tensor => {
      const [x1, x2, x3] = [0, 1, 2].map((i) => x.at(i))
      return x1.square().add(x1.mul(x2)).add(x2.square().mul(3)).add(x3.square().mul(5))
    }
    const { value, grads } = valueAndGrad(f, given('x'))
    return { f: value, grad: grads, hessian: hessian(f, given('x')) }
  },
  'calculus-linear-jacobian': (given) => {
    const weight = tensor([1, 3, 2, 0, -3, 1], { shape: [2, 3], dtype: given('x').dtype })
    const f = (x: Tensor): Tensor => weight.matmul(x)
    return { f: f(given('x')), jacobian: jacobian(f, given('x')) }
  },
  'calculus-exp-jacobian': (given) => ({
    f: given('x').exp(),
    jacobian: jacobian((x) => x.exp(), given('x')),
  }),
  'numerical-gradient': (_, { x: value, eps }) => {
    const x = tensor(value, { dtype: 'float64' })
    const f = (x: Tensor): Tensor => x.sin().mul(x.exp())
    const central = numericGradient(f, x, tensor(1, { dtype: 'float64' }), { eps: eps as number })
    return { analytic: grad(() => f(x), x), central }
  },
  'backprop-affine': (given) => {
    const [W, o, w] = [given('W'), given('val_o'), given('grad_z').mul(0)]
    const [grad_W, grad_o_prev, grad_w] = vjp(() => linear(o, W, w), [W, o, w] as const, given('grad_z')).grads
    return { grad_W, grad_w, grad_o_prev }
  },
  regularisers: (given, { lambda }) => {
    const w = given('w')
    const l1 = valueAndGrad(
      () =>
        w
          .abs()
          .sum()
          .mul(lambda as number),
      w,
    )
    const l2 = valueAndGrad(
      () =>
        w
          .square()
          .sum()
          .mul(lambda as number),
      w,
    )
    return { l1: l1.value, l2: l2.value, dl1: l1.grads, dl2: l2.grads }
  },
}

function check({ id, rest }: Case, precision: Precision): void {
  const example = EXAMPLES[id] ?? EXAMPLES[id.split('/')[0]]
  if (!example) throw new Error(`unknown example '${id}'`)
  const dtype: DType = precision
  const results = example((name) => tensor(rest.given[name], { dtype }), rest.given)
  compare('', results, rest.correct, precision)
}

/** Every number that is right in the notes must have been computed. */
function compare(path: string, got: Results, wanted: Readonly<Record<string, unknown>>, precision: Precision): void {
  for (const [name, want] of Object.entries(wanted)) {
    if (typeof want === 'string') continue
    const [what, value] = [path + name, got[name]]
    if (value === undefined) throw new Mismatch(`nothing computes ${what}`)
    if (isObject(value) && !(value instanceof Tensor)) {
      compare(`${what}.`, value as Results, want as Record<string, unknown>, precision)
      continue
    }
    const numbers = value instanceof Tensor ? value.data() : [value as number | readonly number[]].flat()
    agreeValues(what, numbers, [want].flat(Number.POSITIVE_INFINITY).map(Number), { exact: precision === 'float64' })
  }
}

export const seeds: Table = { seed: { check } }
