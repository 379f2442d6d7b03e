// Which kernels run: the Wasm modules that packages register, or the pure-JS twins that someone passes in.
import { instantiateSync } from '@assemblyscript/loader'
import { heap } from '../memory/heap.ts'
import {
  forgetKernels,
  type Kernel,
  type KernelFunction,
  type KernelModule,
  type KernelTable,
  registered,
} from './kernels.ts'
import { unpack } from './unpack.ts'

/** WebAssembly.Module where its type is known: programs for Node alone may have no types of the Web. */
export type WasmModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer M } } } ? M : object

/** A compiled Wasm module whose exports workers number in the same way. */
export interface LoadedModule {
  readonly name: string
  readonly module: WasmModule
  readonly kernels: Readonly<Record<string, KernelFunction>>
  /** Number of this module's first export; the others follow in the order of the module's exports. */
  readonly firstId: number
  readonly ids: ReadonlyMap<string, number>
}

const supplied = new Map<string, BufferSource | WebAssembly.Module>()
const loaded = new Map<string, LoadedModule>()
const absent = new Set<string>()
const onLoad: ((loaded: LoadedModule) => void)[] = []
let js: Record<string, KernelFunction> | null = null
let isDeterministic = false
let nextId = 0
let epoch = 0

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
  const tables = first === 'wasm' ? [] : [first, ...others]
  const stray = tables.find((table) => typeof table?.kernels !== 'object')
  if (stray !== undefined)
    throw new TypeError(`setBackend: '${stray}' is neither 'wasm' nor a table of kernels such as js of '@x/tensor/js'`)
  js = first === 'wasm' ? null : Object.assign({}, ...tables.map((t) => t.kernels))
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
  if ([...loaded.keys()].some((key) => key.startsWith(name))) {
    throw new Error(`useWasm: kernels of @x/${name} run already; call it before the first operation`)
  }
  // A module compiled elsewhere cannot be adapted to a shared memory any more.
  if (source instanceof WebAssembly.Module) heap.shared = false
  supplied.set(name, source)
}

/** Counts changes of what runs; recordings belong to one epoch. */
export const backendEpoch = (): number => epoch

/** The function that runs under the kernel's name now. @throws Error when the backend lacks it */
export function resolve(kernel: Kernel): KernelFunction {
  const { module, name } = kernel
  if (js) {
    const fn = js[name]
    if (!fn)
      throw new Error(
        `the js backend has no kernel ${name}: pass the table of @x/${packageOf(module)}/js to setBackend too`,
      )
    kernel.fn = fn
    return fn
  }
  const relaxed = isDeterministic ? undefined : load(module, 'relaxed')
  const home = relaxed?.kernels[name] ? relaxed : load(module, 'strict')
  const fn = home?.kernels[name]
  if (!home || !fn) throw new Error(`the wasm module ${module} has no kernel ${name}`)
  kernel.fn = fn
  kernel.id = home.ids.get(name) as number
  return fn
}

const packageOf = (module: string): string => module.split('/')[0]

/** Compiles what is registered now. */
export function loadAll(): void {
  for (const name of registered.keys()) {
    load(name, 'strict')
    load(name, 'relaxed')
  }
}

/** Every module compiled so far, in the order of their numbers; `listener` hears of later ones. */
export function watchModules(listener: (loaded: LoadedModule) => void): LoadedModule[] {
  onLoad.push(listener)
  return [...loaded.values()]
}

function changed(): void {
  epoch++
  forgetKernels()
}

/** The module, compiled when it is first asked for; undefined for a relaxed build that there is not, or not here. */
function load(name: string, variant: 'strict' | 'relaxed'): LoadedModule | undefined {
  const given = supplied.get(packageOf(name))
  if (given && variant === 'relaxed') return undefined
  const key = given ? packageOf(name) : `${name} ${variant}`
  const known = loaded.get(key)
  if (known || absent.has(key)) return known
  const shipped = registered.get(name)
  if (!shipped) throw new Error(`no kernel module '${name}' is registered`)
  if (typeof WebAssembly === 'undefined') {
    throw new Error("this engine has no WebAssembly: use setBackend(js) with the table from '@x/tensor/js'")
  }
  const module = given ? compiled(() => given) : inlinedModule(shipped, variant)
  if (!module) {
    absent.add(key)
    return undefined
  }
  const made = instantiate(key, module)
  loaded.set(key, made)
  for (const listener of onLoad) listener(made)
  return made
}

function inlinedModule(shipped: KernelModule, variant: 'strict' | 'relaxed'): WebAssembly.Module | undefined {
  const texts = shipped[variant]
  if (!texts) return undefined
  try {
    return compiled(() => unpack(texts))
  } catch (error) {
    if (variant === 'strict') throw error
    return undefined // engines differ in relaxed SIMD
  }
}

function instantiate(name: string, module: WebAssembly.Module): LoadedModule {
  // Not the loader's `exports`: it wraps functions, and a wrapper costs more than a small kernel.
  const { instance } = instantiateSync(module, { env: { memory: heap.open() as WebAssembly.Memory } })
  const kernels: Record<string, KernelFunction> = {}
  const ids = new Map<string, number>()
  const firstId = nextId
  for (const { name, kind } of WebAssembly.Module.exports(module)) {
    if (kind !== 'function') continue
    kernels[name] = instance.exports[name] as KernelFunction
    ids.set(name, nextId++)
  }
  return { name, module, kernels, ids, firstId }
}

function compiled(read: () => BufferSource | WebAssembly.Module): WebAssembly.Module {
  try {
    const source = read()
    if (source instanceof WebAssembly.Module) return source
    return new WebAssembly.Module(heap.shared ? shareMemory(source) : source)
  } catch (error) {
    throw new Error(
      'the Wasm kernels do not compile here: the engine has no SIMD, or a content security policy forbids it. ' +
        "Use setBackend(js) with the table from '@x/tensor/js', or useWasm() with a module.",
      { cause: error },
    )
  }
}

/** One binary serves both kinds of memory: the flag byte of the imported memory's limits says which. */
function shareMemory(source: BufferSource): Uint8Array<ArrayBuffer> {
  const given = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source)
  const bytes = given.slice()
  // "env" "memory", then kind 2 (memory), then the flag: 1 has a maximum, 3 is also shared.
  const mark = new TextEncoder().encode('\x03env\x06memory\x02')
  for (let i = 8; i < bytes.length - mark.length; i++) {
    if (mark.every((b, k) => bytes[i + k] === b)) {
      bytes[i + mark.length] = 3
      return bytes
    }
  }
  throw new Error('the kernel module does not import env.memory')
}
