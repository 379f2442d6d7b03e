// What the tarballs promise: publint looks at the manifest and the files, attw at how TypeScript resolves them.

import { packAll } from './pack.ts'
import { inTemporaryFolder, runNode } from './workspace.ts'

export function packages(): Promise<string> {
  return inTemporaryFolder(async (folder) => {
    const tarballs = packAll(folder)
    for (const tarball of tarballs.values()) {
      runNode(['node_modules/publint/src/cli.js', 'run', tarball, '--strict'])
      const attw = [
        'node_modules/@arethetypeswrong/cli/dist/index.js',
        tarball,
        '--profile',
        'esm-only',
        '--no-emoji',
        '--no-color',
      ]
      runNode([...attw, '--exclude-entrypoints', './kernels.wasm', './package.json'])
    }
    return `publint and attw accept ${[...tarballs.keys()].join(', ')}`
  })
}
