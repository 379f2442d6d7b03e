// A folder outside the repository for what is fetched once per machine: a newer Node, a browser.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

/** Returns the first of the user's cache folder and the temporary folder that can be written to. */
function cacheRoot() {
  const home = process.env.XDG_CACHE_HOME || (homedir() !== '/' && join(homedir(), '.cache'))
  for (const base of [home, tmpdir()]) {
    if (!base) continue
    try {
      const folder = join(base, 'x-monorepo')
      mkdirSync(folder, { recursive: true })
      rmSync(mkdtempSync(join(folder, '.probe-')), { recursive: true })
      return folder
    } catch {}
  }
  throw new Error('neither the user cache folder nor the temporary folder can be written to')
}

/**
 * Returns the cached folder `name`. When it is not there, `fill(folder)` fills a new one, which is then renamed into
 * place, so an interrupted or concurrent fill never leaves half a folder.
 */
export async function cachedFolder(name, fill) {
  const root = cacheRoot()
  const folder = join(root, name.replaceAll('/', '+'))
  if (existsSync(folder)) return folder
  const fresh = mkdtempSync(join(root, '.filling-'))
  try {
    await fill(fresh)
    if (!existsSync(folder)) renameSync(fresh, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  return folder
}
