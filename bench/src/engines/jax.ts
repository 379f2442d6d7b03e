// jax-js on its Wasm backend, everything jitted: the fastest way it has.
import { load } from '../../peers/load.mjs'
import { comparedSteps, type Engine, type Numbers } from '../engine.ts'
import type { HostArray } from '../hostArray.ts'
import type { Foreign, Program } from '../workload.ts'

export async function openJax(): Promise<Engine> {
  const jax = await load('@jax-js/jax')
  await jax.init('wasm')
  jax.defaultDevice('wasm')
  const { numpy: np, tree } = jax

  const upload = ({ data, shape, dtype }: HostArray): Foreign => {
    if (dtype === 'bool') return np.array(Int32Array.from(data)).reshape(shape).astype(np.bool)
    return np.array(data).reshape(shape)
  }
  const leaves = (y: Foreign): Foreign[] => (y === undefined ? [] : tree.leaves(y))

  return {
    start(workload, values) {
      const { jax: implementation } = workload
      const given = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, upload(value)]))
      const ref = () => Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value.ref]))
      const isPure = typeof implementation === 'function'
      const begin = (): Program<Foreign> => {
        if (!isPure) return (implementation as Foreign).start(jax, ref())
        const f = jax.jit((x: Foreign) => implementation(jax, x))
        return { step: () => f(ref()) }
      }
      const program = begin()
      return {
        operations: 1,
        async run() {
          const stepped = program.step()
          // Work is put off until somebody asks for its result.
          for (const y of leaves(program.read ? program.read() : stepped)) {
            await y.blockUntilReady()
            y.dispose()
          }
        },
        async results() {
          const fresh = begin()
          const found: Numbers[] = []
          for (let i = 0; i < comparedSteps(workload); i++) {
            const stepped = fresh.step()
            for (const y of leaves(fresh.read ? fresh.read() : stepped)) found.push(await y.data())
          }
          return found
        },
        close() {
          for (const value of Object.values(given)) value.dispose()
        },
      }
    },
  }
}
