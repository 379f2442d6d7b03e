// The peers' own node_modules: installed from bench/peers/package-lock.json when they are wanted.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { npm } from '../../scripts/process.mjs'

export const peersFolder: string = join(import.meta.dirname, '../peers')
const readJson = (path: string) => JSON.parse(readFileSync(join(peersFolder, path), 'utf8'))

export function installPeers(): void {
  const wanted: Record<string, string> = readJson('package.json').dependencies
  if (Object.entries(wanted).every(([name, version]) => versionOf(name) === version)) return
  console.error('> npm ci in bench/peers')
  npm(['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], { cwd: peersFolder })
}

/** The installed version; undefined when it is not there. */
export function versionOf(name: string): string | undefined {
  const manifest = `node_modules/${name}/package.json`
  return existsSync(join(peersFolder, manifest)) ? readJson(manifest).version : undefined
}
