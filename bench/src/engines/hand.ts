// Plain JavaScript, written by hand for the workload.
import { comparedSteps, type Engine, type Numbers } from '../engine.ts'

export function openHand(): Engine {
  return {
    start(workload, values) {
      const begin = workload.hand as NonNullable<typeof workload.hand>
      const program = begin.start(values)
      return {
        operations: 1,
        run: () => void program.step(),
        async results() {
          const fresh = begin.start(values)
          return Array.from({ length: comparedSteps(workload) }, () => fresh.step() as Numbers)
        },
        close() {},
      }
    },
  }
}
