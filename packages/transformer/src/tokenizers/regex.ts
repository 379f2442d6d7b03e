// Regular expressions of Oniguruma (tokenizer.json) and Rust (tiktoken), written anew for JavaScript's flag `v`.
import { FormatError } from '@x/tensor/bytes'

/** What words are made of. */
const WORD = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}'
/** Outside of classes Oniguruma adds the superscripts and fractions of Latin-1, and no others. */
const LATIN_WORD = `${WORD}\\u{b2}\\u{b3}\\u{b9}\\u{bc}-\\u{be}`
/** What shorthands stand for inside of a class. JavaScript's own \s, \d and \w are other sets. */
const SHORTHANDS: Readonly<Record<string, string>> = {
  s: '\\p{White_Space}',
  S: '\\P{White_Space}',
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  w: `[${WORD}]`,
  W: `[^${WORD}]`,
  h: '[0-9A-Fa-f]',
  H: '[^0-9A-Fa-f]',
}
const POSIX: Readonly<Record<string, string>> = {
  alnum: '[\\p{Alphabetic}\\p{Nd}]',
  alpha: '\\p{Alphabetic}',
  ascii: '[\\u{0}-\\u{7f}]',
  blank: '[\\p{Zs}\\t]',
  cntrl: '\\p{Cc}',
  digit: '\\p{Nd}',
  graph: '[[^\\p{White_Space}]--[\\p{Cc}\\p{Cn}\\p{Cs}]]',
  lower: '\\p{Lowercase}',
  print: '[[\\p{Zs}[^\\p{White_Space}]]--[\\p{Cc}\\p{Cn}\\p{Cs}]]',
  punct: '[\\p{P}\\p{S}]',
  space: '\\p{White_Space}',
  upper: '\\p{Uppercase}',
  word: `[${WORD}]`,
  xdigit: '[0-9A-Fa-f]',
}
/** Places in the text, and sets that are others than in classes. */
const OUTSIDE: Readonly<Record<string, string>> = {
  A: '(?<![^])',
  z: '(?![^])',
  Z: '(?=\\n?(?![^]))',
  b: `(?:(?<=[${LATIN_WORD}])(?![${LATIN_WORD}])|(?<![${LATIN_WORD}])(?=[${LATIN_WORD}]))`,
  B: `(?:(?<=[${LATIN_WORD}])(?=[${LATIN_WORD}])|(?<![${LATIN_WORD}])(?![${LATIN_WORD}]))`,
  w: `[${LATIN_WORD}]`,
  W: `[^${LATIN_WORD}]`,
}
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', a: '\x07', e: '\x1b' }
/** Characters that are the same as a letter of ASCII but for their case. */
const FOLDED: Readonly<Record<string, string>> = { s: 'ſ', S: 'ſ', k: '\u212a', K: '\u212a' }

/** How dialects differ. */
export interface Dialect {
  /** `x{1,3}+` never gives back what it took (Rust's fancy-regex); else it repeats the repetition (Oniguruma). */
  readonly possessiveCounts?: boolean
}

/**
 * The JavaScript regular expression, with the flags `g` and `v`, of a pattern of Oniguruma or Rust.
 * @throws FormatError naming the position and the reason where it cannot be said in JavaScript, or is none
 */
export function translateRegex(pattern: string, where = 'regex', dialect: Dialect = {}): RegExp {
  const source = new Translation(pattern, where, dialect).all()
  try {
    return new RegExp(source, 'gv')
  } catch (error) {
    throw new FormatError(`${where}: in ${JSON.stringify(pattern)}: ${(error as Error).message}`)
  }
}

/** A pattern that finds a text as it is. */
export const literalRegex = (text: string): RegExp =>
  new RegExp(Array.from(text, (c) => (/[\p{L}\p{N}\p{M} ]/u.test(c) ? c : escaped(c))).join(''), 'gv')

const escaped = (c: string): string => `\\u{${(c.codePointAt(0) as number).toString(16)}}`
const verbatim = (c: string): string => (/[a-zA-Z0-9]/.test(c) ? c : escaped(c))

class Translation {
  readonly #pattern: string
  readonly #where: string
  readonly #dialect: Dialect
  #at = 0
  #groups = 0
  #ignoreCase = false

  constructor(pattern: string, where: string, dialect: Dialect) {
    this.#pattern = pattern
    this.#where = where
    this.#dialect = dialect
  }

  all(): string {
    const source = this.#alternatives()
    if (this.#at < this.#pattern.length) this.#fail('a parenthesis closes that was not opened')
    return source
  }

  #fail(reason: string): never {
    throw new FormatError(`${this.#where}: at ${this.#at} of ${JSON.stringify(this.#pattern)}: ${reason}`)
  }

