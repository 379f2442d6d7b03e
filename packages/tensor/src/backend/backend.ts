// Which kernels run: the Wasm modules that packages register, or the pure-JS twins that someone passes in.
import { instantiateSync } from '@assemblyscript/loader'
import { heap } from '../memory/heap.ts'
import { type Kernel, type KernelFunction, type KernelModule, type KernelTable, registered } from './kernels.ts'
import { unpack } from './unpack.ts'

/** WebAssembly.Module where its type is known: programs for Node alone may have no types of the Web. */
export type WasmModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer M } } } ? M : object

/** A compiled Wasm module. */
export interface LoadedModule {
  /** The package. */
  readonly owner: string
  readonly module: WasmModule
  readonly kernels: Readonly<Record<string, KernelFunction>>
  /** Their names, in the order of the module's exports. */
  readonly names: readonly string[]
  /** Number by which workers know the first of them; the others follow. */
  readonly firstId: number
}

const supplied = new Map<string, BufferSource | WebAssembly.Module>()
/** By the code supplied, else by the texts of the build; null for a build that this engine does not take. */
const loaded = new Map<unknown, LoadedModule | null>()
const onLoad: ((loaded: LoadedModule) => void)[] = []
let js: Record<string, KernelFunction> | null = null
let isDeterministic = false
let nextId = 0
/** Counts changes of what runs; recordings belong to one epoch. */
export let epoch = 0

/**
 * Chooses what computes: `'wasm'` (the default), or the tables of JavaScript twins from `@x/tensor/js`, `@x/nn/js` …
 * Tensors stay valid across a change; compiled functions are recorded anew.
 * @example
 * import { setBackend, tensor } from '@x/tensor'
 * import { js } from '@x/tensor/js'
 * setBackend(js)
 * tensor([1, 2]).add(1)
 * setBackend('wasm')
 */
export function setBackend(first: 'wasm' | KernelTable, ...others: KernelTable[]): void {
  const kernelsIn = (table: KernelTable): object => {
    if (typeof table?.kernels === 'object') return table.kernels
    throw new TypeError(`setBackend: '${table}' is neither 'wasm' nor a table of kernels such as js of '@x/tensor/js'`)
  }
  js = first === 'wasm' ? null : Object.assign({}, ...[first, ...others].map(kernelsIn))
  changed()
}

/** The backend in force. */
export const backendName = (): 'wasm' | 'js' => (js ? 'js' : 'wasm')

/**
 * With `true`, only the strict kernels run, whose results are the same to the last bit on every engine; with `false`
 * (the default) products, convolutions, softmax, attention and functions such as exp and tanh use fused multiply-add
 * where the engine has it.
 */
export function deterministic(on: boolean): void {
  isDeterministic = on
  changed()
}

/**
 * Supplies the Wasm code of a package where compiling inlined bytes is forbidden (a content security policy without
 * `'wasm-unsafe-eval'`): the bytes or the compiled module of its `./kernels.wasm`. Call it before the first operation.
 */
export function useWasm(
  source: ArrayBuffer | ArrayBufferView<ArrayBuffer> | WasmModule,
  name: 'tensor' | 'nn' | 'transformer' | 'rl' = 'tensor',
): void {
  if ([...loaded.values()].some((known) => known?.owner === name)) {
    throw new Error(`useWasm: kernels of @x/${name} run already; call it before the first operation`)
  }
  // A module compiled elsewhere cannot be adapted to a shared memory any more.
  if (source instanceof WebAssembly.Module) heap.shared = false
  supplied.set(name, source)
}

/** The function that runs under the kernel's name now. @throws Error when the backend lacks it */
export function resolve(kernel: Kernel): KernelFunction {
  const { module, name } = kernel
  let home = js || isDeterministic ? null : load(module, 'relaxed')
  if (!js && !home?.kernels[name]) home = load(module, 'strict')
  const fn = (js ?? home?.kernels)?.[name]
  if (!fn)
    throw new Error(
      js
        ? `the js backend has no kernel ${name}: pass the table of @x/${module.name}/js to setBackend too`
        : `the wasm modules of @x/${module.name} have no kernel ${name}`,
    )
  kernel.fn = fn
  kernel.id = home ? home.firstId + home.names.indexOf(name) : -1
  return fn
}

/** Compiles what is registered now. */
export function loadAll(): void {
  for (const module of registered.keys()) {
    load(module, 'strict')
    load(module, 'relaxed')
  }
}

/** Every module compiled so far, in the order of their numbers; `listener` hears of later ones. */
export function watchModules(listener: (loaded: LoadedModule) => void): LoadedModule[] {
  onLoad.push(listener)
  return [...loaded.values()].filter((known) => known !== null)
}

function changed(): void {
  epoch++
  for (const kernels of registered.values()) for (const kernel of kernels.values()) kernel.fn = null
}

/** The module, compiled when it is first asked for; null for a relaxed build that there is not, or not here. */
function load(shipped: KernelModule, build: 'strict' | 'relaxed'): LoadedModule | null {
  const given = supplied.get(shipped.name)
  const texts = shipped[build]
  if (build === 'relaxed' && (given || !texts)) return null
  const source = given ?? texts
  const known = loaded.get(source)
  if (known !== undefined) return known
  let made: LoadedModule | null = null
  try {
    made = instantiate(shipped.name, given ?? unpack(texts as readonly string[]))
  } catch (cause) {
    // Engines differ in relaxed SIMD.
    if (build === 'strict')
      throw new Error(
        'the Wasm kernels do not compile here: the engine has no WebAssembly or no SIMD, or a content security policy ' +
          "forbids it. Use setBackend(js) with the table from '@x/tensor/js', or useWasm() with a module.",
        { cause },
      )
  }
  loaded.set(source, made)
  if (made) for (const listener of onLoad) listener(made)
  return made
}

function instantiate(owner: string, source: BufferSource | WebAssembly.Module): LoadedModule {
  const module =
    source instanceof WebAssembly.Module ? source : new WebAssembly.Module(heap.shared ? shareMemory(source) : source)
  // Not the loader's `exports`: it wraps functions, and a wrapper costs more than a small kernel.
  const { instance } = instantiateSync(module, { env: { memory: heap.open() as WebAssembly.Memory } })
  const kernels = instance.exports as Record<string, KernelFunction>
  const firstId = nextId
  const names = Object.keys(kernels)
  nextId += names.length
  return { owner, module, kernels, names, firstId }
}

/** One binary serves both kinds of memory: the flag byte of the imported memory's limits says which. */
function shareMemory(source: BufferSource): Uint8Array<ArrayBuffer> {
  const given = ArrayBuffer.isView(source) ? source : new Uint8Array(source)
  const bytes = new Uint8Array(given.buffer, given.byteOffset, given.byteLength).slice()
  // "env" "memory", then kind 2 (memory), then the flag: 1 has a maximum, 3 is also shared.
  const mark = new TextEncoder().encode('\x03env\x06memory\x02')
  const at = bytes.findIndex((_, i) => mark.every((byte, k) => bytes[i + k] === byte))
  if (at < 0) throw new Error('the kernel module does not import env.memory')
  bytes[at + mark.length] = 3
  return bytes
}
