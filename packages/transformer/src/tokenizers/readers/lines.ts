// Text files, line by line.
import { fromUtf8 } from '../bytes.ts'

/** The text of a file, without a byte order mark. */
export const textOf = (file: string | Uint8Array): string =>
  (typeof file === 'string' ? file : fromUtf8(file)).replace(/^\ufeff/, '')

/** The lines of a file. An empty one at the end is none. */
export function linesOf(file: string | Uint8Array): string[] {
  const lines = textOf(file).split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}
