// Builds the package in the current folder into dist: modules by esbuild, declarations by tsc, the kernels' wasm.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { build, type Plugin } from 'esbuild'

const root = join(import.meta.dirname, '..')
const folder = process.cwd()
const { exports, dependencies = {}, apart = [] } = JSON.parse(readFileSync('package.json', 'utf8'))
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
      contents: `${texts}import './src/index.ts'\nexport * from '${path}'\n`,
      resolveDir: folder,
      loader: 'ts',
    }))
    // Nothing of the package's own is left out of that chunk, used or not.
    onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => ({ path: join(resolveDir, path), sideEffects: true }))
  },
}

/**
 * Says that a constant which a call makes (an op, a kernel) has no other effect, so that a bundler leaves it out of a
 * page that does not use it. There are none in the packages that do more.
 */
const pureConstants: Plugin = {
  name: 'pure-constants',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(
        /^((?:export )?const \w+(?:: [^=\n]+)? =\s)(?=[a-zA-Z]\w*[<(])/gm,
        '$1/* @__PURE__ */ ',
      ),
      loader: 'ts',
    }))
  },
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
  // What users install stays an import; @x/assembly, a devDependency, becomes part of the package.
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
  logLevel: 'warning',
  plugins: [oneChunk, oneImport, pureConstants],
})
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const { status } = spawnSync(process.execPath, [tsc, '-b'], { stdio: 'inherit' })
if (status !== 0) process.exit(1)
if (exports['./kernels.wasm']) {
  copyFileSync(join(root, 'assembly/build', `${basename(folder)}.wasm`), 'dist/kernels.wasm')
}
