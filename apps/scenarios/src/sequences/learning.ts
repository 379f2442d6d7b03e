// The loop that the scenarios about language share: one compiled step, batch after batch, and the loss drawn as it falls.
import { valueAndGrad } from '@x/autograd'
import { clipGradNorm, type Optimizer } from '@x/nn'
import type { LRScheduler } from '@x/nn/schedules'
import { compile, type Generator, type Tensor, tidy } from '@x/tensor'
import type { Curve, Shown } from '../scenario.ts'

export interface Learning<Batch extends [] | Tensor[]> {
  /** Of the plot: what the loss is taken per. */
  readonly title: string
  readonly steps: number
  readonly optimizer: Optimizer
  /** Goes on with every step. */
  readonly schedule?: LRScheduler
  /** The next batch. All are of the same shapes, so that the step is recorded once. */
  readonly next: () => Batch
  readonly lossOf: (...batch: Batch) => Tensor
  readonly breathe: () => Promise<void>
  /** Of the curve, where there are several. */
  readonly name?: string
  /** Those that are in the plot; the new one joins them. */
  readonly curves?: Curve[]
  /** Shows something more behind step i. */
  readonly after?: (i: number) => AsyncIterable<Shown>
}

/** Minimises the loss, with the gradient clipped at the norm 1. */
export async function* learn<Batch extends [] | Tensor[]>(learning: Learning<Batch>): AsyncGenerator<Shown, void> {
  const { title, steps, optimizer, schedule, next, lossOf, breathe, name, curves = [], after } = learning
  const [x, y]: [number[], number[]] = [[], []]
  curves.push({ name: name ?? 'loss', x, y })
  const parameters = [...optimizer.parameters]
  const step = compile((...batch: Batch): Tensor => {
    const { value, grads } = valueAndGrad(() => lossOf(...batch), parameters)
    optimizer.step(clipGradNorm(grads, 1).grads)
    return value
  })
  for (let i = 1; i <= steps; i++) {
    const value = tidy(() => step(...next()).item())
    schedule?.step()
    if (i % 10 === 0) {
      x.push(i)
      y.push(value)
      const note = `${name ? `${name}: ` : ''}loss ${value.toFixed(3)}`
      yield { kind: 'progress', done: i, of: steps, note }
      yield { kind: 'plot', id: 'loss', title, x: 'step', y: 'nats', curves }
    }
    if (after) yield* after(i)
    await breathe()
  }
  step.dispose()
}

/** `count` of them, each as likely as the others. */
export const drawn = <T>(list: readonly T[], count: number, generator: Generator): T[] =>
  Array.from(generator.words(count), (word) => list[(word >>> 0) % list.length])
