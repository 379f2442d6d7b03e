// Builds the package in the current folder into dist: modules by esbuild, declarations by tsc, the kernels' wasm.
import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { build, type Plugin } from 'esbuild'

const root = join(import.meta.dirname, '..')
const folder = process.cwd()
const { exports, dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
const entryPoints = Object.values<string | Record<string, string>>(exports).flatMap((entry) =>
  typeof entry === 'object'
    ? [{ in: `entry:${entry['@x/source']}`, out: entry.default.slice('./dist/'.length, -'.js'.length) }]
    : [],
)

/**
 * Every entry takes along what the main one does, so that all of it ends in one shared chunk: each further file costs a
 * program a millisecond at its start, and whoever uses another entry uses the main one too.
 */
const oneChunk: Plugin = {
  name: 'one-chunk',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^entry:/ }, ({ path }) => ({ path: path.slice('entry:'.length), namespace: 'entry' }))
    onLoad({ filter: /.*/, namespace: 'entry' }, ({ path }) => ({
      contents: `import './src/index.ts'\nexport * from '${path}'\n`,
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
  plugins: [oneChunk, pureConstants],
})
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const { status } = spawnSync(process.execPath, [tsc, '-b'], { stdio: 'inherit' })
if (status !== 0) process.exit(1)
if (exports['./kernels.wasm']) {
  copyFileSync(join(root, 'assembly/build', `${basename(folder)}.wasm`), 'dist/kernels.wasm')
}
