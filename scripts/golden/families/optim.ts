// Trajectories of optimisers.

import { valueAndGrad } from '@x/autograd'
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  ASGD,
  clipGradNorm,
  clipGradValue,
  LBFGS,
  NAdam,
  type Optimizer,
  RAdam,
  RMSprop,
  Rprop,
  SGD,
} from '@x/nn'
import { dispose, Tensor, tidy } from '@x/tensor'
import { agree, agreeValues } from '../compare.ts'
import { type Case, type Precision, type Recorded, revive, toTensor, valuesOf } from '../read.ts'
import { type Args, type Check, readingAll, type Table } from './table.ts'

/** What an optimiser trains: tensors, or groups with recorded settings of their own. */
type Trained = readonly Tensor[] | readonly Record<string, unknown>[]

/** An optimiser from its recorded arguments. */
export type Maker<T = Optimizer> = (parameters: Trained, args: Args) => T

/** Recorded options under our names: weight_decay is weightDecay. */
export const camelCase = (args: Args): Record<string, unknown> =>
  Object.fromEntries(Object.entries(args).map(([name, v]) => [name.replace(/_(\w)/g, (_, c) => c.toUpperCase()), v]))

type Class<T> = new (parameters: readonly Tensor[], options: object) => T

/** Our classes throw for an option that they do not have, so all are handed on. */
const makerOf =
  <T>(Optimizer: Class<T>): Maker<T> =>
  (parameters, args) => {
    const groups = parameters.map((p) => (p instanceof Tensor ? p : camelCase(p)))
    return new Optimizer(groups as readonly Tensor[], camelCase(args))
  }

export const OPTIMIZERS: Readonly<Record<string, Maker>> = Object.fromEntries(
  Object.entries({ Adadelta, Adagrad, Adam, Adamax, AdamW, ASGD, NAdam, RAdam, RMSprop, Rprop, SGD }).map(
    ([name, Optimizer]) => [name, makerOf<Optimizer>(Optimizer as unknown as Class<Optimizer>)],
  ),
)

type Parameters = Record<string, Tensor>

/** The loss of step k as a function of the parameters. */
type Problem = (parameters: Parameters, data: Parameters, k: number) => Tensor

const PROBLEMS: Readonly<Record<string, Problem>> = {
  '0.5*mean((A@w-b)^2)': ({ w }, { A, b }) => A.matmul(w).sub(b).square().mean().mul(0.5),
  // Composed, since the fused gradient loses what is left of the bits as the largest probability comes near to 1: the
  // trajectories of LBFGS go to where those decide.
  'cross_entropy(X@W+c, Y)': ({ W, c }, { X, Y }) =>
    X.matmul(W).add(c).logSoftmax().gather(Y.unsqueeze(1), 1).mean().neg(),
  'sum(w*g_k); gradient at step k is G[k]': ({ w }, { G }, k) => w.mul(G.at(k)).sum(),
  'rosenbrock (1-x0)^2+100(x1-x0^2)^2, /10': ({ x }) => {
    const [x0, x1] = x
    return x0.sub(1).square().add(x1.sub(x0.square()).square().mul(100)).mul(0.1)
  },
}

/** Takes a step on the loss; gives the loss before it. */
type Stepper = (loss: () => Tensor) => number

const trajectoryOf = <T>(make: Maker<T>, stepperOf: (optimizer: T) => Stepper): Check => ({
  check: (c, precision) => {
    const { problem, init } = c.rest
    const { kind, ...data } = problem
    const [parameters, constants] = [tensorsOf(init, precision), tensorsOf(data, precision)]
    const optimizer = readingAll(c.args, (args) => {
      if (!args.groups) return make(Object.values(parameters), args)
      const groups: { params: string[] }[] = args.groups
      const trained = groups.map((g) => ({ ...g, params: g.params.map((name) => parameters[name]) }))
      return make(trained, args.defaults)
    })
    try {
      if (c.args.groups) followSkipping(c, precision, optimizer as Optimizer, parameters, constants.G)
      else {
        const loss = PROBLEMS[kind]
        if (!loss) throw new Error(`unknown problem '${kind}'`)
        follow(c, precision, stepperOf(optimizer), parameters, (k) => loss(parameters, constants, k))
      }
    } finally {
      dispose(optimizer)
    }
  },
})

