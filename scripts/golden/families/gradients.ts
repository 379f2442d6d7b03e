// Gradients for their own sake: conventions at kinks, second derivatives, random programs.

import { grad, hvp, jacobian, valueAndGrad } from '@x/autograd'
import { binaryCrossEntropyWithLogits, conv2d, crossEntropy, layerNorm, linear, softplus } from '@x/nn'
import { concat, cumsum, full, ones, slice, stack, type Tensor, tensor, zeros } from '@x/tensor'
import type { Inputs, Op, Table } from './table.ts'

const positions = (index: readonly number[]): Tensor => tensor(index, { dtype: 'int32' })

const normalized = (x: Tensor): Tensor => {
  const [shape, { dtype }] = [x.shape.slice(-1), x]
  return layerNorm(x, ones(shape, { dtype }), zeros(shape, { dtype }))
}

export const gradconv: Table = {
  'torch.where': ({ input }) => input.gt(0).where(input.sqrt(), 0),
  'torch.expand': ({ input, w }) => input.expand(w.shape).mul(w),
  'index-accumulate-grad': ({ input }, { index }) => input.take(positions(index)),
}

/** f, its gradient g, and its Hessian times v. */
const hessianVector =
  (f: (x: Tensor, inputs: Inputs) => Tensor): Op =>
  (given, { fn: _ }) => {
    const inputs = { ...given }
    const { input, v } = inputs
    const { value, grads } = valueAndGrad((x) => f(x, inputs), input)
    return [value, grads, hvp((x) => f(x, inputs), input, v)]
  }

export const grad2: Table = {
  'hessian-vector product of sum_x3': hessianVector((x) => x.pow(3).sum()),
  'hessian-vector product of sin_exp': hessianVector((x) => x.sin().mul(x.exp()).sum()),
  'hessian-vector product of softmax_ce': hessianVector((x) => crossEntropy(x.reshape([2, 3]), positions([0, 1]))),
  'hessian-vector product of tanh_mm': hessianVector((x, { w }) => x.reshape([2, 3]).matmul(w).tanh().square().sum()),
  'hessian-vector product of logsumexp': hessianVector((x) => x.logsumexp()),
  'hessian-vector product of div': hessianVector((x) => x.at(0).div(x.square().add(1)).sum()),
  'hessian-vector product of prod': hessianVector((x) => x.prod()),
  'hessian-vector product of norm': hessianVector((x) => x.square().sum().sqrt()),
  'hessian-vector product of layernorm': hessianVector((x) =>
    normalized(x.reshape([2, 3]))
      .pow(3)
      .sum(),
  ),
  'hessian-vector product of maxcum': hessianVector((x) => cumsum(x, 0).square().mul(x).sum()),
  'hessian-vector product of gelu': hessianVector((x) => x.gelu().sum()),
  'hessian-vector product of pow': hessianVector((x) => x.square().add(1).pow(1.5).sum()),
  'hessian-vector product of gather': hessianVector((x) =>
    x
      .take(positions([0, 0, 3]))
      .pow(3)
      .sum(),
  ),
  'hessian-vector product of sigmoid_bce': hessianVector((x) =>
    binaryCrossEntropyWithLogits(x, full(x.shape, 0.3, { dtype: x.dtype })),
  ),
  'hessian-vector product of softplus': hessianVector((x) => softplus(x).sum()),
  'hessian-vector product of conv': hessianVector((x, { k }) =>
    conv2d(x.reshape([1, 1, 1, -1]), k.reshape([1, 1, 1, -1]), null)
      .pow(3)
      .sum(),
  ),
  'hessian-vector product of einsum': hessianVector((x, { m }) => x.matmul(m).matmul(x)),
  'jacobian of [x0+3x1+2x2, -3x1+x2, x0x1x2, sin(x0)/x2]': ({ input }) =>
    jacobian((x) => {
      const [x0, x1, x2] = [0, 1, 2].map((i) => x.at(i))
      const affine = x0.add(x1.mul(3)).add(x2.mul(2))
      return stack([affine, x2.sub(x1.mul(3)), x0.mul(x1).mul(x2), x0.sin().div(x2)])
    }, input),
  'mean((||d D(x)/dx||2 - 1)^2), D=Linear-tanh-Linear': ({ x, ...params }) => {
    const [aw, ab, bw, bb] = ['a.weight', 'a.bias', 'b.weight', 'b.bias'].map((name) => params[`param:${name}`])
    const slopes = grad(() => linear(linear(x, aw, ab, { activation: 'tanh' }), bw, bb).sum(), x)
    return slopes.square().sum(1).sqrt().sub(1).square().mean()
  },
}

interface StepArgs {
  dim: number
  c: number
  rows: number[]
  shape: number[]
  start: number
  step: number
}

/** The steps of programs, as their file defines them. */
const STEPS: Readonly<Record<string, (xs: readonly Tensor[], args: StepArgs) => Tensor>> = {
  neg: ([x]) => x.neg(),
  abs: ([x]) => x.abs(),
  exp: ([x]) => x.exp(),
  sin: ([x]) => x.sin(),
  cos: ([x]) => x.cos(),
  tanh: ([x]) => x.tanh(),
  relu: ([x]) => x.relu(),
  gelu: ([x]) => x.gelu(),
  square: ([x]) => x.square(),
  sigmoid: ([x]) => x.sigmoid(),
  softplus: ([x]) => softplus(x),
  sqrtabs: ([x]) => x.abs().add(0.1).sqrt(),
  log1pabs: ([x]) => x.abs().log1p(),
  scale: ([x], { c }) => x.mul(c),
  add: ([x, y]) => x.add(y),
  sub: ([x, y]) => x.sub(y),
  mul: ([x, y]) => x.mul(y),
  divs: ([x, y]) => x.div(y.square().add(1)),
  maximum: ([x, y]) => x.maximum(y),
  matmul: ([x, y]) => x.matmul(y),
  sum: ([x], { dim }) => x.sum(dim, { keepdims: true }),
  mean: ([x], { dim }) => x.mean(dim, { keepdims: true }),
  amax: ([x], { dim }) => x.max(dim, { keepdims: true }),
  softmax: ([x], { dim }) => x.softmax(dim),
  layernorm: ([x]) => normalized(x),
  transpose: ([x]) => x.mT,
  reshape: ([x], { shape }) => x.reshape(shape),
  slice: ([x], { start, step }) => x.at(slice(start), '...', slice(null, null, step)),
  flip: ([x], { dim }) => x.flip(dim),
  cumsum: ([x], { dim }) => cumsum(x, dim),
  index: ([x], { rows }) => x.take(positions(rows)),
  cat: (xs, { dim }) => concat(xs, dim),
}

type Step = readonly [id: string, op: string, operands: readonly string[], args: StepArgs]

export const programs: Table = {
  program: (inputs, { steps, outputs }) => {
    const values: Record<string, Tensor> = { ...inputs }
    for (const [id, op, operands, args] of steps as Step[]) {
      if (!Object.hasOwn(STEPS, op)) throw new Error(`unknown step '${op}'`)
      values[id] = STEPS[op](
        operands.map((name) => values[name]),
        args,
      )
    }
    return outputs.map((name: string) => values[name])
  },
}
