// Trajectories of optimisers.

import { valueAndGrad } from '@x/autograd'
import { Adam, AdamW, crossEntropy, type Optimizer, SGD } from '@x/nn'
import { dispose, type Tensor, tidy } from '@x/tensor'
import { agreeValues } from '../compare.ts'
import { type Case, type Precision, type Recorded, revive, toTensor, valuesOf } from '../read.ts'
import { type Args, type Check, readingAll, type Table } from './table.ts'

/** An optimiser from its recorded arguments. */
export type Maker = (parameters: readonly Tensor[], args: Args) => Optimizer

export const OPTIMIZERS: Readonly<Record<string, Maker>> = {
  SGD: (parameters, { lr, momentum, dampening, nesterov, weight_decay: weightDecay }) =>
    new SGD(parameters, { lr, momentum, dampening, nesterov, weightDecay }),
  Adam: (parameters, { lr, betas, eps, weight_decay: weightDecay }) =>
    new Adam(parameters, given({ lr, betas, eps, weightDecay })),
  AdamW: (parameters, { lr, betas, eps, weight_decay: weightDecay }) =>
    new AdamW(parameters, given({ lr, betas, eps, weightDecay })),
}

/** Without the options that are undefined, which would hide AdamW's own default. */
const given = <T extends object>(options: T): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T

type Parameters = Record<string, Tensor>

/** The loss of step k as a function of the parameters. */
type Problem = (parameters: Parameters, data: Parameters, k: number) => Tensor

const PROBLEMS: Readonly<Record<string, Problem>> = {
  '0.5*mean((A@w-b)^2)': ({ w }, { A, b }) => A.matmul(w).sub(b).square().mean().mul(0.5),
  'cross_entropy(X@W+c, Y)': ({ W, c }, { X, Y }) => crossEntropy(X.matmul(W).add(c), Y),
  'sum(w*g_k); gradient at step k is G[k]': ({ w }, { G }, k) => w.mul(G.at(k)).sum(),
  'rosenbrock (1-x0)^2+100(x1-x0^2)^2, /10': ({ x }) => {
    const [x0, x1] = x
    return x0.sub(1).square().add(x1.sub(x0.square()).square().mul(100)).mul(0.1)
  },
}

const trajectoryOf = (make: Maker): Check => ({
  check: (c, precision) => {
    const { problem, init } = c.rest
    const loss = PROBLEMS[problem?.kind]
    if (!loss) throw new Error(`unknown problem '${problem?.kind}'`)
    const { kind: _, ...data } = problem
    const [parameters, constants] = [tensorsOf(init, precision), tensorsOf(data, precision)]
    const optimizer = readingAll(c.args, (args) => make(Object.values(parameters), args))
    try {
      follow(c, precision, optimizer, parameters, (k) => loss(parameters, constants, k))
    } finally {
      dispose(optimizer)
    }
  },
})

const tensorsOf = (recorded: Record<string, Recorded>, precision: Precision): Parameters =>
  Object.fromEntries(Object.entries(recorded).map(([name, t]) => [name, toTensor(t, precision)]))

/** One optimiser step on the loss; the loss before it. */
export function step(optimizer: Optimizer, loss: () => Tensor): number {
  return tidy(() => {
    const { value, grads } = valueAndGrad(loss, [...optimizer.parameters])
    optimizer.step(grads)
    return value.item()
  })
}

function follow(
  { rest }: Case,
  precision: Precision,
  optimizer: Optimizer,
  parameters: Parameters,
  loss: (k: number) => Tensor,
): void {
  const { trajectory, judge_steps: steps, err32 } = rest
  const losses = revive(rest.losses) as number[]
  for (let k = 0; k < steps; k++) {
    const before = step(optimizer, () => loss(k))
    if (precision === 'float64') {
      if (!Number.isNaN(losses[k])) agreeValues(`the loss of step ${k + 1}`, [before], [losses[k]], { exact: true })
      for (const [name, p] of Object.entries(parameters)) {
        agreeValues(`${name} after step ${k + 1}`, p.data(), stateAfter(trajectory[name], k), { exact: true })
      }
    }
  }
  // Where float64 itself is chaotic after some steps, the end in float32 means nothing.
  if (precision === 'float64' || steps < losses.length) return
  for (const [name, p] of Object.entries(parameters)) {
    const wanted = stateAfter(trajectory[name], steps - 1)
    agreeValues(`${name} at the end`, p.data(), wanted, { exact: false, deviation: err32[name] })
  }
}

function stateAfter(trajectory: Recorded, k: number): number[] {
  const size = trajectory.shape.slice(1).reduce((n, d) => n * d, 1)
  return Array.from(valuesOf(trajectory), Number).slice(k * size, (k + 1) * size)
}

export const optim: Table = {
  'torch.optim.SGD': trajectoryOf(OPTIMIZERS.SGD),
  'torch.optim.Adam': trajectoryOf(OPTIMIZERS.Adam),
  'torch.optim.AdamW': trajectoryOf(OPTIMIZERS.AdamW),
}
