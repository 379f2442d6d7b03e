// Tables of comma-separated values as columns of numbers or categories. Quoting as RFC 4180 says.
import { type DType, FormatError, type Tensor, tensor } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { refuse } from '../refuse.ts'

/** A column of numbers; NaN where a value is missing. */
export interface NumberColumn {
  /** Tells columns apart. */
  readonly type: 'number'
  /** One for each row. */
  readonly values: Float64Array
}

/** A column of texts: positions in the sorted list of those that occur, −1 where a value is missing. */
export interface CategoryColumn {
  /** Tells columns apart. */
  readonly type: 'category'
  /** One for each row. */
  readonly values: Int32Array
  /** The texts that occur, sorted. */
  readonly categories: readonly string[]
}

/** A column of a `CsvTable`. */
export type CsvColumn = NumberColumn | CategoryColumn

/** Options of `readCsv`. */
export interface CsvOptions {
  /** Between the fields, one character. Default `','`. */
  delimiter?: string
  /** Whether the first line holds the names, or the names themselves. Default true. */
  header?: boolean | readonly string[]
  /** Types of columns by name; others are numbers where all their values are. */
  types?: Readonly<Record<string, CsvColumn['type']>>
  /** Fields that stand for a missing value. Default empty, `NA`, `N/A`, `NaN`, `nan`, `null`, `?`. */
  missing?: readonly string[]
}

/** What to put where a number is missing; `'error'` refuses. */
export type Missing = 'error' | 'mean' | number

/** A table read from text. */
export class CsvTable {
  readonly names: readonly string[]
  /** Number of rows. */
  readonly length: number
  private readonly columns: ReadonlyMap<string, CsvColumn>

  constructor(columns: ReadonlyMap<string, CsvColumn>, length: number) {
    this.names = [...columns.keys()]
    this.length = length
    this.columns = columns
  }

  /** @throws RangeError when there is no such column */
  column(name: string): CsvColumn {
    const found = this.columns.get(name)
    if (!found) throw new RangeError(`csv: there is no column '${name}' among ${this.names.join(', ')}`)
    return found
  }

  /** How many values of a column are missing. @throws RangeError */
  missing(name: string): number {
    const { type, values } = this.column(name)
    let count = 0
    for (const v of values) if (type === 'number' ? Number.isNaN(v) : v < 0) count++
    return count
  }

  /**
   * Columns side by side, [rows, columns]; categories are their positions.
   * @param names default all
   * @param options.missing what stands for a missing value: its column's `'mean'`, a number, or `'error'` (default)
   * @throws RangeError for a missing value or a column that is not there
   */
  toTensor(names: readonly string[] = this.names, options: { dtype?: DType; missing?: Missing } = {}): Tensor {
    checkOptions('toTensor', options, ['dtype', 'missing'])
    const { dtype = 'float32', missing = 'error' } = options
    const columns = names.map((name) => this.filled(name, missing))
    const values = new Float64Array(this.length * columns.length)
    columns.forEach((column, c) => {
      for (let r = 0; r < this.length; r++) values[r * columns.length + c] = column[r]
    })
    return tensor(values, { shape: [this.length, columns.length], dtype })
  }

  private filled(name: string, missing: Missing): ArrayLike<number> {
    const { type, values } = this.column(name)
    const isMissing = (v: number): boolean => (type === 'number' ? Number.isNaN(v) : v < 0)
    const at = values.findIndex(isMissing)
    if (at < 0) return values
    if (missing === 'error')
      throw new RangeError(`csv: column '${name}' lacks a value in row ${at + 1}; set missing to a number or 'mean'`)
    if (missing === 'mean' && type === 'category')
      throw new RangeError(`csv: column '${name}' holds categories, which have no mean; set missing to a number`)
    const present = Float64Array.from(values).filter((v) => !isMissing(v))
    const filler = missing === 'mean' ? present.reduce((a, b) => a + b, 0) / present.length : missing
    return Float64Array.from(values, (v) => (isMissing(v) ? filler : v))
  }
}

const MISSING = ['', 'NA', 'N/A', 'NaN', 'nan', 'null', '?']

/**
 * Reads a table. Fields in double quotes may hold delimiters, line breaks and doubled quotes; empty lines are passed over.
 * @throws FormatError naming the line and the reason, RangeError for wrong options, TypeError for what is no text
 * @example
 * import { readCsv } from '@x/nn/data'
 * const table = readCsv('height,kind\n1.5,oak\n,birch\n2.5,oak\n')
 * table.toTensor(['height'], { missing: 'mean' }).toArray() // [[1.5], [2], [2.5]]
 * table.column('kind').categories // ['birch', 'oak']
 */
