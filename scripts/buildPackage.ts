// Builds the package in the current folder into dist: modules by esbuild, declarations by tsc, the kernels' wasm.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { defaultClientConditions, build as viteBuild } from 'vite'
import { loaderAlone } from './loaderAlone.ts'

const root = join(import.meta.dirname, '..')
const folder = process.cwd()
const {
  exports,
  dependencies = {},
  devDependencies = {},
  apart = [],
  first = [],
} = JSON.parse(readFileSync('package.json', 'utf8'))
const entryPoints = Object.entries<string | Record<string, string>>(exports).flatMap(([name, entry]) => {
  if (typeof entry === 'string') return []
  const source = entry['@x/source']
  return [
    {
      in: apart.includes(name) ? source : `entry:${source}`,
      out: entry.default.slice('./dist/'.length, -'.js'.length),
    },
  ]
})

const kernels = join(root, 'assembly/build', `${basename(folder)}.js`)
/** Texts of kernels come first, not amid the code: gzip has one code for a stretch of a file, which suits one or the other. */
const texts = existsSync(kernels) ? `import ${JSON.stringify(kernels)}\n` : ''
/** Then files that look alike and that the manifest lists as `first`, beside each other: gzip looks back 32 KB, no farther. */
const alike = first.map((file: string) => `import ${JSON.stringify(file)}\n`).join('')

/**
 * Every entry takes along what the main one does, so that all of it ends in one shared chunk: each further file costs a
 * program a millisecond at its start, and whoever uses another entry uses the main one too. But for those that the
 * manifest lists as `apart`: they are used alone.
 */
const oneChunk: Plugin = {
  name: 'one-chunk',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^entry:/ }, ({ path }) => ({ path: path.slice('entry:'.length), namespace: 'entry' }))
    onLoad({ filter: /.*/, namespace: 'entry' }, ({ path }) => ({
      contents: `${texts}${alike}import './src/index.ts'\nexport * from '${path}'\n`,
      resolveDir: folder,
      loader: 'ts',
    }))
    // Nothing of the package's own is left out of that chunk, used or not.
    onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => ({ path: join(resolveDir, path), sideEffects: true }))
  },
}

/**
 * Says that a constant which a call makes (an op, a kernel), or of which calls make a part (the rule of an optimiser),
 * has no other effect, so that a bundler leaves it out of a page that does not use it. There are none in the packages
 * that do more.
 */
const pureConstants: Plugin = {
  name: 'pure-constants',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => ({ contents: pure(await readFile(path, 'utf8')), loader: 'ts' }))
  },
}

