// Type-checks the repository, the packages as they are published, and the kernels with AssemblyScript's own library.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const tsc = join(root, 'node_modules/typescript/bin/tsc')
// packages/ sees neither Node's types nor the tests, and wants declarations that need no inference.
const failed = ['.', 'packages', 'assembly'].filter((project) => {
  const { status } = spawnSync(process.execPath, [tsc, '-p', project], { cwd: root, stdio: 'inherit' })
  return status !== 0
})
process.exit(failed.length ? 1 : 0)
