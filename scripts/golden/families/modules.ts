// Modules with recorded parameters in the place of their own.
import type { Module } from '@x/nn'
import { Tensor } from '@x/tensor'
import type { Inputs } from './table.ts'

/** The module, whose parameters are now the inputs `param:KEY`, and whose own are freed. @throws Error for a key without one */
export function withRecorded<M extends Module<unknown>>(module: M, inputs: Inputs, prefix = 'param:'): M {
  const keys = new Map(Object.entries(module.stateDict()).map(([key, x]) => [x, key]))
  for (const m of Object.values(module.modules())) {
    for (const [field, x] of Object.entries(m)) {
      const key = x instanceof Tensor ? keys.get(x) : undefined
      if (key === undefined) continue
      const recorded = inputs[prefix + key]
      if (!recorded) throw new Error(`nothing was recorded for ${key}`)
      x.dispose()
      Object.assign(m, { [field]: recorded })
    }
  }
  return module
}
