// The most that the machine's 128-bit SIMD can do from Wasm, in operations per second.
import { join } from 'node:path'
import asc from 'assemblyscript/asc'

/** Measures the peak again; takes about two milliseconds. */
export type PeakMeter = () => number

type Loop = (turns: number, scale: number, shift: number) => number

const TURNS = 20_000
const OPERATIONS = TURNS * 12 * 4 * 2

/** Builds the loop of kernels/peak.ts with separate and, where the engine has it, fused multiply-add: the better counts. */
export async function openPeakMeter(): Promise<PeakMeter> {
  const loops = (await Promise.all([build([]), build(['--enable', 'relaxed-simd'])])).filter((loop) => loop !== null)
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

async function build(features: readonly string[]): Promise<Loop | null> {
  const files: Record<string, string | Uint8Array> = {}
  const { error, stderr } = await asc.main(
    [
      ...['peak.ts', '--baseDir', join(import.meta.dirname, '../kernels'), '--outFile', 'peak.wasm'],
      ...['-O3', '--runtime', 'stub', '--noAssert', '--use', 'abort=', '--enable', 'simd', ...features],
    ],
    { writeFile: (path, contents) => void (files[path] = contents) },
  )
  if (error) throw new Error(`kernels/peak.ts does not build: ${stderr.toString()}`)
  const wasm = files['peak.wasm'] as Uint8Array<ArrayBuffer>
  if (!WebAssembly.validate(wasm)) return null
  return new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports.peak as Loop
}
