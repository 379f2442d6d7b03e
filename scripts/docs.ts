// Writes the documents that are made from the code: npm run docs. With --check, only compares.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kernelTable } from './docs/kernels.ts'

const documents = { 'docs/kernels.md': kernelTable }
const root = join(import.meta.dirname, '..')
const isCheck = process.argv.includes('--check')

for (const [path, make] of Object.entries(documents)) {
  const text = make()
  const file = join(root, path)
  if (!isCheck) writeFileSync(file, text)
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${path} is out of date: npm run docs`)
    process.exitCode = 1
  }
}
