// Our own columns: the pure-JS twins, Wasm, Wasm without tidy, Wasm with two threads, compiled replays, and both.
import { js as jsOfNn } from '@x/nn/js'
import { compile, manualSeed, setBackend, Tensor, tensor, tidy } from '@x/tensor'
import { js } from '@x/tensor/js'
import { setNumThreads } from '@x/tensor/threads'
import { js as jsOfTransformer } from '@x/transformer/js'
import { comparedSteps, type Engine, type Numbers } from '../engine.ts'
import type { HostArray } from '../hostArray.ts'
import type { Program, Size, Steps, Workload } from '../workload.ts'

export type Mode = 'js' | 'wasm' | 'untidied' | 'threads' | 'compiled' | 'both'

const isThreaded = (mode: Mode): boolean => mode === 'threads' || mode === 'both'
const isCompiled = (mode: Mode): boolean => mode === 'compiled' || mode === 'both'

type Given = Readonly<Record<string, Tensor>>

/** How many times a small operation is replayed in one compiled function, to see the time of one. */
const REPLAYED = 64

export async function openOurs(mode: Mode): Promise<Engine> {
  if (mode === 'js') setBackend(js, jsOfNn, jsOfTransformer)
  else setBackend('wasm')
  const threads = await setNumThreads(isThreaded(mode) ? 2 : 1)
  if (isThreaded(mode) && threads < 2) throw new Error('there is only one thread here')
  return {
    start(workload, values) {
      const given = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, upload(value)]))
      const operations = mode === 'compiled' && workload.section === 'small' ? REPLAYED : 1
      const { call, dispose } = begin(mode, workload, given, operations)
      const freeing = (): void => void call()
      return {
        operations,
        run: mode === 'untidied' ? freeing : () => tidy(freeing),
        results: async () => tidy(() => results(mode, workload, given)),
        close() {
          dispose()
          for (const t of Object.values(given)) t.dispose()
        },
        between: mode === 'untidied',
      }
    },
  }
}

function upload({ dtype, shape, data }: HostArray): Tensor {
  return tensor(data as Float32Array, { shape, dtype })
}

interface Started {
  readonly program: Program<Tensor>
  call(): unknown
  dispose(): void
}

/** A fresh start of the workload; compiled, one call makes `times` steps. */
function begin(mode: Mode, { ours, size }: Workload, given: Given, times: number): Started {
  manualSeed(1)
  const program =
    typeof ours === 'function'
      ? { step: () => ours(given) }
      : (ours as unknown as Steps<(x: Given, size: Size) => Program<Tensor>>).start(given, size)
  const args = program.args ?? []
  const close = (): void => program.close?.()
  if (!isCompiled(mode)) return { program, call: () => program.step(...args), dispose: close }
  const compiled = compile((...args: Tensor[]) => {
    let y: unknown
    for (let i = 0; i < times; i++) y = program.step(...args)
    return y
  })
  const dispose = (): void => {
    compiled.dispose()
    close()
  }
  return { program, call: () => compiled(...args), dispose }
}

/** The result of a fresh start, or those of its first steps. */
function results(mode: Mode, workload: Workload, given: Given): Numbers[] {
  const { program, call, dispose } = begin(mode, workload, given, 1)
  const found: Numbers[] = []
  for (let i = 0; i < comparedSteps(workload); i++) {
    const y = call()
    const read = (program.read ? program.read() : y) as Tensor | readonly Tensor[]
    found.push(...(read instanceof Tensor ? [read] : read).map((t) => t.data()))
  }
  dispose()
  return found
}
