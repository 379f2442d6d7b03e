// The documents tell the truth: their examples run, and the npm scripts they name exist.
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readJson, root, runNode } from './workspace.ts'

type Snippet = { document: string; line: number; code: string }

/** The ```js and ```ts blocks of a document that import from @x. */
export function snippetsOf(document: string, text: string): Snippet[] {
  const blocks = text.matchAll(/^```(?:js|ts|javascript|typescript)\b[^\n]*\n([\s\S]*?)^```/gm)
  return [...blocks]
    .filter(([, code]) => /from\s+['"]@x\//.test(code))
    .map(({ index, 1: code }) => ({ document, line: text.slice(0, index).split('\n').length, code }))
}

export function readme(): string {
  const documents = [
    'README.md',
    ...globSync('docs/**/*.md', { cwd: root }),
    ...globSync('packages/*/README.md', { cwd: root }),
  ]
  const { scripts } = readJson(join(root, 'package.json'))
  const folder = join(root, 'tmp/readme')
  const faults: string[] = []
  let count = 0
  mkdirSync(folder, { recursive: true })
  try {
    for (const document of documents) {
      const text = readFileSync(join(root, document), 'utf8')
      for (const [command, name] of text.matchAll(/npm (?:run )?(?!run\b)([a-z][\w:-]*)/g)) {
        if ((command.startsWith('npm run ') || name === 'test') && !scripts[name])
          faults.push(`${document}: no script for \`${command}\``)
      }
      for (const { line, code } of snippetsOf(document, text)) {
        count++
        const file = join(folder, `snippet${count}.ts`)
        writeFileSync(file, code)
        try {
          runNode(['--conditions=@x/source', '--disable-warning=ExperimentalWarning', file])
        } catch (error) {
          faults.push(`${document}:${line}: ${(error as Error).message}`)
        }
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  if (faults.length) throw new Error(faults.join('\n  '))
  return `${count} examples of ${documents.length} documents ran`
}