const tensorsOf = (recorded: Record<string, Recorded>, precision: Precision): Parameters =>
  Object.fromEntries(Object.entries(recorded).map(([name, t]) => [name, toTensor(t, precision)]))

/** One optimiser step on the loss; the loss before it. */
function step(optimizer: Optimizer, loss: () => Tensor): number {
  return tidy(() => {
    const { value, grads } = valueAndGrad(loss, [...optimizer.parameters])
    optimizer.step(grads)
    return value.item()
  })
}

function follow(
  { rest }: Case,
  precision: Precision,
  step: Stepper,
  parameters: Parameters,
  loss: (k: number) => Tensor,
): void {
  const { trajectory, judge_steps: steps, err32 } = rest
  const losses = revive(rest.losses) as number[]
  for (let k = 0; k < steps; k++) {
    const before = step(() => loss(k))
    if (precision === 'float64') {
      if (!Number.isNaN(losses[k])) agreeValues(`the loss of step ${k + 1}`, [before], [losses[k]], { exact: true })
      agreeAfter(k, parameters, trajectory, true)
    }
  }
  // Where float64 itself is chaotic after some steps, the end in float32 means nothing.
  if (precision === 'float64' || steps < losses.length) return
  for (const [name, p] of Object.entries(parameters)) {
    const wanted = stateAfter(trajectory[name], steps - 1)
    agreeValues(`${name} at the end`, p.data(), wanted, { exact: false, deviation: err32[name] })
  }
}

/** Two parameters with given gradients, of which the second has none at every third step. */
function followSkipping({ rest }: Case, precision: Precision, optimizer: Optimizer, p: Parameters, G: Tensor): void {
  for (let k = 0; k < G.shape[0]; k++) {
    tidy(() => {
      const [a, b, c, d, e] = G.at(k).data()
      const [first, second] = [tensorLike(p.w1, [a, b, c]), tensorLike(p.w2, [d, e])]
      optimizer.step([first, k % 3 === 2 ? null : second])
    })
    agreeAfter(k, p, rest.trajectory, precision === 'float64')
  }
}

const tensorLike = (x: Tensor, values: number[]): Tensor =>
  toTensor(
    { dtype: 'f64', shape: x.shape, data: Buffer.from(Float64Array.from(values).buffer).toString('base64') },
    x.dtype as Precision,
  )

function agreeAfter(k: number, parameters: Parameters, trajectory: Record<string, Recorded>, exact: boolean): void {
  for (const [name, p] of Object.entries(parameters)) {
    const rule = exact ? { exact } : { exact, deviation: {} }
    agreeValues(`${name} after step ${k + 1}`, p.data(), stateAfter(trajectory[name], k), rule)
  }
}

function stateAfter(trajectory: Recorded, k: number): number[] {
  const size = trajectory.shape.slice(1).reduce((n, d) => n * d, 1)
  return Array.from(valuesOf(trajectory), Number).slice(k * size, (k + 1) * size)
}

/** Gradients after clipping, and their norm before. */
const clipped: Check = {
  check: ({ args, rest }, precision) => {
    const grads = Object.values(tensorsOf(rest.inputs, precision))
    const result = clipGradNorm(grads, args.max_norm, { normType: args.norm_type })
    const exact = precision === 'float64'
    agreeValues('the norm', result.norm.data(), [rest.total_norm], { exact, deviation: {} })
    result.grads.forEach((g, k) => {
      agree(`gradient ${k}`, g, { recorded: rest.outputs[k], exact, deviation: {} })
    })
  },
}

export const optim: Table = {
  ...Object.fromEntries(
    Object.entries(OPTIMIZERS).map(([name, make]) => [
      `torch.optim.${name}`,
      trajectoryOf(make, (optimizer) => (loss) => step(optimizer, loss)),
    ]),
  ),
  'torch.optim.LBFGS': trajectoryOf(
    makerOf(LBFGS as unknown as Class<LBFGS>),
    (optimizer) => (loss) => optimizer.step(() => valueAndGrad(loss, [...optimizer.parameters])),
  ),
  'torch.nn.utils.clip_grad_norm_': clipped,
  'torch.nn.utils.clip_grad_value_': ({ g0, g1 }, { clip_value }) => clipGradValue([g0, g1], clip_value),
}