const pure = (source: string): string =>
  source
    .replace(/^((?:export )?const \w+(?:: [^=\n]+)? =\s)(?=[a-zA-Z]\w*[<(])/gm, '$1/* @__PURE__ */ ')
    .replace(/^const \w+(?:: [^=\n]+)? = \{\n[\s\S]*?^\}/gm, (constant) =>
      constant.replace(/^( {2,4}\w+: )(?=[a-zA-Z]\w*\()/gm, '$1/* @__PURE__ */ '),
    )

/**
 * Puts the program of a worker, which is src/worker/main.ts with all that it needs, into one text. Neither a bundler nor
 * an import map has to find its files then.
 */
const workerProgram: Plugin = {
  name: 'worker-program',
  setup({ onLoad }) {
    onLoad({ filter: /src[\\/]worker[\\/]program\.ts$/ }, async ({ path }) => ({
      contents: `const text = ${JSON.stringify(await bundled(join(path, '../main.ts')))}
        const address = () => new URL('data:text/javascript,' + encodeURIComponent(text))
        const start = () => {
          const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
          const worker = new Worker(url, { type: 'module' })
          // It has been read when the worker says something.
          worker.addEventListener('message', () => URL.revokeObjectURL(url), { once: true })
          return worker
        }
        export const program = { address, start }`,
      loader: 'ts',
    }))
  },
}

/** A module with everything that it imports, from the sources of the packages, minified. */
async function bundled(entry: string): Promise<string> {
  const program = 'virtual:program'
  const texts = ['tensor', 'nn', 'transformer'].map((name) => join(root, 'assembly/build', `${name}.js`))
  const result = await viteBuild({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@x/source', ...defaultClientConditions] },
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      rollupOptions: { input: program, output: { format: 'es' } },
    },
    plugins: [
      {
        name: 'program',
        enforce: 'pre',
        resolveId: (id) => (id === program || id === entry ? { id, moduleSideEffects: true } : null),
        load: (id) => (id === program ? [...texts, entry].map((p) => `import ${JSON.stringify(p)}`).join('\n') : null),
        transform: (source, id) => (id.endsWith('.ts') ? pure(source) : null),
      },
    ],
  })
  const outputs = [result].flat().flatMap((bundle) => ('output' in bundle ? bundle.output : []))
  const [chunk] = outputs
  if (outputs.length !== 1 || chunk.type !== 'chunk') throw new Error(`${entry}: ${outputs.length} files, not one`)
  return chunk.code
}

/**
 * Names that files of the package import from others are imported once: their imports go to a module that hands them on.
 * Else every file keeps an import of its own, with names of its own, to the end.
 */
const oneImport: Plugin = {
  name: 'one-import',
  setup({ onResolve, onLoad }) {
    const names = importedNames()
    onResolve({ filter: /^@x\// }, ({ path, namespace }) =>
      namespace === 'import' || !names.has(path) ? undefined : { path, namespace: 'import', sideEffects: false },
    )
    onLoad({ filter: /.*/, namespace: 'import' }, ({ path }) => ({
      contents: `export { ${[...(names.get(path) ?? [])].join(', ')} } from '${path}'\n`,
      resolveDir: folder,
    }))
  },
}

/** What the sources take from each entry of another package. */
function importedNames(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  const external = Object.keys(dependencies)
  for (const file of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue
    const text = readFileSync(join('src', file), 'utf8')
    for (const [, list, path] of text.matchAll(/^(?:im|ex)port \{([^}]*)\} from '(@x\/[^']+)'/gm)) {
      if (!external.some((name) => path === name || path.startsWith(`${name}/`))) continue
      const values = list.split(',').map((item) => item.trim().split(' as ')[0])
      const names = found.get(path) ?? new Set()
      for (const name of values) if (name !== '' && !name.startsWith('type ')) names.add(name)
      found.set(path, names)
    }
  }
  return found
}

rmSync('dist', { recursive: true, force: true })
await build({
  entryPoints,
  outdir: 'dist',
  bundle: true,
  // What users install stays an import; devDependencies (@x/assembly, the loader of its modules) become part of the package.
  external: Object.keys(dependencies),
  format: 'esm',
  platform: 'neutral',
  target: ['es2022', 'node20.19'],
  splitting: true,
  chunkNames: 'chunk-[hash]',
  sourcemap: true,
  sourcesContent: false,
  // Not minified, which a page's bundler does: Node prints the whole source line of an uncaught error.
  legalComments: 'none',
  // The shorter name of the same number.
  define: { 'Number.POSITIVE_INFINITY': 'Infinity' },
  logLevel: 'warning',
  plugins: [oneChunk, oneImport, loaderAlone, workerProgram, pureConstants],
})
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const { status } = spawnSync(process.execPath, [tsc, '-b'], { stdio: 'inherit' })
if (status !== 0) process.exit(1)
if ('@assemblyscript/loader' in devDependencies) {
  copyFileSync(join(root, 'node_modules/assemblyscript/LICENSE'), 'dist/loader.LICENSE')
}
if (exports['./kernels.wasm']) {
  copyFileSync(join(root, 'assembly/build', `${basename(folder)}.wasm`), 'dist/kernels.wasm')
}
