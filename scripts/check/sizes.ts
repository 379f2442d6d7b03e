// What a page downloads: each package bundled whole (its wasm is inlined, its dependencies are not), minified, gzipped.
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { formatBytes, publishedPackages, readJson, root } from './workspace.ts'

/** Entries of a package that pages import; with what they need of the main one. */
const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  '@x/tensor': ['conv', 'fft', 'files', 'linalg', 'profile', 'random', 'special', 'statistics'],
  '@x/transformer': ['tokenizers'],
}

/** Bytes of the bundle of a module text, gzipped. */
async function downloadSize(text: string, external: string[]): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: text, resolveDir: join(root, 'bench') },
    bundle: true,
    external,
    format: 'esm',
    minify: true,
    write: false,
    logLevel: 'silent',
  })
  return gzipSync(outputFiles[0].contents, { level: 9 }).length
}

export async function sizes(): Promise<string> {
  const measured: Record<string, number> = {}
  for (const { name, manifest } of publishedPackages()) {
    const others = Object.keys(manifest.dependencies ?? {}).filter((dependency) => dependency.startsWith('@x/'))
    measured[name] = await downloadSize(`export * from '${name}'`, others)
    for (const entry of ENTRIES[name] ?? []) {
      measured[`${name}/${entry}`] = await downloadSize(`export * from '${name}/${entry}'`, others)
    }
  }
  const page = `import { softmax, tensor } from '@x/tensor'
    const x = tensor([[1, 2], [3, 4]])
    console.log(softmax(x.matmul(x)).toString())`
  measured['a page with one product and one softmax'] = await downloadSize(page, [])
  const tokenizing = `import { readTokenizerJson } from '@x/transformer/tokenizers'
    console.log(readTokenizerJson(document.body.textContent).encode('text'))`
  measured['a page that reads a tokenizer.json'] = await downloadSize(tokenizing, [])

  const budgets: Record<string, number> = readJson(join(import.meta.dirname, 'budgets.json'))
  const lines = Object.entries(measured).map(
    ([name, bytes]) => `${name} ${formatBytes(bytes)} of ${formatBytes(budgets[name] ?? 0)}`,
  )
  const isOver = Object.entries(measured).some(([name, bytes]) => bytes > (budgets[name] ?? 0))
  if (isOver) throw new Error(`over budget (gzip): ${lines.join(', ')}`)
  return `gzip ${lines.join(', ')}`
}
