// The kind of each byte of a module, as the reader of texts finds it (unpack.ts): the writer asks a compiled one.

interface Reader {
  readonly kind: WebAssembly.Global<'i32'>
  put(byte: number): void
}

export type KindsOf = (module: Uint8Array) => Uint8Array

/** Asks the reader compiled to `wasm`. */
export const kindsBy =
  (wasm: BufferSource): KindsOf =>
  (module) => {
    const reader = new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports as unknown as Reader
    return module.map((byte) => {
      const kind = reader.kind.value
      reader.put(byte)
      return kind
    })
  }
