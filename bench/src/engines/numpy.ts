// numpy-ts, with its arrays freed at once as its documentation advises for loops.
import { load } from '../../peers/load.mjs'
import type { Engine, Numbers } from '../engine.ts'
import type { HostArray } from '../hostArray.ts'
import type { Foreign } from '../workload.ts'

export async function openNumpy(): Promise<Engine> {
  const library = await load('numpy-ts')
  const scratch: Foreign[] = []
  /** `own(t)`: an intermediate result that is freed after the run. */
  const own = (t: Foreign): Foreign => {
    scratch.push(t)
    return t
  }
  const np = { ...library, own }
  const upload = ({ data, shape, dtype }: HostArray): Foreign => np.array(data, dtype).reshape(shape)

  return {
    start({ numpy }, values) {
      const given = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, upload(value)]))
      const f = numpy as (np: Foreign, x: Foreign) => Foreign
      const call = (): Foreign => f(np, given)
      const free = (y: Foreign): void => {
        y?.dispose?.()
        while (scratch.length > 0) scratch.pop().dispose?.()
      }
      return {
        operations: 1,
        run: () => free(call()),
        async results() {
          const y = call()
          const numbers: Numbers =
            typeof y === 'object' ? Float64Array.from(np.ascontiguousarray(y).data, Number) : [Number(y)]
          free(y)
          return [numbers]
        },
        close() {
          for (const value of Object.values(given)) value.dispose?.()
        },
      }
    },
  }
}
