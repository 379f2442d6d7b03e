// Where the figures come from.
import { spawnSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly platform: string
  readonly runtime: string
  readonly commit: string
}

export function machine(): Machine {
  const git = (...args: string[]): string =>
    spawnSync('git', args, { encoding: 'utf8', cwd: import.meta.dirname }).stdout?.trim() ?? ''
  const commit = git('rev-parse', '--short=10', 'HEAD') || 'unknown'
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    runtime: `Node ${process.versions.node}, V8 ${process.versions.v8}`,
    commit: git('status', '--porcelain', '--', ':/assembly', ':/packages', ':/bench')
      ? `${commit} with changes`
      : commit,
  }
}
