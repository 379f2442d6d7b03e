export function environment(extra?: Record<string, string>): NodeJS.ProcessEnv
export function npm(args: string[], options?: import('node:child_process').SpawnSyncOptions): string
export function quietly(
  command: string,
  args: string[],
  options?: import('node:child_process').SpawnSyncOptions,
): string
export function handOver(command: string, args: string[], options?: import('node:child_process').SpawnOptions): void
