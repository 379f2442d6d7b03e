// Copies the cases of claimed ops into golden/: node --conditions=@x/source scripts/golden/copy.ts FROM
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { isObject, readVectorFiles, valuesOf } from './read.ts'
import { supported } from './supported.ts'

const to = join(import.meta.dirname, '../../golden')

/** One case a line, so that a change shows which. */
function write(family: string, cases: readonly unknown[]): void {
  const lines = cases.map((c) => JSON.stringify(c)).join(',\n')
  writeFileSync(join(to, `${family}.json`), `{"family":"${family}","cases":[\n${lines}\n]}\n`)
}

/** The digits, whose pixels are whole numbers up to 16: one byte each. */
function writeDigits(from: string): void {
  const { X, y } = JSON.parse(readFileSync(join(from, '_data.json'), 'utf8')).datasets.digits
  const bytes = (recorded: typeof X): object => ({
    dtype: 'u8',
    shape: recorded.shape,
    data: Buffer.from(Array.from(valuesOf(recorded), Number)).toString('base64'),
  })
  writeFileSync(join(to, '_data.json'), `${JSON.stringify({ datasets: { digits: { X: bytes(X), y: bytes(y) } } })}\n`)
}

/** Packs the texts that the cases name, which lie beside the folder of the vectors, for `textOf`. */
function writeTexts(from: string, cases: readonly unknown[]): void {
  const names = cases.map((c) => (isObject(c) && isObject(c.data) ? String(c.data.dataset) : ''))
  for (const name of new Set(names.filter((name) => name.endsWith('.txt')))) {
    const path = join(to, `${name}.gz`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, gzipSync(readFileSync(join(from, '..', name)), { level: 9 }))
  }
}

const [from] = process.argv.slice(2)
mkdirSync(to, { recursive: true })
for (const { family, cases } of readVectorFiles(from)) {
  const claimed = supported[family] ?? []
  const chosen = cases.filter((c) => isObject(c) && claimed.includes(String(c.op)))
  if (chosen.length > 0) write(family, chosen)
  writeTexts(from, chosen)
}
writeDigits(from)
