// Our own columns: the pure-JS twins, Wasm, Wasm without tidy, Wasm with two threads, and compiled replays.
import * as kernelsOfNn from '@x/nn/js'
import { compile, manualSeed, setBackend, setNumThreads, type Tensor, Tensor as TensorClass, tensor, tidy } from '@x/tensor'
import { js } from '@x/tensor/js'
import { COMPARED_STEPS, type Engine, type Job, type Numbers } from '../engine.ts'
import type { HostArray } from '../hostArray.ts'
import type { Foreign, Program, Workload } from '../workload.ts'

export type Mode = 'js' | 'wasm' | 'untidied' | 'threads' | 'compiled'

/** How many times a small operation is replayed in one compiled function, to see the time of one. */
const REPLAYED = 64

export async function openOurs(mode: Mode): Promise<Engine> {
  setBackend(...(mode === 'js' ? ([js, kernelsOfNn.js] as const) : (['wasm'] as const)))
  const threads = await setNumThreads(mode === 'threads' ? 2 : 1)
  if (mode === 'threads' && threads < 2) throw new Error('there is only one thread here')
  return { start: (workload, values) => start(mode, workload, values) }
}

function start(mode: Mode, workload: Workload, values: Readonly<Record<string, HostArray>>): Job {
  const given = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, upload(value)]))
  const program = begin(workload, given)
  const args = program.args ?? []
  let call = (): unknown => program.step(...args)
  let operations = 1
  const close: (() => void)[] = [() => Object.values(given).forEach((t) => t.dispose())]
  if (mode === 'compiled') {
    const isSmall = workload.section === 'small'
    if (isSmall) operations = REPLAYED
    const compiled = compile((...args: Tensor[]) => {
      let y: unknown
      for (let i = 0; i < operations; i++) y = program.step(...args)
      return y as Tensor
    })
    call = () => compiled(...args)
    close.push(() => compiled.dispose())
  }
  const freeing = (): void => void call()
  return {
    operations,
    run: mode === 'untidied' ? freeing : () => tidy(freeing),
    results: async () => results(mode, workload, given),
    close: () => close.forEach((f) => f()),
    between: mode === 'untidied',
  }
}

function upload({ dtype, shape, data }: HostArray): Tensor {
  return tensor(data as Float32Array, { shape, dtype })
}

function begin(workload: Workload, given: Record<string, Tensor>): Program<Tensor> {
  manualSeed(1)
  const ours = workload.ours as Foreign
  return typeof ours === 'function' ? { step: () => ours(given) } : ours.start(given)
}

/** What a fresh start gives: the result, or those of the first steps. */
function results(mode: Mode, workload: Workload, given: Record<string, Tensor>): Numbers[] {
  return tidy(() => {
    const program = begin(workload, given)
    const args = program.args ?? []
    const step = mode === 'compiled' ? compile((...args: Tensor[]) => program.step(...args) as Tensor) : program.step
    const found: Numbers[] = []
    for (let i = 0; i < (typeof workload.ours === 'function' ? 1 : COMPARED_STEPS); i++) {
      const y = step(...args)
      found.push(...download(program.read ? program.read() : y))
    }
    if (step !== program.step) (step as { dispose(): void } & typeof step).dispose()
    return found
  })
}

function download(result: unknown): Numbers[] {
  if (result instanceof TensorClass) return [result.data()]
  return (result as Tensor[]).map((t) => t.data())
}
