// The one linear memory: every kernel module, worker and typed view looks at it. Created at first use.

const PAGE = 65536
const MAX_PAGES = 65536

/** Bytes below this address belong to the control block of the threads and the kernels' tables of constants. */
export const HEAP_BASE: number = PAGE

/** What the heap needs of a memory; WebAssembly.Memory is one. */
interface LinearMemory {
  readonly buffer: ArrayBufferLike
  grow(pages: number): unknown
}

/** Stands in for WebAssembly.Memory where the engine has none: the js backend runs on it. */
class PlainMemory implements LinearMemory {
  buffer: ArrayBuffer = new ArrayBuffer(PAGE)
  grow(pages: number): void {
    const before = this.buffer.byteLength / PAGE
    if (before + pages > MAX_PAGES / 2) throw new RangeError() // caught by growTo
    const grown = new ArrayBuffer((before + pages) * PAGE)
    new Uint8Array(grown).set(new Uint8Array(this.buffer))
    this.buffer = grown
  }
}

/** Whether memory can be shared with workers here: Node, Deno, Bun, and pages that are cross-origin isolated. */
function canShare(): boolean {
  return (
    typeof SharedArrayBuffer !== 'undefined' &&
    (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== false
  )
}

/** A memory, and how many pages it may have. */
function createMemory(shared: boolean): [memory: LinearMemory, maximum: number] {
  if (typeof WebAssembly === 'undefined') return [new PlainMemory(), MAX_PAGES / 2]
  // Shared memory reserves its maximum as address space: ask for less where 4 GiB is refused.
  for (let maximum = MAX_PAGES; maximum >= 4096; maximum /= 2) {
    try {
      return [new WebAssembly.Memory({ initial: 1, maximum, shared }), maximum]
    } catch {}
  }
  return [new WebAssembly.Memory({ initial: 1, maximum: 4096 }), 4096]
}

/**
 * The memory with one live view per element type. Growth replaces the views,
 * so read a field where it is used and never hold it across an allocation.
 */
class LinearViews {
  private memory: LinearMemory | null = null
  /** Whether the memory is (to be) shared with workers; settled when it is opened. */
  shared: boolean = canShare()
  /** How many bytes the engine lets it have at most; 0 until it is opened. */
  limit = 0
  declare f32: Float32Array
  declare f64: Float64Array
  declare i32: Int32Array
  declare u32: Uint32Array
  declare u8: Uint8Array
  declare i8: Int8Array
  declare i16: Int16Array
  declare u16: Uint16Array
  /** 16-bit floats as their bits. */
  declare f16: Uint16Array
  declare bf16: Uint16Array
  declare i64: BigInt64Array

  constructor() {
    this.refresh(new ArrayBuffer(0))
  }

  /** The memory, created when it is first asked for. */
  open(): LinearMemory {
    if (!this.memory) {
      const [memory, maximum] = createMemory(this.shared)
      this.memory = memory
      this.limit = maximum * PAGE
      // An engine may refuse what the page is allowed to share.
      this.shared = typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer
      this.refresh(memory.buffer)
    }
    return this.memory
  }

  get bytes(): number {
    return this.u8.length
  }

  /** Grows to hold at least `bytes`; false when the engine refuses. */
  growTo(bytes: number): boolean {
    const memory = this.open()
    const missing = Math.ceil((bytes - this.bytes) / PAGE)
    if (missing <= 0) return true
    const ample = missing + Math.min(2048, (this.bytes / PAGE) >> 2)
    for (const pages of [ample, missing]) {
      try {
        memory.grow(pages)
        this.refresh(memory.buffer)
        return true
      } catch {}
    }
    return false
  }

  private refresh(memory: ArrayBufferLike): void {
    const buffer = memory as ArrayBuffer
    this.f32 = new Float32Array(buffer)
    this.f64 = new Float64Array(buffer)
    this.i32 = new Int32Array(buffer)
    this.u32 = new Uint32Array(buffer)
    this.u8 = new Uint8Array(buffer)
    this.i8 = new Int8Array(buffer)
    this.i16 = new Int16Array(buffer)
    this.u16 = this.f16 = this.bf16 = new Uint16Array(buffer)
    this.i64 = new BigInt64Array(buffer)
  }
}

export const heap: LinearViews = new LinearViews()
