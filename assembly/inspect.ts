// Refuses a kernel module that holds anything but code and one table of constants.

/** Section ids of the WebAssembly binary format that a kernel module may contain. */
const allowed = new Map([
  [1, 'type'],
  [2, 'import'],
  [3, 'function'],
  [6, 'global'],
  [7, 'export'],
  [10, 'code'],
  [11, 'data'],
  [12, 'data count'],
])
const names = ['custom', '', '', '', 'table', 'memory', '', '', 'start', 'element', '', '', '', 'tag']

/**
 * Throws unless the module imports `env.memory` alone, has no table, start function, mutable global or custom section,
 * and keeps its constants within [base, limit).
 */
export function inspect(name: string, wasm: Uint8Array, { base, limit }: { base: number; limit: number }): void {
  const fail = (what: string): never => {
    throw new Error(`${name}.wasm: a kernel module must not have ${what}`)
  }
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(wasm as BufferSource))
  for (const { module, name } of imports)
    if (module !== 'env' || name !== 'memory') fail(`the import ${module}.${name}`)

  let at = 8
  const u32 = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++] as number
      value |= (byte & 127) << shift
      if (byte < 128) return value >>> 0
    }
  }
  while (at < wasm.length) {
    const id = wasm[at++] as number
    const size = u32()
    const end = at + size
    if (!allowed.has(id)) fail(`a ${names[id] || id} section`)
    if (id === 6) fail('globals (constants that are not folded, or state)')
    if (id === 11)
      for (let segments = u32(); segments > 0; segments--) {
        if (u32() !== 0 || wasm[at++] !== 0x41) fail('a passive data segment')
        const offset = u32()
        at++ // end of the offset expression
        const length = u32()
        if (offset < base || offset + length > limit)
          fail(`constants outside [${base}, ${limit}): they lie at ${offset}, ${length} bytes`)
        at += length
      }
    at = end
  }
}
