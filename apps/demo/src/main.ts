// The demo: runs a scenario in the terminal. npm run demo -- --help lists them.
import { useBackend } from '@x/scenarios'
import { FormatError } from '@x/tensor'
import { setNumThreads } from '@x/tensor/threads'
import { commandLine, type GalleryOptions, UsageError } from './commandLine.ts'
import { showDigits } from './digits.ts'
import { showScenario } from './gallery.ts'

async function main(args: string[]): Promise<void> {
  const request = commandLine(args)
  if (request.kind === 'help') console.log(request.text)
  else if (request.kind === 'digits') await showDigits(request.options)
  else {
    await prepare(request.options)
    const { own, seed } = request.options
    if (!(await showScenario(request.scenario, own, seed))) process.exitCode = 1
  }
}

async function prepare({ backend, threads }: GalleryOptions): Promise<void> {
  useBackend(backend)
  if (threads !== undefined) await setNumThreads(threads)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  // What the user can put right is said in a sentence; anything else is a bug and shows where.
  const isExpected = [UsageError, FormatError].some((kind) => error instanceof kind) || isSystemError(error)
  console.error(isExpected ? (error as Error).message : error)
  process.exitCode = 1
}

function isSystemError(error: unknown): error is Error {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).errno === 'number'
}
