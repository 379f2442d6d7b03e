// Letting other work run: a long computation in a page, a worker or a server must stay reachable.

/** The longest stretch of computing between two breaths, in milliseconds. */
const STRETCH = 20

/**
 * A function to be awaited often in a long computation: it gives way to messages, timers and rendering when 20 ms have
 * passed since it last did, and throws the signal's reason once that is aborted.
 */
export function pace(signal?: AbortSignal): () => Promise<void> {
  let last = performance.now()
  return async () => {
    signal?.throwIfAborted()
    if (performance.now() - last < STRETCH) return
    await nextTask()
    last = performance.now()
    signal?.throwIfAborted()
  }
}

/** A message to ourselves comes after all that waits now. Timers would come later: browsers delay them by 4 ms. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}