  /** Goes on behind `text` if it stands here. */
  #take(text: string): boolean {
    if (!this.#pattern.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  #match(sticky: RegExp): RegExpExecArray | null {
    sticky.lastIndex = this.#at
    const found = sticky.exec(this.#pattern)
    if (found) this.#at += found[0].length
    return found
  }

  #character(): string {
    const code = this.#pattern.codePointAt(this.#at)
    if (code === undefined) this.#fail('it ends too early')
    const c = String.fromCodePoint(code)
    this.#at += c.length
    return c
  }

  /** Up to the end, or the parenthesis that closes. Flags that are set in it end with it. */
  #alternatives(): string {
    const before = this.#ignoreCase
    let source = ''
    while (this.#at < this.#pattern.length && this.#pattern[this.#at] !== ')') {
      source += this.#take('|') ? '|' : this.#repeated(this.#atom())
    }
    this.#ignoreCase = before
    return source
  }

  #repeated(atom: string): string {
    let source = atom
    for (;;) {
      const found = this.#match(/[*+?]|\{\d*,?\d*\}/y)
      if (!found || found[0] === '{}' || found[0] === '{,}') {
        if (found) this.#at -= found[0].length
        return source
      }
      const isCount = found[0].length > 1
      // {,n} is at most n, which JavaScript takes for itself.
      const quantifier = found[0].replace('{,', '{0,')
      const greedy = /^(?:\\p\{\w+\}|\\u\{\w+\}|\[[^[\]]*\]|\(\?:[^()]*\)|\w)$/i.test(source) ? source : `(?:${source})`
      if (this.#take('?')) source = `${greedy}${quantifier}?`
      else if ((!isCount || this.#dialect.possessiveCounts) && this.#take('+'))
        source = this.#atomic(greedy + quantifier)
      else source = greedy + quantifier
    }
  }

  /** What is matched here is matched once and for all: looked ahead, then taken whole. */
  #atomic(source: string): string {
    const name = `a${this.#groups++}`
    return `(?:(?=(?<${name}>${source}))\\k<${name}>)`
  }

  #atom(): string {
    if (this.#take('(')) return this.#group()
    if (this.#take('[')) return this.#class()
    if (this.#take('\\')) return this.#escape()
    if (this.#take('.')) return '[^\\n]'
    if (this.#take('^')) return '(?<![^\\n])'
    if (this.#take('$')) return '(?![^\\n])'
    if (/[*+?]/.test(this.#pattern[this.#at])) this.#fail('there is nothing to repeat')
    return this.#literal(this.#character())
  }

  #literal(c: string): string {
    const others = this.#ignoreCase ? variants(c) : []
    return others.length > 0 ? `[${[c, ...others].map(verbatim).join('')}]` : verbatim(c)
  }

  #group(): string {
    if (this.#match(/\?#[^)]*\)/y)) return ''
    const flags = this.#match(/\?([a-z]*)(?:-([a-z]*))?([:)])/iy)
    if (flags && (flags[1] || flags[2])) return this.#flagged(flags)
    const look = this.#match(/\?(?:[=!]|<[=!])/y)
    const isAtomic = !flags && !look && this.#take('?>')
    const isNamed = !flags && !look && !isAtomic && this.#match(/\?P?<\w+>/y)
    if (!flags && !look && !isAtomic && !isNamed && this.#take('?')) this.#fail('this kind of group is not supported')
    const inner = this.#closed()
    if (isAtomic) return this.#atomic(inner)
    return `(${look ? look[0] : '?:'}${inner})`
  }

  #closed(): string {
    const inner = this.#alternatives()
    if (!this.#take(')')) this.#fail('a parenthesis is not closed')
    return inner
  }

  #flagged([, on, off = '', end]: RegExpExecArray): string {
    if (/[^i]/.test(on + off)) this.#fail(`of the flags only i is supported, not ${on}${off && `-${off}`}`)
    const before = this.#ignoreCase
    this.#ignoreCase = on !== ''
    // Without a colon it holds up to the end of the group around it.
    if (end === ')') return ''
    const inner = this.#closed()
    this.#ignoreCase = before
    return `(?:${inner})`
  }

  #escape(): string {
    const c = this.#pattern[this.#at]
    if (c !== undefined && Object.hasOwn(OUTSIDE, c)) {
      this.#at++
      return OUTSIDE[c]
    }
    if (/[1-9]/.test(c)) this.#fail('references to groups are not supported')
    const set = this.#shorthand()
    return set ?? this.#literal(this.#escapedCharacter())
  }

  /** The set that an escape stands for; null when it is a character. */
  #shorthand(): string | null {
    const property = this.#match(/[pP](?:\{(\^?)([^}]*)\}|(\w))/y)
    if (property) return this.#property(property)
    const c = this.#pattern[this.#at]
    if (c === undefined || !Object.hasOwn(SHORTHANDS, c)) return null
    this.#at++
    return SHORTHANDS[c]
  }

  #property([all, not, long, short]: RegExpExecArray): string {
    const name = (long ?? short).replace(/^Is_?/i, '')
    const negated = (all[0] === 'P') !== (not === '^')
    for (const candidate of [name, `Script=${name}`, name[0]?.toUpperCase() + name.slice(1).toLowerCase()]) {
      const source = `\\${negated ? 'P' : 'p'}{${candidate}}`
      if (isRegex(source)) return source
    }
    const posix = Object.hasOwn(POSIX, name.toLowerCase()) ? POSIX[name.toLowerCase()] : undefined
    if (!posix) this.#fail(`there is no property '${name}'`)
    return negated ? `[^${posix}]` : posix
  }

  #escapedCharacter(): string {
    const code = this.#match(/x\{([\da-f]{1,6})\}|x([\da-f]{2})|u\{([\da-f]{1,6})\}|u([\da-f]{4})|U([\da-f]{8})|0/iy)
    if (code) {
      const value = Number.parseInt(code.slice(1).find((digits) => digits !== undefined) ?? '0', 16)
      if (value > 0x10ffff) this.#fail('there is no such character')
      return String.fromCodePoint(value)
    }
    const c = this.#character()
    if (Object.hasOwn(CONTROLS, c)) return CONTROLS[c]
    if (/[a-zA-Z0-9]/.test(c)) this.#fail(`\\${c} is not supported`)
    return c
  }

  /** Behind the bracket that opens a class; sets may lie in sets, `&&` intersects. */
  #class(): string {
    const negated = this.#take('^')
    const sets: string[] = ['']
    let isFirst = true
    for (;;) {
      if (this.#at >= this.#pattern.length) this.#fail('a bracket is not closed')
      if (!isFirst && this.#take(']')) break
      if (this.#take('&&')) sets.push('')
      else sets[sets.length - 1] += this.#classItem()
      isFirst = false
    }
    const inner = sets.length === 1 ? sets[0] : sets.map((set) => `[${set}]`).join('&&')
    return `[${negated ? '^' : ''}${inner}]`
  }

  #classItem(): string {
    const posix = this.#match(/\[:(\^?)(\w+):\]/y)
    if (posix) {
      const set = Object.hasOwn(POSIX, posix[2]) ? POSIX[posix[2]] : undefined
      if (!set) this.#fail(`there is no class '${posix[2]}'`)
      return posix[1] ? `[^${set}]` : set
    }
    if (this.#take('[')) return this.#class()
    if (this.#pattern[this.#at] === '\\') {
      this.#at++
      const set = this.#shorthand()
      if (set !== null) return set
      this.#at--
    }
    const low = this.#classCharacter()
    if (!/^-[^\]]/.test(this.#pattern.slice(this.#at, this.#at + 2)) || this.#pattern.startsWith('-[', this.#at)) {
      return this.#ignoreCase ? [low, ...variants(low)].map(verbatim).join('') : verbatim(low)
    }
    this.#at++
    const high = this.#classCharacter()
    return [[low, high], ...(this.#ignoreCase ? caseRanges(low, high) : [])]
      .map(([a, b]) => `${verbatim(a)}-${verbatim(b)}`)
      .join('')
  }

  #classCharacter(): string {
    if (!this.#take('\\')) return this.#character()
    if (this.#take('b')) return '\b'
    return this.#escapedCharacter()
  }
}

/** The other ways to write a character when its case does not matter. */
function variants(c: string): string[] {
  const others = new Set([c.toLowerCase(), c.toUpperCase(), ...(FOLDED[c] ?? [])])
  others.delete(c)
  return [...others].filter((other) => Array.from(other).length === 1)
}

function caseRanges(low: string, high: string): string[][] {
  if (/^[a-z]{2}$/.test(low + high)) return [[low.toUpperCase(), high.toUpperCase()]]
  return /^[A-Z]{2}$/.test(low + high) ? [[low.toLowerCase(), high.toLowerCase()]] : []
}

function isRegex(source: string): boolean {
  try {
    new RegExp(source, 'v')
    return true
  } catch {
    return false
  }
}
