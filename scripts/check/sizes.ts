// What a page downloads: each package bundled whole (its wasm is inlined, its dependencies are not), minified, gzipped.
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { formatBytes, publishedPackages, readJson, root } from './workspace.ts'

/** Entries of a package that pages import; with what they need of the main one. */
const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  '@x/tensor': [
    'conv',
    'fft',
    'files',
    'linalg',
    'profile',
    'random',
    'safetensors',
    'special',
    'statistics',
    'threads',
  ],
  '@x/transformer': ['tokenizers', 'worker'],
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
  const classifying = `import { tidy, tensor } from '@x/tensor'
    import { loadSafetensors } from '@x/tensor/safetensors'
    import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential } from '@x/nn'
    const model = new Sequential(new Conv2d(1, 32, 3), new ReLU(), new MaxPool2d(2), new Flatten(), new Linear(288, 10))
    const bytes = new Uint8Array(await (await fetch('model.safetensors')).arrayBuffer())
    model.loadStateDict(loadSafetensors(bytes).tensors)
    model.eval()
    console.log(tidy(() => model.forward(tensor([1, 2], [1, 1, 8, 8])).argmax(-1).toArray()))`
  measured['a page that runs a trained convolutional network'] = await downloadSize(classifying, [])
  const tokenizing = `import { readTokenizerJson } from '@x/transformer/tokenizers'
    console.log(readTokenizerJson(document.body.textContent).encode('text'))`
  measured['a page that reads a tokenizer.json'] = await downloadSize(tokenizing, [])
  const writing = `import { loadInWorker } from '@x/transformer/worker'
    document.querySelector('input').onchange = async ({ target }) => {
      const model = await loadInWorker(target.files[0])
      for await (const piece of model.stream('Once upon a time', { temperature: 0.8 })) document.body.append(piece)
    }`
  measured['a page that writes with a model file'] = await downloadSize(writing, [])

  const budgets: Record<string, number> = readJson(join(import.meta.dirname, 'budgets.json'))
  const lines = Object.entries(measured).map(
    ([name, bytes]) => `${name} ${formatBytes(bytes)} of ${formatBytes(budgets[name] ?? 0)}`,
  )
  const isOver = Object.entries(measured).some(([name, bytes]) => bytes > (budgets[name] ?? 0))
  if (isOver) throw new Error(`over budget (gzip): ${lines.join(', ')}`)
  return `gzip ${lines.join(', ')}`
}
