// TensorFlow.js on its Wasm (XNNPACK) or its plain-JavaScript backend.
import { join } from 'node:path'
import { load } from '../../peers/load.mjs'
import { comparedSteps, type Engine, type Numbers } from '../engine.ts'
import type { HostArray } from '../hostArray.ts'
import { peersFolder } from '../peers.ts'
import type { Foreign, Program, Workload } from '../workload.ts'

export async function openTfjs(backend: 'wasm' | 'cpu'): Promise<Engine> {
  const { default: tf } = await load('@tensorflow/tfjs')
  if (backend === 'wasm') {
    const { default: own } = await load('@tensorflow/tfjs-backend-wasm')
    own.setWasmPaths(join(peersFolder, 'node_modules/@tensorflow/tfjs-backend-wasm/dist/'))
  }
  if (!(await tf.setBackend(backend))) throw new Error(`the ${backend} backend does not start`)
  await tf.ready()

  const upload = ({ data, shape, dtype }: HostArray): Foreign => tf.tensor(data, shape, dtype)
  return {
    start(workload, values) {
      const { tfjs } = workload
      const given = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, upload(value)]))
      const begin = (): Program<Foreign> =>
        typeof tfjs === 'function' ? { step: () => tfjs(tf, given) } : startOf(tfjs)(tf, given)
      const program = begin()
      const freeing = (): void => void program.step()
      return {
        operations: 1,
        run: () => tf.tidy(freeing),
        async results() {
          const fresh = begin()
          const found: Numbers[] = []
          for (let i = 0; i < comparedSteps(workload); i++) {
            const y = tf.tidy(() => {
              const stepped = fresh.step()
              return fresh.read ? fresh.read() : stepped
            })
            for (const t of Array.isArray(y) ? y : [y]) found.push(await t.data())
          }
          return found
        },
        close: () => tf.disposeVariables(),
      }
    },
  }
}

const startOf = (implementation: Workload['tfjs']): ((tf: Foreign, given: Foreign) => Program<Foreign>) =>
  (implementation as { start: (tf: Foreign, given: Foreign) => Program<Foreign> }).start
