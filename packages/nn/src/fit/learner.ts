// Gradients and updates of `fit`, compiled for the shapes that occur.
import { valueAndGrad } from '@x/autograd'
import { compile, dispose, keep, type Tensor, tidy, zeros } from '@x/tensor'
import { assign, depending, lasting, scalar } from '@x/tensor/op'
import type { Batch } from '../data/datasets.ts'
import type { Module } from '../module.ts'
import { clipGradNorm, clipGradValue, type Gradients } from '../optim/clip.ts'
import type { FitOptions } from './fit.ts'
import { compiledSteps } from './steps.ts'

/** What learns from batches. */
export interface Learner {
  /** The loss of a batch; its gradients are applied, or added up. */
  learn(batch: Batch): number
  /** Applies the gradients that were added up. */
  update(): void
  /** To be called when a callback has run that may have changed anything. */
  touched(): void
  /** Whether nothing is compiled, by wish or because it cannot be. */
  isEager(): boolean
  dispose(): void
}

export function learnerOf(model: Module, options: FitOptions): Learner {
  const { optimizer, loss, penalty, accumulate = 1, clipNorm, clipValue } = options
  const params = [...optimizer.parameters]
  /** Sums of gradients over batches; only where several make one update. */
  const sums =
    accumulate > 1 ? params.map(({ shape, dtype }) => keep(lasting(() => zeros(shape, { dtype })))) : undefined
  let summed = 0
  let modules: readonly Module<unknown>[]
  let trainable: readonly boolean[]
  /** Which of the optimiser's parameters are trained: those that no frozen modules have for themselves. */
  let areTrained: readonly boolean[]

  const look = (): void => {
    modules = Object.values(model.modules())
    trainable = modules.map((m) => m.trainable)
    const frozen = new Set(Object.values(model.stateDict()))
    for (const p of model.parameters()) frozen.delete(p)
    areTrained = params.map((p) => !frozen.has(p))
  }
  look()

  /** Read before every replay: as long as nothing is frozen or unfrozen, the list is the same. */
  const readTrained = (): readonly boolean[] => {
    if (modules.some((m, i) => m.trainable !== trainable[i])) look()
    return areTrained
  }

  const step = (grads: Gradients): void => {
    const short = clipNorm === undefined ? grads : clipGradNorm(grads, clipNorm).grads
    optimizer.step(clipValue === undefined ? short : clipGradValue(short, clipValue))
  }

  const lossOf = (x: Tensor, y: Tensor): Tensor => {
    const value = loss(model.forward(x), y)
    return penalty ? value.add(penalty()) : value
  }

  const apply = (given: readonly Tensor[], count: number): Tensor[] => {
    const are = depending(readTrained)
    step(given.map((g, i) => (are[i] ? g.div(count) : null)))
    // Not times 0, which keeps what is not finite.
    for (const g of given) assign(g, scalar(0, g.dtype))
    return []
  }

  const learn = (x: Tensor, y: Tensor): Tensor => {
    const are = depending(readTrained)
    const trained = params.filter((_, i) => are[i])
    if (trained.length === 0) throw new RangeError('fit: all parameters are frozen; unfreeze() some')
    const { value, grads } = valueAndGrad(() => steps.listening(() => lossOf(x, y)), trained)
    const all = are.map((is) => (is ? (grads.shift() as Tensor) : null))
    if (!sums) step(all)
    else for (const [i, g] of all.entries()) if (g) assign(sums[i], sums[i].add(g))
    return value
  }

  const steps = compiledSteps('fit', model, learn, options.compile !== false)
  const update = compile((count: number) => apply(sums as Tensor[], count))
  return {
    learn({ x, y }) {
      summed++
      return tidy(() => steps.run(x, y).item())
    },
    update() {
      if (sums) tidy(() => (steps.isEager() ? apply(sums, summed) : update(summed)))
      summed = 0
    },
    touched() {
      look()
      steps.touched()
      update.dispose()
    },
    isEager: steps.isEager,
    dispose() {
      steps.dispose()
      update.dispose()
      dispose(sums ?? [])
    },
  }
}
