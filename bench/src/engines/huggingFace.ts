// @huggingface/tokenizers: plain JavaScript.
import { load } from '../../peers/load.mjs'
import { comparedSteps, type Engine, type Numbers } from '../engine.ts'
import type { Foreign, Program, Steps } from '../workload.ts'
import { textOf } from '../workloads/tokenizing.ts'

export async function openHuggingFace(): Promise<Engine> {
  const library = await load('@huggingface/tokenizers')
  return {
    start(workload, { text }) {
      const steps = workload.huggingFace as Steps<(library: Foreign, x: Foreign) => Program<Foreign>>
      const begin = (): Program<Foreign> => steps.start(library, { text: textOf(text.data) })
      const program = begin()
      return {
        operations: 1,
        run: () => void program.step(),
        async results() {
          const fresh = begin()
          return Array.from({ length: comparedSteps(workload) }, (): Numbers => {
            fresh.step()
            return fresh.read?.()
          })
        },
        close() {},
      }
    },
  }
}
