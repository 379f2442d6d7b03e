// Builds the kernel modules: AssemblyScript → wasm → text in build/, and the worker's source.
// Run: node build.ts [group…], all groups (see `inlined`) unless some are named. Concurrent runs are safe: every file is written aside and renamed into place.
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import asc from 'assemblyscript/asc'
import { build as bundle } from 'esbuild'
import { inspect } from './inspect.ts'
import { kindsBy } from './packing/kindsOf.ts'
import { DATA, PAGES } from './packing/layout.ts'
import { ALPHABET, type Packed, pack } from './packing/pack.ts'

const root = import.meta.dirname
const out = join(root, 'build')

/**
 * One module of kernels. `base` is where its constants lie: modules that live on the memory at the same time have
 * ranges of their own below the heap, which starts at 65536. As text it continues the module it resembles (`after`),
 * or else the core, which every program has. `isSmall` has the compiler prefer size to speed where they differ.
 */
type Module = {
  name: string
  entry: string
  base: number
  limit: number
  features?: string[]
  after?: string
  isSmall?: true
}

/** The build of a module for engines with relaxed SIMD: little differs from the strict one. */
const relaxed = (module: Module): Module => ({
  ...module,
  name: `${module.name}Relaxed`,
  features: ['relaxed-simd'],
  after: module.name,
})

const modules: Module[] = [
  { name: 'core', entry: 'tensor/core.ts', base: 1024, limit: 10240 },
  { name: 'coreRelaxed', entry: 'tensor/relaxed.ts', base: 28672, limit: 29696, features: ['relaxed-simd'] },
  { name: 'matrix64', entry: 'tensor/matrix64.ts', base: 10240, limit: 11264, after: 'matrix' },
  { name: 'matrix', entry: 'tensor/matrix.ts', base: 11264, limit: 12288 },
  relaxed({ name: 'matrix', entry: 'tensor/matrix.ts', base: 12288, limit: 13312 }),
  { name: 'convolution64', entry: 'tensor/convolution64.ts', base: 13312, limit: 14336, after: 'convolution' },
  { name: 'convolution', entry: 'tensor/convolution.ts', base: 14336, limit: 15360, after: 'matrix' },
  relaxed({ name: 'convolution', entry: 'tensor/convolution.ts', base: 15360, limit: 16384 }),
  { name: 'storage', entry: 'tensor/storage.ts', base: 16384, limit: 16400, after: 'discrete' },
  { name: 'discrete', entry: 'tensor/discrete.ts', base: 16400, limit: 16464 },
  { name: 'elementary', entry: 'tensor/elementary.ts', base: 16464, limit: 18432, after: 'discrete' },
  { name: 'special', entry: 'tensor/special.ts', base: 18432, limit: 20480, after: 'discrete' },
  { name: 'tensor', entry: 'tensor/index.ts', base: 1024, limit: 32768 },
  { name: 'sorting', entry: 'tensor/sorting.ts', base: 20480, limit: 21504, after: 'discrete' },
  { name: 'running', entry: 'tensor/scan.ts', base: 21504, limit: 22528, after: 'discrete' },
  { name: 'scatter', entry: 'tensor/scattering.ts', base: 22528, limit: 23552, after: 'discrete' },
  { name: 'random', entry: 'tensor/sampling.ts', base: 23552, limit: 24576 },
  { name: 'linalg', entry: 'tensor/linalg.ts', base: 24576, limit: 26624, after: 'matrix' },
  { name: 'fft', entry: 'tensor/fft.ts', base: 26624, limit: 28672 },
  { name: 'drawing', entry: 'tensor/random.ts', base: 29696, limit: 30720 },
  { name: 'nn', entry: 'nn/index.ts', base: 32768, limit: 40960 },
  { name: 'layers', entry: 'nn/layers.ts', base: 32768, limit: 34816, isSmall: true },
  { name: 'training', entry: 'nn/training.ts', base: 34816, limit: 36864, after: 'layers', isSmall: true },
  { name: 'recurrent', entry: 'nn/recurrent.ts', base: 36864, limit: 38912 },
  { name: 'attention', entry: 'nn/attention.ts', base: 38912, limit: 39936 },
  relaxed({ name: 'attention', entry: 'nn/attention.ts', base: 39936, limit: 40960 }),
  { name: 'transformer', entry: 'transformer/index.ts', base: 45056, limit: 49152 },
  { name: 'quantized', entry: 'transformer/quantized.ts', base: 45056, limit: 46080 },
  relaxed({ name: 'quantized', entry: 'transformer/quantized.ts', base: 46080, limit: 47104 }),
  { name: 'decoding', entry: 'transformer/decoding.ts', base: 47104, limit: 49152 },
  { name: 'rl', entry: 'rl/index.ts', base: 53248, limit: 57344 },
]

/**
 * Which modules stand in a file of texts, each behind what it continues. Texts that a page may need together lie side by
 * side: gzip has one code for a stretch of a file, which suits either text or JavaScript.
 */
const inlined: Record<string, string[]> = {
  tensor: [
    'core',
    'coreRelaxed',
    'matrix',
    'matrixRelaxed',
    'matrix64',
    'drawing',
    'discrete',
    'storage',
    'elementary',
    'sorting',
    'running',
    'scatter',
  ],
  special: ['special'],
  convolution: ['convolution', 'convolutionRelaxed', 'convolution64'],
  random: ['random'],
  linalg: ['linalg'],
  fft: ['fft'],
  nn: ['layers', 'training', 'recurrent', 'attention', 'attentionRelaxed'],
  transformer: ['decoding', 'quantized', 'quantizedRelaxed'],
  rl: ['rl'],
}

