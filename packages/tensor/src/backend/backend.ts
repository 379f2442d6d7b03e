// Which kernels run: the Wasm modules that packages register, or the pure-JS twins that someone passes in.
import { instantiateSync } from '@assemblyscript/loader'
import { heap } from '../memory/heap.ts'
import { forgetKernels, type Kernel, type KernelFunction, type KernelModule, type KernelTable } from './kernels.ts'
import { fromText } from './text.ts'

/** A compiled Wasm module whose exports workers number in the same way. */
export interface LoadedModule {
  readonly name: string
  readonly module: WebAssembly.Module
  readonly kernels: Readonly<Record<string, KernelFunction>>
  /** Number of this module's first export; the others follow in the order of the module's exports. */
  readonly firstId: number
  readonly ids: ReadonlyMap<string, number>
}

const registered = new Map<string, KernelModule>()
const supplied = new Map<string, BufferSource | WebAssembly.Module>()
const loaded = new Map<string, LoadedModule>()
const onLoad: ((loaded: LoadedModule) => void)[] = []
let js: Map<string, KernelTable> | null = null
let isDeterministic = false
let nextId = 0
let epoch = 0

/** Makes a package's Wasm kernels known; they are compiled when the first of them is used. */
export function registerKernels(module: KernelModule): void {
  registered.set(module.name, module)
}

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
  js = first === 'wasm' ? null : new Map([first, ...others].map((t) => [t.module, t]))
  changed()
}

/** The backend in force. */
export const backendName = (): 'wasm' | 'js' => (js ? 'js' : 'wasm')

/**
 * With `true`, only the strict kernels run, whose results are the same to the last bit on every engine; with `false`
 * (the default) the matrix kernels use fused multiply-add where the engine has it.
 */
export function deterministic(on: boolean): void {
  isDeterministic = on
  changed()
}

/**
 * Supplies the Wasm code of a package where compiling inlined bytes is forbidden (a content security policy without
 * `'wasm-unsafe-eval'`): the bytes or the compiled module of its `./kernels.wasm`. Call it before the first operation.
 */
export function useWasm(source: BufferSource | WebAssembly.Module, name = 'tensor'): void {
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
    const fn = js.get(module)?.kernels[name]
    if (!fn)
      throw new Error(`the js backend has no kernel ${name}: pass the table of @x/${module}/js to setBackend too`)
    kernel.fn = fn
    return fn
  }
  const relaxed = isDeterministic ? undefined : load(module, 'relaxed')
  const home = relaxed?.kernels[name] ? relaxed : (load(module, 'strict') as LoadedModule)
  const fn = home.kernels[name]
  if (!fn) throw new Error(`the wasm module ${module} has no kernel ${name}`)
  kernel.fn = fn
  kernel.id = home.ids.get(name) as number
  return fn
}

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

/** Whether the engine runs relaxed SIMD: asked with a module of one function that uses it. */
export function hasRelaxedSimd(): boolean {
  // (func (result v128) (f32x4.relaxed_madd (v128.const 0) (v128.const 0) (v128.const 0)))
  const zero = [0xfd, 0x0c, ...new Array<number>(16).fill(0)]
  const body = [0x00, ...zero, ...zero, ...zero, 0xfd, 0x85, 0x02, 0x0b]
  const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0]
  return WebAssembly.validate(new Uint8Array([...header, 10, body.length + 2, 1, body.length, ...body]))
}

function changed(): void {
  epoch++
  forgetKernels()
}

function load(name: string, variant: 'strict' | 'relaxed'): LoadedModule | undefined {
  const key = `${name}.${variant}`
  const known = loaded.get(key)
  if (known) return known
  const shipped = registered.get(name)
  if (!shipped) throw new Error(`no kernel module '${name}' is registered`)
  if (typeof WebAssembly === 'undefined') {
    throw new Error("this engine has no WebAssembly: use setBackend(js) with the table from '@x/tensor/js'")
  }
  if (variant === 'relaxed' && (!shipped.relaxed || supplied.has(name) || !hasRelaxedSimd())) return undefined
  const module = compileModule(supplied.get(name) ?? fromText(shipped[variant] ?? ''))
  // The loader adds its own helpers to the exports; only the kernels are wanted.
  const exports = instantiateSync(module, { env: { memory: heap.open() as WebAssembly.Memory } }).exports
  const kernels: Record<string, KernelFunction> = {}
  const ids = new Map<string, number>()
  const firstId = nextId
  for (const { name, kind } of WebAssembly.Module.exports(module)) {
    if (kind !== 'function') continue
    kernels[name] = exports[name] as KernelFunction
    ids.set(name, nextId++)
  }
  const made: LoadedModule = { name: key, module, kernels, ids, firstId }
  loaded.set(key, made)
  for (const listener of onLoad) listener(made)
  return made
}

function compileModule(source: BufferSource | WebAssembly.Module): WebAssembly.Module {
  if (source instanceof WebAssembly.Module) return source
  try {
    return new WebAssembly.Module(heap.shared ? shareMemory(source) : source)
  } catch (error) {
    throw new Error(
      'the Wasm kernels do not compile here: the engine has no SIMD, or a content security policy forbids it. ' +
        "Use setBackend(js) with the table from '@x/tensor/js', or useWasm() with a module compiled elsewhere.",
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
  const mark = [3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2]
  for (let i = 8; i < bytes.length - mark.length; i++) {
    if (mark.every((b, k) => bytes[i + k] === b)) {
      bytes[i + mark.length] = 3
      return bytes
    }
  }
  throw new Error('the kernel module does not import env.memory')
}
