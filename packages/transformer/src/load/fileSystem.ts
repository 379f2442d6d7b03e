// Folders and whole files of Node, Deno and Bun, asked for at run time: bundles for pages need no configuration.

/** What is used of `node:fs/promises`. */
export interface FileSystem {
  mkdir(path: string, options: { recursive: true }): Promise<unknown>
  readFile(path: string): Promise<Uint8Array<ArrayBuffer>>
  writeFile(path: string, bytes: Uint8Array): Promise<void>
  rename(from: string, to: string): Promise<void>
  rm(path: string, options: { force: true }): Promise<void>
}

/** Undefined where there are no files. */
export function fileSystem(): FileSystem | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => FileSystem | undefined } }
  return process?.getBuiltinModule?.('node:fs/promises')
}
