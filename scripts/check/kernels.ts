// The built kernel modules hold code and at most one table of constants, which no other module overlaps.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from '../../assembly/inspect.ts'
import { root } from './workspace.ts'

/** The heap begins here: constants lie below. */
const heapBase = 65536
const kernelName = /^[a-z][A-Za-z0-9]*(_[a-z0-9]+)*$/

export function kernels(): string {
  const folder = join(root, 'assembly/build')
  const files = readdirSync(folder).filter((file) => file.endsWith('.wasm'))
  if (!files.length) throw new Error('assembly/build holds no wasm file')
  return files
    .map((file) => {
      const name = file.slice(0, -'.wasm'.length)
      const wasm = readFileSync(join(folder, file))
      inspect(name, wasm, { base: 0, limit: heapBase })
      const exports = WebAssembly.Module.exports(new WebAssembly.Module(wasm))
      for (const { name: kernel, kind } of exports) {
        if (kind !== 'function') throw new Error(`${file} exports the ${kind} ${kernel}: kernels only`)
        if (!kernelName.test(kernel)) throw new Error(`${file} exports ${kernel}: a kernel is called op_dtype`)
      }
      return `${name} ${exports.length} kernels ${wasm.length} bytes`
    })
    .join(', ')
}
