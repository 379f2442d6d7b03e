// The table of kernels per op and dtype, found by running every op's cases and noting which kernels it calls.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setBackend, tidy } from '@x/tensor'
import { js } from '@x/tensor/js'
import { makeInput, type OpCases, tensorCases } from '@x/tensor/testing'

const root = join(import.meta.dirname, '../..')

/** What every op may call beside its own kernels: moving strided data together, and casts. */
const COMMON = /^(copy|paste|fill|cast)_/

/** Modules by the kernels that they export. */
function wasmModules(): Map<string, string> {
  const folder = join(root, 'assembly/build')
  const files = readdirSync(folder).filter((file) => file.endsWith('.wasm') && file !== 'tensor.wasm')
  const found = new Map<string, string>()
  for (const file of files) {
    const module = new WebAssembly.Module(readFileSync(join(folder, file)))
    for (const { name } of WebAssembly.Module.exports(module)) found.set(name, file.replace(/(64|Relaxed)?\.wasm$/, ''))
  }
  return found
}

/** The kernels that an op's cases call, on inputs of each dtype that they have. */
function kernelsOf({ cases }: OpCases): Map<string, Set<string>> {
  const byDtype = new Map<string, Set<string>>()
  let seen = new Set<string>()
  const watched = Object.entries(js.kernels).map(([name, fn]) => [
    name,
    (...args: number[]) => {
      seen.add(name)
      return fn(...args)
    },
  ])
  setBackend({ module: js.module, kernels: Object.fromEntries(watched) })
  for (const c of cases) {
    for (const dtype of c.dtypes) {
      tidy(() => {
        seen = new Set() // what making inputs calls
        const inputs = c.inputs.map((spec, i) => makeInput(spec, dtype, i + 1))
        seen = byDtype.get(dtype) ?? new Set()
        byDtype.set(dtype, seen)
        c.run(...inputs)
      })
    }
  }
  setBackend('wasm')
  return byDtype
}

/** `add_f32` → [`add`, `f32`]. */
const split = (kernel: string): [base: string, type: string] => {
  const at = kernel.lastIndexOf('_')
  return at < 0 ? [kernel, ''] : [kernel.slice(0, at), kernel.slice(at + 1)]
}

function described(kernels: readonly string[]): string {
  const types = new Map<string, string[]>()
  for (const kernel of kernels) {
    const [base, type] = split(kernel)
    types.set(base, [...(types.get(base) ?? []), type].filter(Boolean))
  }
  return [...types].map(([base, of]) => `\`${base}\`${of.length > 0 ? ` ${of.sort().join(' ')}` : ''}`).join(', ')
}

/** The document. @throws Error when an op runs a kernel that no Wasm module has */
export function kernelTable(): string {
  const modules = wasmModules()
  const rows = tensorCases
    .toSorted((a, b) => (a.op < b.op ? -1 : 1))
    .map((entry) => {
      const byDtype = kernelsOf(entry)
      const all = [...new Set([...byDtype.values()].flatMap((set) => [...set]))].sort()
      const missing = all.find((kernel) => !modules.has(kernel))
      if (missing) throw new Error(`${entry.op} runs ${missing}, which no Wasm module has`)
      const own = all.filter((kernel) => !COMMON.test(kernel))
      const shown = own.length > 0 ? own : all
      const where = [...new Set(shown.map((kernel) => modules.get(kernel)))].sort().join(', ')
      return `| \`${entry.op}\` | ${[...byDtype.keys()].join(', ')} | ${shown.length > 0 ? described(shown) : 'a view: none'} | ${where} |`
    })
  return `# Kernels

Which Wasm kernels compute each op, for the dtypes it is tested with; made by \`npm run docs\`, and checked in CI. Nothing falls back to JavaScript: a kernel that a Wasm module lacks is an error here and at run time. Suffixes are dtypes (f32, f64, i32, u8) or, for kernels that only move elements, widths in bits (b8, b16, b32, b64). Every op may also call \`copy\` (strided to contiguous), \`paste\`, \`fill\` and \`cast\`; other dtypes are cast to one of those below, as the [table of dtypes](dtypes.md) says.

| op | dtypes | kernels | module |
|---|---|---|---|
${rows.join('\n')}
`
}
