// What a page with one product and one softmax costs before it computes: bytes to download, and time from the import to
// the first result in a fresh process.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { loaderAlone } from '../../scripts/loaderAlone.ts'
import { load } from '../peers/load.mjs'
import { type Column, isPeer } from './columns.ts'
import { Graph } from './engines/ort.ts'
import { peersFolder } from './peers.ts'
import { median } from './timing.ts'

/** What is shipped for one library. */
export interface Shipping {
  readonly key: string
  /** JavaScript and Wasm, minified, gzipped. */
  readonly bytes?: number
  /** Milliseconds, median of several processes. */
  readonly ms?: number
  readonly error?: string
}

interface Page {
  readonly text: string
  /** Files beside the bundle, in bench/peers/node_modules. */
  readonly files?: readonly string[]
}

const pages: Readonly<Record<string, () => Page | Promise<Page>>> = {
  wasm: () => ({
    text: `import { tensor } from '@x/tensor'
      const x = tensor([[1, 2], [3, 4]])
      console.log(x.matmul(x).softmax().toString())`,
  }),
  'tfjs-wasm': () => ({
    text: `import { matMul, setBackend, softmax, tensor2d } from '@tensorflow/tfjs-core'
      import '@tensorflow/tfjs-backend-wasm'
      await setBackend('wasm')
      const x = tensor2d([[1, 2], [3, 4]])
      console.log((await softmax(matMul(x, x)).data()).join())`,
    files: ['@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm'],
  }),
  'ort-web': async () => ({
    text: `import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm'
      env.wasm.numThreads = 1
      const model = Uint8Array.from(atob('${await productAndSoftmax()}'), (c) => c.charCodeAt(0))
      const session = await InferenceSession.create(model, { executionProviders: ['wasm'] })
      const { t1 } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 2, 3, 4), [2, 2]) })
      console.log(t1.data.join())`,
    files: ['onnxruntime-web/dist/ort-wasm-simd-threaded.wasm', 'onnxruntime-web/dist/ort-wasm-simd-threaded.mjs'],
  }),
  'jax-js': () => ({
    text: `import { defaultDevice, init, nn, numpy as np } from '@jax-js/jax'
      await init('wasm')
      defaultDevice('wasm')
      const x = np.array([[1, 2], [3, 4]])
      console.log((await nn.softmax(np.matmul(x.ref, x)).data()).join())`,
  }),
  'numpy-ts': () => ({
    text: `import { array, divide, exp, matmul, max, subtract, sum } from 'numpy-ts'
      const x = array([[1, 2], [3, 4]])
      const y = matmul(x, x)
      const e = exp(subtract(y, max(y, -1, true)))
      console.log(divide(e, sum(e, -1, true)).toString())`,
  }),
}

/** Measures ours and the chosen peers, the processes interleaved. */
export async function shipping(columns: readonly Column[], rounds: number): Promise<Shipping[]> {
  const chosen = columns.filter((column) => column.key in pages)
  const folder = join(peersFolder, '.pages')
  mkdirSync(folder, { recursive: true })
  try {
    const bytes = new Map<string, number | Error>()
    for (const column of chosen) {
      const page = await pages[column.key]()
      bytes.set(column.key, await downloadOf(page).catch((error: Error) => error))
      // Peers run as npm installs them; our packages are bundled, which is how they are published.
      writeFileSync(join(folder, `${column.key}.mjs`), isPeer(column) ? page.text : await bundle(page.text, 'node'))
    }
    const times = new Map<string, number[]>(chosen.map(({ key }) => [key, []]))
    const errors = new Map<string, string>()
    for (let round = 0; round < rounds; round++) {
      for (const { key } of chosen) {
        const taken = timeOfImport(join(folder, `${key}.mjs`))
        if (typeof taken === 'number') times.get(key)?.push(taken)
        else errors.set(key, taken)
      }
    }
    return chosen.map(({ key }) => {
      const size = bytes.get(key)
      const found = times.get(key) as number[]
      const error = errors.get(key) ?? (size instanceof Error ? size.message.split('\n')[0] : undefined)
      return {
        key,
        ...(typeof size === 'number' && { bytes: size }),
        ...(found.length > 0 && { ms: median(found) }),
        ...(error && { error }),
      }
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Milliseconds, or what went wrong. */
function timeOfImport(file: string): number | string {
  const script = `const start = performance.now(); await import(${JSON.stringify(file)}); console.log('took', performance.now() - start); process.exit()`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    // numpy-ts now and then never ends, after it has printed.
    timeout: 15_000,
    killSignal: 'SIGKILL',
  })
  const taken = stdout.match(/^took (.*)$/m)
  return taken ? Number(taken[1]) : (stderr.match(/^\w*Error.*$/m)?.[0] ?? 'no result')
}

async function downloadOf({ text, files = [] }: Page): Promise<number> {
  const compressed = (contents: Uint8Array): number => gzipSync(contents, { level: 9 }).length
  const beside = files.map((file) => compressed(readFileSync(join(peersFolder, 'node_modules', file))))
  return compressed(Buffer.from(await bundle(text, 'browser'))) + beside.reduce((sum, n) => sum + n, 0)
}

async function bundle(text: string, platform: 'browser' | 'node'): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: text, resolveDir: peersFolder },
    ...{ bundle: true, format: 'esm', minify: true, write: false, logLevel: 'silent', platform, target: 'es2022' },
    conditions: ['@x/source'],
    external: ['node:*'],
    plugins: [loaderAlone],
  })
  return outputFiles[0].text
}

/** An ONNX model of softmax(x · x), in base64. */
async function productAndSoftmax(): Promise<string> {
  const { onnx } = (await load('onnx-proto')).default
  const graph = new Graph(onnx, { x: { dtype: 'float32', shape: [2, 2] } })
  const y = graph.node('Softmax', [graph.node('MatMul', ['x', 'x'])], { axis: -1 })
  return Buffer.from(graph.bytes(y)).toString('base64')
}
