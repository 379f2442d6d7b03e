// What the checks share: where things are, the published packages, and running Node and npm to their end.
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { environment, quietly } from '../process.mjs'

export const root: string = join(import.meta.dirname, '../..')

export type Package = {
  name: string
  folder: string
  manifest: {
    private?: boolean
    description?: string
    scripts?: Record<string, string>
    exports?: Record<string, string | Record<string, string>>
    dependencies?: Record<string, string>
    devDependencies?: Record<string, string>
  }
}

export const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

/** The packages that are published. */
export function publishedPackages(): Package[] {
  const manifests = globSync('packages/*/package.json', { cwd: root }).sort()
  return manifests.map((path) => {
    const manifest = readJson(join(root, path))
    return { name: manifest.name, folder: join(root, dirname(path)), manifest }
  })
}

/** Runs a script under this Node (or another) and returns its output. @throws Error with that output when it fails */
export function runNode(args: string[], { cwd = root, node = process.execPath, env = {} } = {}): string {
  return quietly(node, args, { cwd, env: environment(env), timeout: 300_000 })
}

/** Builds all packages; turbo skips what has not changed. */
export function buildPackages(): void {
  runNode(['node_modules/turbo/bin/turbo', 'run', 'build', '--output-logs=errors-only'])
}

/** Calls `use` with an empty folder outside the repository, which is removed afterwards. */
export async function inTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'x-check-'))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export function formatBytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`
}
