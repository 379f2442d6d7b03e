// Builds the kernel modules: AssemblyScript → wasm → text in build/, and the worker's source.
// Run: node build.ts [group…], all groups (see `inlined`) unless some are named. Concurrent runs are safe: every file is written aside and renamed into place.
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import asc from 'assemblyscript/asc'
import { build as bundle } from 'esbuild'
import { inspect } from './inspect.ts'
import { toTexts } from './text.ts'

const root = import.meta.dirname
const out = join(root, 'build')

/**
 * One module of kernels. `base` is where its constants lie: modules that live on the memory at the same time have
 * ranges of their own below the heap, which starts at 65536.
 */
type Module = { name: string; entry: string; base: number; limit: number; features?: string[] }

const modules: Module[] = [
  { name: 'core', entry: 'tensor/core.ts', base: 1024, limit: 10240 },
  { name: 'matrix64', entry: 'tensor/matrix64.ts', base: 10240, limit: 11264 },
  { name: 'matrix', entry: 'tensor/matrix.ts', base: 11264, limit: 12288 },
  { name: 'matrixRelaxed', entry: 'tensor/matrix.ts', base: 12288, limit: 13312, features: ['relaxed-simd'] },
  { name: 'convolution64', entry: 'tensor/convolution64.ts', base: 13312, limit: 14336 },
  { name: 'convolution', entry: 'tensor/convolution.ts', base: 14336, limit: 15360 },
  { name: 'convolutionRelaxed', entry: 'tensor/convolution.ts', base: 15360, limit: 16384, features: ['relaxed-simd'] },
  { name: 'storage', entry: 'tensor/storage.ts', base: 16384, limit: 16400 },
  { name: 'discrete', entry: 'tensor/discrete.ts', base: 16400, limit: 16464 },
  { name: 'special', entry: 'tensor/special.ts', base: 16464, limit: 20480 },
  { name: 'tensor', entry: 'tensor/index.ts', base: 1024, limit: 32768 },
  { name: 'sorting', entry: 'tensor/sorting.ts', base: 20480, limit: 22528 },
  { name: 'scatter', entry: 'tensor/scattering.ts', base: 22528, limit: 23552 },
  { name: 'random', entry: 'tensor/sampling.ts', base: 23552, limit: 24576 },
  { name: 'linalg', entry: 'tensor/linalg.ts', base: 24576, limit: 26624 },
  { name: 'fft', entry: 'tensor/fft.ts', base: 26624, limit: 28672 },
  { name: 'nn', entry: 'nn/index.ts', base: 32768, limit: 40960 },
  { name: 'layers', entry: 'nn/layers.ts', base: 32768, limit: 36864 },
  { name: 'recurrent', entry: 'nn/recurrent.ts', base: 36864, limit: 38912 },
  { name: 'attention', entry: 'nn/attention.ts', base: 38912, limit: 40960 },
  { name: 'rl', entry: 'rl/index.ts', base: 53248, limit: 57344 },
]

/**
 * Which modules stand in a file of texts. Those that resemble each other stand side by side, where gzip finds what
 * they share: the strict and the relaxed build differ in little.
 */
const inlined: Record<string, string[]> = {
  tensor: ['core', 'matrix64', 'matrix', 'matrixRelaxed'],
  special: ['storage', 'discrete', 'special'],
  convolution: ['convolution64', 'convolution', 'convolutionRelaxed'],
  sorting: ['sorting'],
  scatter: ['scatter'],
  random: ['random'],
  linalg: ['linalg'],
  fft: ['fft'],
  nn: ['layers', 'recurrent', 'attention'],
  rl: ['rl'],
}

const flags = [
  ...['-O3', '--converge', '--runtime', 'stub', '--noAssert', '--enable', 'simd', '--use', 'abort='],
  // With a maximum in the import's limits, their flag byte (1 plain, 3 shared) is all that differs between the kinds of memory.
  ...['--importMemory', '--noExportMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
]

async function compile({ name, entry, base, limit, features = [] }: Module): Promise<Uint8Array> {
  const files: Record<string, string | Uint8Array> = {}
  const { error, stderr } = await asc.main(
    [
      ...[entry, '--baseDir', root, '--outFile', `${name}.wasm`, '--memoryBase', String(base), ...flags],
      ...features.flatMap((feature) => ['--enable', feature]),
    ],
    { writeFile: (path, contents) => void (files[path] = contents) },
  )
  const messages = stderr.toString().replace(/^Last converge was suboptimal\.\s*/gm, '')
  if (messages) console.error(messages)
  if (error) throw new Error(`${name}: ${error.message}`)
  const wasm = files[`${name}.wasm`] as Uint8Array
  inspect(name, wasm, { base, limit })
  return wasm
}

async function put(name: string, contents: string | Uint8Array): Promise<void> {
  const aside = join(out, `.${name}.${process.pid}`)
  await writeFile(aside, contents)
  await rename(aside, join(out, name))
}

/** Writes `build/<name>.js` and its declarations: one exported string per entry. */
async function putStrings(name: string, strings: Record<string, string>): Promise<void> {
  const entries = Object.entries(strings)
  await put(`${name}.js`, entries.map(([key, text]) => `export const ${key} = ${JSON.stringify(text)}\n`).join(''))
  await put(`${name}.d.ts`, entries.map(([key]) => `export declare const ${key}: string\n`).join(''))
}

/** The worker as one minified script, for `new Worker(source)` without a file of its own. */
async function workerSource(): Promise<string | undefined> {
  const entry = join(root, 'worker/worker.ts')
  if (!existsSync(entry)) return undefined
  const { outputFiles } = await bundle({
    ...{ entryPoints: [entry], bundle: true, minify: true, write: false },
    ...{ format: 'iife', platform: 'neutral', target: 'es2022' },
  })
  return outputFiles[0]?.text
}

/** The layout of the control block, for the side that starts the workers. */
async function putControl(): Promise<void> {
  const text = await readFile(join(root, 'worker/control.ts'), 'utf8')
  await put('control.js', text)
  await put('control.d.ts', text.replace(/^export const (\w+) = .*$/gm, 'export declare const $1: number'))
}

await mkdir(out, { recursive: true })
const groups = process.argv.slice(2)
for (const group of groups) if (!(group in inlined)) throw new Error(`there is no group of modules '${group}'`)
const wanted = Object.entries<string[]>(inlined).filter(([name]) => groups.length === 0 || groups.includes(name))
const names = new Set(wanted.flatMap(([, parts]) => parts))
const binaries = new Map<string, Uint8Array>()
for (const module of modules.filter(({ name }) => groups.length === 0 || names.has(name))) {
  const wasm = await compile(module)
  binaries.set(module.name, wasm)
  await put(`${module.name}.wasm`, wasm)
  console.log(`${module.name}.wasm ${wasm.length} bytes`)
}
for (const [name, parts] of wanted) {
  const { order, texts } = toTexts(parts.map((part) => binaries.get(part) as Uint8Array))
  await putStrings(name, { order, ...Object.fromEntries(parts.map((part, i) => [part, texts[i] as string])) })
}
await putControl()
const source = await workerSource()
if (source !== undefined) await putStrings('worker', { source })
