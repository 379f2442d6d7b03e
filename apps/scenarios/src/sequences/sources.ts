// This project's own sources and documents: read from the disk in Node, bundled with the page by Vite.

/** The folders that are read, from here. */
const FOLDERS = ['../../../../packages/tensor/src/ops/', '../../../../packages/nn/src/', '../../../../docs/']

interface FileSystem {
  readdirSync(path: URL, options: { recursive: true }): string[]
  readFileSync(path: URL, encoding: 'utf8'): string
}

/** All code but for tests, a file after the other in the order of their names. */
export async function ownSources(): Promise<string> {
  return (await ownFiles()).flatMap(({ kind, text }) => (kind === 'code' ? [text] : [])).join('\n')
}

/** What a file is for: read by machines, by people, or to hold the machines to it. */
export const KINDS = ['code', 'prose', 'test'] as const

export interface OwnFile {
  /** From its folder on. */
  readonly name: string
  readonly kind: (typeof KINDS)[number]
  readonly text: string
}

/** Sources, documents and tests, in the order of their names. */
export async function ownFiles(): Promise<OwnFile[]> {
  const files = bundled() ?? fromDisk()
  const kindOf = (path: string): OwnFile['kind'] =>
    path.endsWith('.md') ? 'prose' : path.endsWith('.test.ts') ? 'test' : 'code'
  const paths = Object.keys(files).sort()
  return Promise.all(
    paths.map(async (path) => ({
      name: path.replace(/^(\.\.\/)+(packages\/)?/, ''),
      kind: kindOf(path),
      text: await files[path](),
    })),
  )
}

type Files = Readonly<Record<string, () => string | Promise<string>>>

/** What Vite puts into the page; null where it has no part in this. */
function bundled(): Files | null {
  // Written so that Vite sees it, which sets it.
  if (!(import.meta as { env?: object }).env) return null
  return import.meta.glob(
    ['../../../../packages/tensor/src/ops/**/*.ts', '../../../../packages/nn/src/**/*.ts', '../../../../docs/**/*.md'],
    { query: '?raw', import: 'default' },
  ) as Files
}

function fromDisk(): Files {
  const { process } = globalThis as unknown as { process: { getBuiltinModule(name: string): FileSystem } }
  const fs = process.getBuiltinModule('node:fs')
  return Object.fromEntries(
    FOLDERS.flatMap((folder) => {
      const url = new URL(folder, import.meta.url)
      const names = fs.readdirSync(url, { recursive: true }).filter((name) => /\.(ts|md)$/.test(name))
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
