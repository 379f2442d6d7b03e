// @x/nn/testing: what every layer owes its users, for those who write their own.
import { valueAndGrad } from '@x/autograd'
import type { Tensor } from '@x/tensor'
import { loadSafetensors, saveSafetensors } from '@x/tensor/safetensors'
import { assertNoLeak, assertSame } from '@x/tensor/testing'
import type { Module } from './module.ts'

/**
 * Checks a module: its output for `x` is finite and repeats in evaluation mode, `x` stays as it was, nothing leaks,
 * every parameter has a gradient that is not all zero, and a module loaded from its saved weights computes the same.
 * @param make makes a fresh module; called twice
 * @throws Error that says what is wrong
 */
export function checkModule(name: string, make: () => Module, x: Tensor): void {
  const model = make().eval()
  const before = x.data()
  const y = model.forward(x)
  if (!y.data().every(Number.isFinite)) throw new Error(`${name}: the output is not finite`)
  assertSame(`${name}: a second forward in evaluation mode`, model.forward(x), y)
  if (x.data().some((v, i) => !Object.is(v, before[i]))) throw new Error(`${name}: forward changed its input`)
  assertNoLeak(name, () => void model.forward(x))
  checkGradients(name, model, x)
  const other = make().eval()
  other.loadStateDict(loadSafetensors(saveSafetensors(model.stateDict())).tensors)
  assertSame(`${name}: loaded from its own weights`, other.forward(x), y)
  model.dispose()
  other.dispose()
}

function checkGradients(name: string, model: Module, x: Tensor): void {
  const parameters = model.namedParameters()
  // Weights that differ per element, so that no gradient vanishes by symmetry.
  const weighted = (): Tensor => {
    const y = model.forward(x).flatten()
    return y.mul(y.add(0.5)).sum()
  }
  const { grads } = valueAndGrad(weighted, parameters)
  for (const [path, gradient] of Object.entries(grads as Record<string, Tensor>)) {
    if (gradient.data().every((v) => v === 0)) throw new Error(`${name}: the gradient of ${path} is zero everywhere`)
  }
}
