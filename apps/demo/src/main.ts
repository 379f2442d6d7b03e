// The demo: runs a scenario in the terminal. npm run demo -- --help lists them.
import { FormatError } from '@x/tensor'
import { commandLine, help, UsageError } from './commandLine.ts'
import { showDigits } from './digits.ts'

const scenarios = { digits: showDigits }

try {
  const options = commandLine(process.argv.slice(2))
  if (options.help) console.log(help)
  else await scenarios[options.scenario](options)
} catch (error) {
  // What the user can put right is said in a sentence; anything else is a bug and shows where.
  const isExpected = error instanceof UsageError || error instanceof FormatError || isSystemError(error)
  console.error(isExpected ? error.message : error)
  process.exitCode = 1
}

function isSystemError(error: unknown): error is Error {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).errno === 'number'
}
