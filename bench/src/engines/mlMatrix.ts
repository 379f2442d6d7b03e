// ml-matrix: plain JavaScript, float64, at most two axes.
import { load } from '../../peers/load.mjs'
import type { Engine } from '../engine.ts'
import type { HostArray } from '../hostArray.ts'
import type { Foreign } from '../workload.ts'

export async function openMlMatrix(): Promise<Engine> {
  const library = await load('ml-matrix')
  const upload = ({ data, shape }: HostArray): Foreign =>
    library.Matrix.from1DArray(...(shape.length > 1 ? shape : [1, shape[0]]), data)
  return {
    start({ mlMatrix }, values) {
      const given = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, upload(value)]))
      const f = mlMatrix as (library: Foreign, x: Foreign) => Foreign
      return {
        operations: 1,
        run: () => void f(library, given),
        async results() {
          const y = f(library, given)
          return [typeof y === 'number' ? [y] : (y.to1DArray?.() ?? y)]
        },
        close() {},
      }
    },
  }
}
