// This project's own sources as one text: read from the disk in Node, bundled with the page by Vite.

/** The folders that are read, from here. */
const FOLDERS = ['../../../../packages/tensor/src/ops/', '../../../../packages/nn/src/']

interface FileSystem {
  readdirSync(path: URL, options: { recursive: true }): string[]
  readFileSync(path: URL, encoding: 'utf8'): string
}

/** All of it, a file after the other in the order of their names. */
export async function ownSources(): Promise<string> {
  const files = bundled() ?? fromDisk()
  const texts = await Promise.all(
    Object.keys(files)
      .filter((path) => !path.endsWith('.test.ts'))
      .sort()
      .map((path) => files[path]()),
  )
  return texts.join('\n')
}

type Files = Readonly<Record<string, () => string | Promise<string>>>

/** What Vite puts into the page; null where it has no part in this. */
function bundled(): Files | null {
  // Written so that Vite sees it, which sets it.
  if (!(import.meta as { env?: object }).env) return null
  return import.meta.glob(['../../../../packages/tensor/src/ops/**/*.ts', '../../../../packages/nn/src/**/*.ts'], {
    query: '?raw',
    import: 'default',
  }) as Files
}

function fromDisk(): Files {
  const { process } = globalThis as unknown as { process: { getBuiltinModule(name: string): FileSystem } }
  const fs = process.getBuiltinModule('node:fs')
  return Object.fromEntries(
    FOLDERS.flatMap((folder) => {
      const url = new URL(folder, import.meta.url)
      const names = fs.readdirSync(url, { recursive: true }).filter((name) => name.endsWith('.ts'))
      return names.map((name) => [folder + name, () => fs.readFileSync(new URL(name, url), 'utf8')])
    }),
  )
}

declare global {
  interface ImportMeta {
    glob(
      patterns: readonly string[],
      options: { query: string; import: string },
    ): Record<string, () => Promise<unknown>>
  }
}
