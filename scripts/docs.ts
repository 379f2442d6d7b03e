// Writes the documents that are made from the code: npm run docs. With --check, only compares.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { apiIndex } from './docs/api.ts'
import { kernelTable } from './docs/kernels.ts'

const root = join(import.meta.dirname, '..')
const isCheck = process.argv.includes('--check')
const documents = { 'docs/kernels.md': kernelTable(), ...apiIndex() }

const current = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

for (const [path, text] of Object.entries(documents)) {
  const file = join(root, path)
  if (!isCheck) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  } else if (current(file) !== text) {
    console.error(`${path} is out of date: npm run docs`)
    process.exitCode = 1
  }
}
