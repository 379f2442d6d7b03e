// The index of the public API, a document for every package: what its entries export, in one line each.
import { type Entry, type Exported, fileComment, type Member, readApi } from './publicApi.ts'

/** Characters after which a summary ends with a clause instead of its sentence. */
const LONG = 110
/** Characters that a clause has to have to say something by itself. */
const SHORT = 28

const KINDS = [
  ['Functions', (x: Exported) => x.kind === 'function'],
  ['Classes', (x: Exported) => x.kind === 'class'],
  ['Values', (x: Exported) => x.kind === 'value'],
] as const

/** Text for a cell of a table: a bar would end it, and outside of code other characters are Markdown. */
export function cell(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part, i) => (i % 2 ? part : part.replace(/[*~\\]|<(?=[a-z/!])/gi, '\\$&')))
    .join('')
    .replaceAll('|', '\\|')
}

/** As many clauses of a sentence as are not long together, and at least one that says something. */
export function shorten(sentence: string): string {
  if (sentence.length <= LONG) return sentence
  const isWhole = (text: string) =>
    text.length >= SHORT && text.split('`').length % 2 === 1 && text.split('(').length === text.split(')').length
  const ends = [...sentence.matchAll(/[:;] /g)].map(({ index }) => index).filter((at) => isWhole(sentence.slice(0, at)))
  const end = ends.filter((at) => at <= LONG).at(-1) ?? ends[0]
  return end === undefined ? sentence : `${sentence.slice(0, end)} …`
}

/** Lines of at most 120 characters; Markdown joins them again. */
function wrap(text: string): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.length - 1
    if (lines[last] && lines[last].length + word.length >= 120) lines.push(word)
    else lines[last] += lines[last] ? ` ${word}` : word
  }
  return lines
}

function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item])
  return groups
}

const code = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ')
const anchor = (path: string) => path.replace(/[^\w-]/g, '')
const withoutDot = (text: string) => text.replace(/\.$/, '')

/** Exports that are the same thing are one, under the name it is declared with; the others stand beside it. */
function withAliases(exports: readonly Exported[]): { item: Exported; aliases: string[] }[] {
  const byId = grouped(exports, ({ id }) => id)
  return [...byId.values()].map((same) => {
    const item = same.find(({ name, declared }) => name === declared) ?? same[0]
    return { item, aliases: same.filter((other) => other !== item).map(({ name }) => name) }
  })
}

function row({ item, aliases }: ReturnType<typeof withAliases>[number], prefix: string, link?: string): string {
  const { name, parameters, members, summary, kind } = item
  const signature = `\`${prefix}${name}${parameters === null ? '' : `(${parameters})`}\``
  const also = aliases.length > 0 ? ` Also named ${code(aliases)}.` : ''
  const methods = kind === 'class' && members.length > 0 ? ` Has ${code(members)}.` : ''
  return `| ${link ? `[${signature}](${link})` : signature} | ${cell(shorten(summary) + also + methods)} |`
}

/** One table: a line for each, those of a module under its comment; modules of one export come first. */
function table(title: string, exports: readonly Exported[], prefix = ''): string[] {
  if (exports.length === 0) return []
  const modules = [...grouped(withAliases(exports), ({ item }) => item.file)]
    .map(([file, items]) => ({ items, file, link: `../../${file}` }))
    .sort((a, b) => Number(a.items.length > 1) - Number(b.items.length > 1) || (a.file < b.file ? -1 : 1))
  const rows = modules.flatMap(({ file, link, items }) =>
    items.length === 1
      ? [row(items[0], prefix, link)]
      : [`| | [${cell(shorten(withoutDot(fileComment(file))))}](${link}) |`, ...items.map((item) => row(item, prefix))],
  )
  return [`| ${title} | |`, '|---|---|', ...rows, '']
}

function typeLine(exports: readonly Exported[]): string[] {
  const types = exports.filter(({ kind }) => kind === 'type')
  if (types.length === 0) return []
  const shown = types.map(({ name, members }) => `\`${name}\`${members.length > 0 ? ` {${members.join(', ')}}` : ''}`)
  return [...wrap(`Types: ${shown.join(' · ')}`), '']
}

