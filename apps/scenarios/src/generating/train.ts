// The loop that the generating scenarios share: random batches of digits, one compiled step, a plot of what it returns.
import { type Compiled, compile, type Generator, type Tensor, tensor, tidy } from '@x/tensor'
import type { Curve, Shown } from '../scenario.ts'

export const BATCH = 64

export interface Loop {
  readonly data: Tensor
  readonly steps: number
  readonly generator: Generator
  readonly breathe: () => Promise<void>
  /** Names of the numbers that a step returns. */
  readonly names: readonly string[]
  /** In what these are measured, for the y axis. */
  readonly unit: string
  /** One step on a batch [64, 64]; is compiled. */
  readonly step: (batch: Tensor) => Tensor[]
}

/** Runs the steps; shows how far it is and, now and then, the running means. */
export async function* loop({
  data,
  steps,
  generator,
  breathe,
  names,
  unit,
  step,
}: Loop): AsyncGenerator<Shown, number[]> {
  const compiled: Compiled<[Tensor], Tensor[]> = compile(step)
  const means: number[] = []
  const curves: Curve[] = names.map((name) => ({ name, x: [], y: [] }))
  const every = Math.max(1, Math.floor(steps / 100))
  for (let i = 1; i <= steps; i++) {
    const values = tidy(() => compiled(data.take(tensor(draw(generator, data.shape[0])))).map((v) => v.item()))
    values.forEach((value, k) => {
      means[k] = i === 1 ? value : means[k] + (value - means[k]) * Math.max(0.02, 1 / i)
    })
    if (i % every === 0 || i === steps) {
      curves.forEach((curve, k) => {
        ;(curve.x as number[]).push(i)
        ;(curve.y as number[]).push(means[k])
      })
      yield {
        kind: 'progress',
        done: i,
        of: steps,
        note: names.map((n, k) => `${n} ${means[k].toFixed(3)}`).join('  '),
      }
      yield { kind: 'plot', id: 'loss', title: 'losses, running means', x: 'step', y: unit, curves }
    }
    await breathe()
  }
  compiled.dispose()
  return means
}

/** Positions of a batch. */
function draw(generator: Generator, n: number): Int32Array {
  return generator.words(BATCH).map((word) => (word >>> 0) % n)
}
