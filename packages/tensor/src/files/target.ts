// Where bytes go to: memory, paths in Node, file handles of pages, streams.
import { fileSystem } from './node.ts'
import { type Bytes, joined } from './source.ts'

/** What files are written to: a path or `file:` URL (in Node, Deno, Bun), a file handle of a page, or a stream. */
export type Target = string | URL | FileHandle | WritableStream<Uint8Array>

/** FileSystemFileHandle where its type is known: programs for Node alone may have no types of the Web. */
type FileHandle = typeof globalThis extends { FileSystemFileHandle: { prototype: infer H } } ? H : never

/** Takes bytes one piece after the other. */
interface Writer {
  write(bytes: Bytes): Promise<void>
  close(): Promise<void>
}

/**
 * Writes the parts one after the other, each made when the one before is written. Without a target, the bytes.
 * @throws TypeError for what is no target
 */
export async function write(
  op: string,
  parts: Iterable<Bytes> | AsyncIterable<Bytes>,
  to: Target | undefined,
): Promise<Bytes | undefined> {
  if (to === undefined) {
    const all: Bytes[] = []
    for await (const part of parts) all.push(part)
    return all.length === 1 ? all[0] : joined(all)
  }
  const writer = await open(op, to)
  try {
    for await (const part of parts) await writer.write(part)
  } finally {
    await writer.close()
  }
  return undefined
}

async function open(op: string, to: Target): Promise<Writer> {
  if (typeof to === 'string' || to instanceof URL) {
    const fs = fileSystem()
    const url = to instanceof URL ? to : /^file:/i.test(to) ? new URL(to) : null
    if (!fs || (url && url.protocol !== 'file:')) {
      throw new TypeError(`${op}: cannot write to ${to} here; without { to } the bytes are returned`)
    }
    const handle = await fs.open(url ?? to, 'w')
    return {
      async write(bytes) {
        for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten
      },
      close: () => handle.close(),
    }
  }
  const stream = typeof to === 'object' && to !== null && 'createWritable' in to ? await to.createWritable() : to
  if (typeof WritableStream === 'undefined' || !(stream instanceof WritableStream)) {
    throw new TypeError(`${op}: { to } is no path, file: URL, file handle or WritableStream`)
  }
  const writer: WritableStreamDefaultWriter<Bytes> = stream.getWriter()
  return { write: (bytes) => writer.write(bytes), close: () => writer.close() }
}