export function readCsv(text: string, options: CsvOptions = {}): CsvTable {
  if (typeof text !== 'string') throw refuse('readCsv: text', text, 'a string: give what is in the file')
  checkOptions('readCsv', options, ['delimiter', 'header', 'types', 'missing'])
  const { delimiter = ',', header = true, types = {}, missing = MISSING } = options
  if (delimiter.length !== 1 || '"\r\n'.includes(delimiter)) {
    throw new RangeError(
      `readCsv: delimiter ${JSON.stringify(delimiter)} is not one character beside quotes and breaks`,
    )
  }
  const rows = rowsOf(text.startsWith('\ufeff') ? text.slice(1) : text, delimiter)
  const first = header === true ? rows.shift()?.fields : undefined
  const names = first ?? (header === false || header === true ? rows[0]?.fields.map((_, i) => String(i)) : [...header])
  if (!names) throw new FormatError('csv: at line 1: the file is empty')
  if (new Set(names).size < names.length) throw new FormatError(`csv: at line 1: two columns have one name: ${names}`)
  for (const name of Object.keys(types)) {
    if (!names.includes(name)) throw new RangeError(`readCsv: types has '${name}', which is no column among ${names}`)
  }
  for (const { line, fields } of rows) {
    if (fields.length !== names.length)
      throw new FormatError(`csv: at line ${line}: ${fields.length} fields where there are ${names.length} columns`)
  }
  const absent = new Set(missing)
  const columns = names.map((name, c): [string, CsvColumn] => {
    const fields = rows.map(({ fields }) => (absent.has(fields[c]) ? null : fields[c]))
    const odd = fields.findIndex((field) => field !== null && !isNumber(field))
    if (types[name] === 'number' && odd >= 0)
      throw new FormatError(`csv: at line ${rows[odd].line}: '${fields[odd]}' in column '${name}' is no number`)
    return [name, (types[name] ?? (odd < 0 ? 'number' : 'category')) === 'number' ? numbers(fields) : texts(fields)]
  })
  return new CsvTable(new Map(columns), rows.length)
}

const isNumber = (field: string): boolean =>
  /^\s*[+-]?(\d+\.?\d*(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?|inf(inity)?)\s*$/i.test(field)

function toNumber(field: string): number {
  const trimmed = field.trim()
  if (/inf/i.test(trimmed)) return trimmed.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return Number(trimmed)
}

function numbers(fields: readonly (string | null)[]): NumberColumn {
  return { type: 'number', values: Float64Array.from(fields, (f) => (f === null ? Number.NaN : toNumber(f))) }
}

function texts(fields: readonly (string | null)[]): CategoryColumn {
  const categories = [...new Set(fields.filter((f) => f !== null))].sort()
  const position = new Map(categories.map((category, i) => [category, i]))
  return {
    type: 'category',
    categories,
    values: Int32Array.from(fields, (f) => (f === null ? -1 : (position.get(f) as number))),
  }
}

interface Row {
  readonly line: number
  readonly fields: string[]
}

/** One walk over the text: outside quotes, inside them, or right behind the closing one. */
function rowsOf(text: string, delimiter: string): Row[] {
  const rows: Row[] = []
  let fields: string[] = []
  let start = 0
  let line = 1
  let at = 0
  const end = (value: string): void => void fields.push(value)
  while (at <= text.length) {
    const begin = line
    if (text[at] === '"') {
      let value = ''
      for (;;) {
        const close = text.indexOf('"', at + 1)
        if (close < 0) throw new FormatError(`csv: at line ${begin}: a quote is never closed`)
        value += text.slice(at + 1, close)
        at = close + 1
        if (text[at] !== '"') break
        value += '"'
      }
      line += value.split('\n').length - 1
      end(value)
    } else {
      start = at
      while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') at++
      end(text.slice(start, at))
    }
    if (text[at] === delimiter) {
      at++
      continue
    }
    const isBreak = at >= text.length || text[at] === '\n' || text[at] === '\r'
    if (!isBreak) throw new FormatError(`csv: at line ${begin}: '${text[at]}' behind a closing quote`)
    if (fields.length > 1 || fields[0] !== '') rows.push({ line: begin, fields })
    fields = []
    at += text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1
    line++
  }
  return rows
}
