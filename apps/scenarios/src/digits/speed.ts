// The same training steps on Wasm and on pure JavaScript, here and now.
import { dispose, tidy } from '@x/tensor'
import { threadsStatus } from '@x/tensor/threads'
import { type BackendName, useBackend } from '../backends.ts'
import type { SpeedEvent } from './events.ts'
import { type Images, pick, toInput, toTarget } from './images.ts'
import type { NetworkName } from './networks.ts'
import { BATCH_SIZE, learner } from './train.ts'

/** Turns that each backend takes; the first is not counted, for the engine optimises during it. */
const TURNS = 6
/** How long a turn may take at most on the slower backend, in milliseconds, and how many steps it has at most. */
const TURN_MS = 150
const MOST_STEPS = 10

/**
 * Times training steps on a batch of `images`: two networks that start alike, one per backend, take turns.
 * @param backend the one in force afterwards
 */
export async function measureSpeed(
  name: NetworkName,
  images: Images,
  { seed, backend, breathe }: { seed: number; backend: BackendName; breathe: () => Promise<void> },
): Promise<SpeedEvent> {
  const batch = pick(
    images,
    Array.from({ length: Math.min(BATCH_SIZE, images.labels.length) }, (_, i) => i),
  )
  const [x, y] = [toInput(batch), toTarget(batch.labels)]
  const sides = (['js', 'wasm'] as const).map((side) => ({
    side,
    ...learner(name, images, seed),
    times: [] as number[],
    losses: [] as number[],
  }))
  try {
    let steps = 1
    for (let turn = 0; turn < TURNS; turn++) {
      let slowest = 0
      for (const { side, step, times, losses } of sides) {
        useBackend(side)
        // The first step on a backend records, which is not what is timed.
        losses.push(tidy(() => step(x, y).item()))
        for (let i = 0; i < steps; i++) {
          const began = performance.now()
          losses.push(tidy(() => step(x, y).item()))
          const took = performance.now() - began
          slowest = Math.max(slowest, took)
          if (turn > 0) times.push(took)
          await breathe()
        }
        step.dispose()
      }
      // Both sides take as many steps as the slower one has time for.
      if (turn === 0) steps = Math.min(MOST_STEPS, Math.ceil(TURN_MS / slowest))
    }
    const [js, wasm] = sides
    const [jsMs, wasmMs] = [median(js.times), median(wasm.times)]
    const lossDifference = Math.max(...js.losses.map((loss, i) => Math.abs(loss - wasm.losses[i])))
    const { threads } = threadsStatus()
    return {
      kind: 'speed',
      network: name,
      batchSize: batch.labels.length,
      steps: js.times.length,
      threads,
      wasmMs,
      jsMs,
      ratio: jsMs / wasmMs,
      lossDifference,
    }
  } finally {
    useBackend(backend)
    for (const side of sides) side.dispose()
    dispose([x, y])
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}
