// @x/tensor/safetensors: model files as bytes, at once. From paths, pages, shards and piece by piece in files/safetensors.ts.
import { type Entry, headerEnd, partsOf, readEntry, readHeader } from './files/safetensorsFormat.ts'
import { tidy } from './memory/scope.ts'
import type { Tensor } from './tensor.ts'

/** Named tensors and the file's free text. */
export interface SafetensorsFile {
  readonly tensors: Record<string, Tensor>
  readonly metadata: Record<string, string>
}

/** The bytes of a safetensors file with the tensors under their names, any dtype. */
export function saveSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const parts = [...partsOf(tensors, metadata)]
  const file = new Uint8Array(parts.reduce((n, part) => n + part.length, 0))
  let at = 0
  for (const part of parts) {
    file.set(part, at)
    at += part.length
  }
  return file
}

/**
 * Reads the bytes of a safetensors file. From a path, URL, File or Response, and for sharded files, there is the
 * function of the same name in `@x/tensor/files`, which gives a promise.
 * @throws FormatError naming the offset and the reason when the bytes are not a valid file
 */
export function loadSafetensors(source: ArrayBuffer | Uint8Array): SafetensorsFile {
  if (!(source instanceof Uint8Array || source instanceof ArrayBuffer))
    throw new TypeError('loadSafetensors: give the bytes of a file; loadSafetensors of @x/tensor/files reads names')
  // A plain view: slices of Node's Buffer are not copies.
  const file =
    source instanceof Uint8Array
      ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
      : new Uint8Array(source)
  const start = headerEnd(file, file.length)
  const { entries, metadata } = readHeader(file.slice(8, start), file.length)
  // fromEntries makes own properties of any name, `__proto__` too; tidy frees the first if a later one is unknown.
  const tensors = tidy(() => {
    const read = (entry: Entry): Tensor => readEntry(entry, file.subarray(entry.begin, entry.end))
    return Object.fromEntries(entries.map((entry) => [entry.name, read(entry)]))
  })
  return { tensors, metadata }
}
