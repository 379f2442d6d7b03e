// A page: threads need cross-origin isolation, the rest does not.
import { smoke } from './smoke.js'

smoke({ threads: globalThis.crossOriginIsolated ? 2 : 1 }).then(
  (seen) => {
    document.title = `passed: ${seen}`
  },
  (error) => {
    document.title = `failed: ${error.stack}`
  },
)