const flags = ['-O3', '--converge', '--runtime', 'stub', '--noAssert', '--enable', 'simd', '--use', 'abort=']
const memory = [
  // With a maximum in the import's limits, their flag byte (1 plain, 3 shared) is all that differs between the kinds of memory.
  ...['--importMemory', '--noExportMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
]

async function compile({ name, entry, base, limit, features = [], isSmall }: Module): Promise<Uint8Array> {
  const wasm = await assemble(entry, [
    ...['--memoryBase', String(base), ...memory],
    ...features.flatMap((feature) => ['--enable', feature]),
    ...(isSmall ? ['--shrinkLevel', '1'] : []),
  ])
  inspect(name, wasm, { base, limit })
  return wasm
}

async function assemble(entry: string, options: readonly string[]): Promise<Uint8Array> {
  const files: Record<string, string | Uint8Array> = {}
  const { error, stderr } = await asc.main([entry, '--baseDir', root, '--outFile', 'made.wasm', ...flags, ...options], {
    writeFile: (path, contents) => void (files[path] = contents),
  })
  const messages = stderr.toString().replace(/^Last converge was suboptimal\.\s*/gm, '')
  if (messages) console.error(messages)
  if (error) throw new Error(`${entry}: ${error.message}`)
  return files['made.wasm'] as Uint8Array
}

async function put(name: string, contents: string | Uint8Array): Promise<void> {
  const aside = join(out, `.${name}.${process.pid}`)
  await writeFile(aside, contents)
  await rename(aside, join(out, name))
}

/** Bytes as two digits each, letters whose codes end with the four bits: 'p' is 0, 'a' is 1, 'o' is 15. */
const digitsOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/./g, (digit) => 'pabcdefghijklmno'[Number.parseInt(digit, 16)])

/** Writes `build/<name>.js` and its declarations. */
async function putSource(name: string, js: string, declarations: string): Promise<void> {
  await put(`${name}.js`, js)
  await put(`${name}.d.ts`, declarations)
}

/** What a module's text continues, but for the core, where all begin. */
const chainOf = ({ after }: Module): Module[] => {
  const before = modules.find(({ name }) => name === after)
  return before ? [...chainOf(before), before] : []
}

/** A file of texts, and of each module as the list of those to read behind the core's. */
async function putTexts(group: string, members: readonly Module[], texts: ReadonlyMap<string, string>): Promise<void> {
  const lines = [
    ...members.map(({ name }) => `export const ${name}Text = ${JSON.stringify(texts.get(name))}`),
    ...members.map((module) => {
      const list = module.name === 'core' ? [] : [...chainOf(module), module].map(({ name }) => `${name}Text`)
      return `export const ${module.name} = [${list.join(', ')}]`
    }),
  ]
  const foreign = new Set(members.flatMap(chainOf).filter((module) => !members.includes(module)))
  const imports = [...foreign].map(({ name }) => {
    const home = Object.keys(inlined).find((group) => inlined[group].includes(name))
    return `import { ${name}Text } from './${home}.js'`
  })
  const declarations = members.flatMap(({ name }) => [
    `export declare const ${name}Text: string`,
    `export declare const ${name}: readonly string[]`,
  ])
  await putSource(group, [...imports, ...lines, ''].join('\n'), [...declarations, ''].join('\n'))
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

/** Constants that the packages' side shares: the layout of the control block, that of packed texts. */
async function putConstants(file: string): Promise<void> {
  const text = await readFile(join(root, file), 'utf8')
  const declared = text.replace(
    /^(export) (const \w+) = (.).*$/gm,
    (_, word, name, first) => `${word} declare ${name}: ${first === "'" ? 'string' : 'number'}`,
  )
  await putSource(basename(file, '.ts'), text, declared)
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

const reader = await assemble('packing/unpack.ts', ['--initialMemory', String(PAGES), '--memoryBase', String(DATA)])
const kindsOf = kindsBy(Buffer.from(reader))
const packed = new Map<string, Packed>()
async function packedOf(module: Module): Promise<Packed> {
  const known = packed.get(module.name)
  if (known) return known
  const before = module.name === 'core' ? undefined : (chainOf(module).at(-1) ?? (modules[0] as Module))
  const wasm = binaries.get(module.name) ?? (await readFile(join(out, `${module.name}.wasm`)))
  const made = pack(wasm, kindsOf, before && (await packedOf(before)))
  packed.set(module.name, made)
  return made
}
// Every group whose texts continue a module that was built now.
for (const [group, parts] of Object.entries(inlined)) {
  const members = parts.map((part) => modules.find(({ name }) => name === part) as Module)
  const chains = members.flatMap((module) => [module.name, 'core', ...chainOf(module).map(({ name }) => name)])
  if (!chains.some((name) => binaries.has(name))) continue
  const texts = new Map<string, string>()
  for (const module of members) texts.set(module.name, (await packedOf(module)).text)
  await putTexts(group, members, texts)
}
await putConstants('worker/control.ts')
await putConstants('packing/layout.ts')
await putSource(
  'unpack',
  `export const ALPHABET = '${ALPHABET}'\nexport const code = '${digitsOf(reader)}'\n`,
  'export declare const ALPHABET: string\nexport declare const code: string\n',
)
const source = await workerSource()
if (source !== undefined) {
  await putSource(
    'worker',
    `export const source = ${JSON.stringify(source)}\n`,
    'export declare const source: string\n',
  )
}
