// Brings what is generated up to date before a task: node_modules from the lock, the kernels from assembly/.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { environment, npm, quietly } from './process.mjs'

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))

/** Tells whether everything the lock asks for is installed in the locked version; optional packages may be missing. */
function isInstalled(root) {
  const installedLock = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(installedLock)) return false
  const installed = readJson(installedLock).packages
  return Object.entries(readJson(join(root, 'package-lock.json')).packages).every(([path, wanted]) => {
    if (!path.includes('node_modules/') || wanted.optional || wanted.peer) return true
    const found = installed[path]
    return wanted.link ? found?.resolved === wanted.resolved : found?.version === wanted.version
  })
}

export function installWhenStale(root) {
  if (isInstalled(root)) return
  console.error('> npm ci')
  npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root })
}

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'build' && name !== 'node_modules' && !name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? sources(path) : [path]
    })
}

export function buildKernelsWhenStale(root) {
  const folder = join(root, 'assembly')
  const stamp = join(folder, 'build/.sources')
  const hash = createHash('sha256').update(readFileSync(join(root, 'node_modules/assemblyscript/package.json')))
  for (const path of sources(folder)) hash.update(path.slice(folder.length)).update(readFileSync(path))
  const digest = hash.digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return
  console.error('> building the kernels: assembly/build')
  rmSync(stamp, { force: true })
  quietly(process.execPath, ['build.ts'], { cwd: folder, env: environment() })
  writeFileSync(stamp, digest)
}
