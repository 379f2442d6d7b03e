// The loop of a worker thread: take a chunk of the present job, run it, look for the next; park when there is none.
import {
  ARG_COUNT,
  ARGS_BYTE,
  CHUNK,
  CHUNK_MASK,
  DONE,
  KERNEL,
  LOADED,
  MEMBERS,
  NEXT,
  PARKED,
  RECALL,
  SCRATCH,
  WORK,
} from './control.ts'

interface ModuleMessage {
  readonly module: WebAssembly.Module
  readonly firstId: number
}

interface StartMessage {
  readonly memory: WebAssembly.Memory
  readonly scratch: number
  readonly place: number
  readonly id: number
  /** Value of RECALL when this was sent; it rises by one with every module sent later. */
  readonly recalls: number
  readonly modules: readonly ModuleMessage[]
}

type Kernel = (...args: number[]) => void

/** Rounds of looking before parking: some tens of microseconds. */
const SPIN = 20_000

const kernels: Kernel[] = []
let memory: WebAssembly.Memory
let control: Int32Array
let args: Float64Array
let scratch = 0
/** The word of the control block that must hold `id` while this worker is wanted. */
let member = 0
let id = 0
let loaded = 0
/** What RECALL is when no message waits for this worker. */
let recalls = 0
/** Its word for the number of modules it knows. */
let loadedAt = 0

function add({ module, firstId }: ModuleMessage): void {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  let id = firstId
  for (const { name, kind } of WebAssembly.Module.exports(module)) {
    if (kind === 'function') kernels[id++] = exports[name] as Kernel
  }
  Atomics.store(control, loadedAt, ++loaded)
}

function work(): void {
  let spins = 0
  for (;;) {
    const next = Atomics.load(control, NEXT)
    const left = next & CHUNK_MASK
    if (left === 0) {
      if (Atomics.load(control, RECALL) !== recalls) return
      if (++spins < SPIN) continue
      Atomics.add(control, PARKED, 1)
      Atomics.wait(control, NEXT, next)
      Atomics.sub(control, PARKED, 1)
      spins = 0
    } else if (Atomics.load(control, member) !== id) {
      // Looked at after NEXT: a job that was announced since this worker was dismissed is not for it.
      return
    } else if (Atomics.compareExchange(control, NEXT, next, next - 1) === next) {
      const begin = (left - 1) * control[CHUNK]
      const end = Math.min(control[WORK], begin + control[CHUNK])
      const list = Array.from(args.subarray(0, control[ARG_COUNT]))
      if (control[SCRATCH] === 1) list.push(scratch)
      kernels[control[KERNEL]](...list, begin, end)
      Atomics.add(control, DONE, 1)
      spins = 0
    }
  }
}

function receive(message: StartMessage | ModuleMessage, reply: (text: string) => void): void {
  if ('memory' in message) {
    memory = message.memory
    scratch = message.scratch
    member = MEMBERS + message.place
    loadedAt = LOADED + message.place
    id = message.id
    recalls = message.recalls
    // Shared memory that grows leaves these views valid: the control block is at its start.
    control = new Int32Array(memory.buffer, 0, 256)
    args = new Float64Array(memory.buffer, ARGS_BYTE, 40)
    message.modules.forEach(add)
  } else {
    recalls++
    add(message)
  }
  reply('ready')
  work()
}

interface NodePort {
  on(event: 'message', listener: (message: StartMessage | ModuleMessage) => void): void
  postMessage(text: string): void
}
type Builtins = { process?: { getBuiltinModule?: (name: string) => { parentPort: NodePort | null } } }

const port = (globalThis as Builtins).process?.getBuiltinModule?.('node:worker_threads')?.parentPort
if (port) port.on('message', (message) => receive(message, (text) => port.postMessage(text)))
else globalThis.onmessage = ({ data }) => receive(data, (text) => globalThis.postMessage(text))
