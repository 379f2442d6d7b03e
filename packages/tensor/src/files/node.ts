// The file system of Node, Deno and Bun, asked for at run time: bundles for pages need no configuration.

/** What is used of an open file. */
export interface Handle {
  stat(): Promise<{ readonly size: number }>
  read(into: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>
  write(bytes: Uint8Array, offset: number): Promise<{ readonly bytesWritten: number }>
  close(): Promise<void>
}

/** What is used of `node:fs/promises`. */
export interface FileSystem {
  open(path: string | URL, flags: 'r' | 'w'): Promise<Handle>
}

/** Null where there are no files. */
export function fileSystem(): FileSystem | null {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => FileSystem | undefined } }
  return process?.getBuiltinModule?.('node:fs/promises') ?? null
}
