// Layout of the control block, in 32-bit words from address 0 of the shared memory. The pool writes, workers read.

/** job << 12 | chunks that nobody has taken yet. Claimed by compare-and-swap, so a claim is never of another job. */
export const NEXT = 0
/** Chunks finished of the present job. */
export const DONE = 1
/** Number of the kernel to run, and what it gets. */
export const KERNEL = 2
export const ARG_COUNT = 3
/** 1 if the kernel takes a workspace. */
export const SCRATCH = 4
/** Units of work, and how many make a chunk. */
export const WORK = 5
export const CHUNK = 6
/** Workers parked in Atomics.wait. */
export const PARKED = 7
/** Counts requests that workers go back to their event loop, to hear of new modules. */
export const RECALL = 8
/** One word per worker: who may work in that place. A dismissed worker finds another number than its own and stops. */
export const MEMBERS = 96
/** One word per worker: how many modules it has loaded. */
export const LOADED = 160
/** Doubles: the kernel's arguments, from this byte address. */
export const ARGS_BYTE = 64
export const MAX_ARGS = 40

export const CHUNK_BITS = 12
export const CHUNK_MASK = 4095
