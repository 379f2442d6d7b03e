// How training goes: a bar that moves in a terminal, a line per epoch where the output goes elsewhere.
import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  step(step: number, note: string): void
  epoch(line: string): void
  end(): void
}

/** @param of number of steps in all */
export function progress(of: number): Progress {
  if (!process.stdout.isTTY) return { step: () => {}, epoch: (line) => console.log(line), end: () => {} }
  const bar = new SingleBar(
    { format: '{bar} {text}', barsize: 24, fps: 20, stream: process.stdout },
    Presets.shades_classic,
  )
  let text = ''
  bar.start(of, 0, { text })
  return {
    step: (step, note) => bar.update(step, { text: text || note }),
    epoch: (line) => {
      text = line
      bar.update({ text })
    },
    end: () => bar.stop(),
  }
}
