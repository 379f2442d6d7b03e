// Starting other programs: npm with this Node, a quiet step, and a last step that passes signals and the exit code on.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

const windows = process.platform === 'win32'

/** Returns the environment in which `node` is the Node that runs now. */
export function environment(extra = {}) {
  const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`
  return { ...process.env, PATH: path, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', ...extra }
}

/** Returns npm's own script: the one that started us, or the one beside this Node; undefined when only PATH knows it. */
function npmScript() {
  const bin = dirname(process.execPath)
  const candidates = [
    process.env.npm_execpath,
    join(bin, '../lib/node_modules/npm/bin/npm-cli.js'),
    join(bin, 'node_modules/npm/bin/npm-cli.js'),
  ]
  return candidates.find((path) => path && /npm-cli\.js$/.test(path) && existsSync(path))
}

/** Runs npm to its end and returns its output. @throws Error with that output when it fails */
export function npm(args, options = {}) {
  const script = npmScript()
  const settings = { ...options, env: environment(options.env) }
  return script
    ? quietly(process.execPath, [script, ...args], settings)
    : quietly('npm', args, { ...settings, shell: windows })
}

/** The last lines of an output, none of them endless. */
function clip(output) {
  const lines = output.trimEnd().split('\n').slice(-60)
  return lines.map((line) => (line.length > 300 ? `${line.slice(0, 300)}…` : line)).join('\n')
}

/** Runs a program to its end and returns its output. @throws Error with that output when it fails */
export function quietly(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...options })
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}`
  if (result.error) throw new Error(`${command}: ${result.error.message}`)
  if (result.status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed (${result.signal ?? result.status}):\n${clip(output)}`)
  return output
}

/** Runs a program on this terminal, forwards the signals we get, and ends as it ended. */
export function handOver(command, args, options = {}) {
  const child = spawn(command, args, { stdio: 'inherit', ...options })
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGBREAK']) {
    try {
      // A terminal sends its interrupt to the whole group: the child has it already.
      process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY) || child.kill(signal))
    } catch {}
  }
  child.on('error', (error) => {
    console.error(`${command}: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}
