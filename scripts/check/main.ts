// Runs the checks: npm run check [-- NAME…]. Each returns one line about what it saw, or throws what is wrong.

import { docs } from './docs.ts'
import { imports } from './imports.ts'
import { kernels } from './kernels.ts'
import { packages } from './packages.ts'
import { readme } from './readme.ts'
import { sizes } from './sizes.ts'
import { tarballs } from './tarballs.ts'
import { buildPackages } from './workspace.ts'

const checks: Record<string, { run: () => string | Promise<string>; built?: boolean }> = {
  imports: { run: imports },
  kernels: { run: kernels },
  sizes: { run: sizes, built: true },
  packages: { run: packages, built: true },
  tarballs: { run: tarballs, built: true },
  readme: { run: readme },
  docs: { run: docs },
}

let build: Promise<void> | undefined
const built = () => {
  const again = build !== undefined
  build ??= Promise.resolve().then(buildPackages)
  return again ? build.catch(() => Promise.reject(new Error('the packages do not build, see above'))) : build
}

const names = process.argv.slice(2).length ? process.argv.slice(2) : Object.keys(checks)
for (const name of names) {
  const check = checks[name]
  try {
    if (!check) throw new Error(`no such check: one of ${Object.keys(checks).join(', ')}`)
    if (check.built) await built()
    console.log(`✓ ${name}: ${await check.run()}`)
  } catch (error) {
    console.log(`✗ ${name}: ${(error as Error).message}`)
    process.exitCode = 1
  }
}
process.exit()