/** What an entry exports that another has been listed with already. */
function elsewhereLine(exports: readonly Exported[], home: ReadonlyMap<string, string>): string[] {
  const byHome = grouped(exports, ({ id }) => home.get(id) as string)
  const parts = [...byHome].map(([path, items]) => `of \`${path}\` ${code(items.map(({ name }) => name))}`)
  return parts.length > 0 ? [...wrap(`Also here: ${parts.join('; ')}.`), ''] : []
}

function methodLines(members: readonly Member[], functions: ReadonlySet<string>): string[] {
  const [shared, own] = [true, false].map((is) => members.filter(({ name }) => functions.has(name) === is))
  const signature = ({ name, parameters }: Member) => (parameters === null ? name : `${name}(${parameters})`)
  return [
    '## Methods of Tensor',
    '',
    ...wrap(
      `These functions are methods too, with the tensor as first argument (\`x.add(y)\` is \`add(x, y)\`): ${code(shared.map(({ name }) => name).sort())}.`,
    ),
    '',
    '| Tensor alone | |',
    '|---|---|',
    ...own.map((member) => `| \`${signature(member)}\` | ${cell(shorten(member.summary))} |`),
    '',
  ]
}

function entryLines({ path, summary, exports }: Entry, home: Map<string, string>): string[] {
  const first = exports.filter(({ id }) => !home.has(id))
  const again = exports.filter(({ id }) => home.has(id))
  for (const { id } of first) home.set(id, path)
  return [
    `## ${path}`,
    '',
    `\`import { … } from '${path}'\`: ${withoutDot(summary)}.`,
    '',
    ...KINDS.flatMap(([title, is]) => table(title, first.filter(is))),
    ...first
      .filter(({ kind }) => kind === 'namespace')
      .flatMap(({ name, exports: inner }) =>
        table(
          `Functions of \`${name}\``,
          inner.filter(({ kind }) => kind !== 'type'),
          `${name}.`,
        ),
      ),
    ...typeLine(first),
    ...elsewhereLine(again, home),
  ]
}

/** What has neither a docstring nor, as types of options have, fields that say it. */
function undocumented(exports: readonly Exported[]): string[] {
  return exports.flatMap(({ name, kind, summary, members, file, exports: inner }) => [
    ...(summary || (kind === 'type' && members.length > 0) ? [] : [`${name} (${file})`]),
    ...undocumented(inner),
  ])
}

/** The documents by path. @throws Error naming the exports that have no docstring */
export function apiIndex(): Record<string, string> {
  const { packages, tensor } = readApi()
  const bare = packages.flatMap(({ entries }) => entries.flatMap(({ exports }) => undocumented(exports)))
  const functions = new Set(
    packages[0].entries[0].exports.filter(({ kind }) => kind === 'function').map(({ name }) => name),
  )
  bare.push(
    ...tensor.filter(({ name, summary }) => !summary && !functions.has(name)).map(({ name }) => `Tensor.${name}`),
  )
  if (bare.length > 0) throw new Error(`exported without a docstring: ${bare.join(', ')}`)
  const home = new Map<string, string>()
  const documents = packages.map(({ name, entries }) => {
    const text = [
      `# ${name}: index of the API`,
      '',
      ...wrap(
        'What each entry exports, made from the sources by `npm run docs` and checked in CI. A `?` marks what is optional. Links lead to the modules, where the docstrings go on with shapes, dtypes, options, errors and examples; editors show them too.',
      ),
      '',
      ...wrap(entries.map(({ path }) => `[${path}](#${anchor(path)})`).join(' · ')),
      '',
      ...entries.flatMap((entry, i) => [
        ...entryLines(entry, home),
        ...(i === 0 && name === '@x/tensor' ? methodLines(tensor, functions) : []),
      ]),
    ].join('\n')
    return [`docs/api/${name.slice('@x/'.length)}.md`, text] as const
  })
  return Object.fromEntries(documents)
}
