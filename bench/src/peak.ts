// The most that the machine can do from Wasm: its 128-bit SIMD in operations per second, its memory in bytes read per second.
import { join } from 'node:path'
import asc from 'assemblyscript/asc'

/** Measures the peak again; takes about two milliseconds. */
export type PeakMeter = () => number

/** Measures again how many bytes per second come from a stretch of so many. */
export type ReadMeter = (bytes: number) => number

type Loop = (turns: number, scale: number, shift: number) => number

const TURNS = 20_000
const OPERATIONS = TURNS * 12 * 4 * 2

/** Builds the loop of kernels/peak.ts with separate and, where the engine has it, fused multiply-add: the better counts. */
export async function openPeakMeter(): Promise<PeakMeter> {
  const built = await Promise.all([build('peak', []), build('peak', ['--enable', 'relaxed-simd'])])
  const loops = built.flatMap((exports) => (exports ? [exports.peak as Loop] : []))
  return () => Math.max(...loops.map(speedOf))
}

function speedOf(loop: Loop): number {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < 8; i++) {
    const start = performance.now()
    loop(TURNS, 0.999, 0.001)
    best = Math.min(best, performance.now() - start)
  }
  return (OPERATIONS / best) * 1e3
}

/** The most that is read at once: beyond, nothing is in any cache. */
const MOST_BYTES = 2 ** 29
/** How long reading is measured at least, and how often. */
const READ_MS = 4
const READS = 3

/** Builds the loop of kernels/read.ts; memory is there from the first call on. */
export async function openReadMeter(): Promise<ReadMeter> {
  const { read, reserve } = (await build('read', [])) as Record<string, (...args: number[]) => number>
  let [reserved, from] = [0, 0]
  return (bytes) => {
    const n = Math.ceil(Math.min(bytes, MOST_BYTES) / 256) * 256
    if (n > reserved) {
      from = reserve(n)
      if (from === 0) throw new Error(`there is no memory of ${n} bytes to read`)
      reserved = n
    }
    let best = Number.POSITIVE_INFINITY
    for (const streams of [1, 4]) {
      const until = performance.now() + READ_MS
      for (let i = 0; i < READS || performance.now() < until; i++) {
        const start = performance.now()
        read(from, n, streams)
        best = Math.min(best, performance.now() - start)
      }
    }
    return (n / best) * 1e3
  }
}

async function build(name: 'peak' | 'read', features: readonly string[]): Promise<WebAssembly.Exports | null> {
  const files: Record<string, string | Uint8Array> = {}
  const { error, stderr } = await asc.main(
    [
      ...[`${name}.ts`, '--baseDir', join(import.meta.dirname, '../kernels'), '--outFile', 'out.wasm'],
      ...['-O3', '--runtime', 'stub', '--noAssert', '--use', 'abort=', '--enable', 'simd', ...features],
    ],
    { writeFile: (path, contents) => void (files[path] = contents) },
  )
  if (error) throw new Error(`kernels/${name}.ts does not build: ${stderr.toString()}`)
  const wasm = files['out.wasm'] as Uint8Array<ArrayBuffer>
  if (!WebAssembly.validate(wasm)) return null
  return new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports
}
