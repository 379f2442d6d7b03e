// The documents that are made from the code are up to date.
import { join } from 'node:path'
import { root, runNode } from './workspace.ts'

export function docs(): string {
  runNode(['--conditions=@x/source', '--disable-warning=ExperimentalWarning', join(root, 'scripts/docs.ts'), '--check'])
  return 'docs/kernels.md and docs/api are what the code says, and every export has a docstring'
}
