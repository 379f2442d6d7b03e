// Python literals as far as headers of npy files have them: dictionaries, tuples, lists, strings, whole numbers, names.

/** A literal; tuples and lists are arrays, None is null. */
export type Literal = string | number | boolean | null | readonly Literal[] | ReadonlyMap<Literal, Literal>

/** What is wrong with a literal, and where in its text. */
export class LiteralError extends Error {
  readonly at: number
  constructor(at: number, reason: string) {
    super(reason)
    this.at = at
  }
}

const TOKEN = /\s*(?:('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|(-?\d+)L?|([A-Za-z]+)|([{}()[\],:]))/y
const NAMES: Readonly<Record<string, boolean | null>> = { True: true, False: false, None: null }
const CLOSING: Readonly<Record<string, string>> = { '{': '}', '(': ')', '[': ']' }
const MOST_DEPTH = 16

/** The literal that a text consists of. @throws LiteralError */
export function readLiteral(text: string): Literal {
  let at = 0
  const fail = (reason: string): never => {
    throw new LiteralError(at, reason)
  }
  /** The next token, taken if it is this one. */
  const skip = (token: string): boolean => {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    if (match?.[4] !== token) return false
    at = TOKEN.lastIndex
    return true
  }
  const value = (depth: number): Literal => {
    TOKEN.lastIndex = at
    const [all, quoted, number, name, mark] = TOKEN.exec(text) ?? fail('no literal')
    if (depth > MOST_DEPTH) fail(`brackets more than ${MOST_DEPTH} deep`)
    if (quoted === undefined && number === undefined && name === undefined && !CLOSING[mark])
      fail(`'${mark}' is out of place`)
    if (name !== undefined && !Object.hasOwn(NAMES, name)) fail(`the name ${name}`)
    at += all.length
    if (quoted !== undefined) return quoted.slice(1, -1).replace(/\\(.)/g, '$1')
    if (number !== undefined) return Number(number)
    if (name !== undefined) return NAMES[name]
    return mark === '{' ? dictionary(depth) : sequence(mark, depth)
  }
  const dictionary = (depth: number): Literal => {
    const map = new Map<Literal, Literal>()
    while (!skip('}')) {
      const key = value(depth + 1)
      if (!skip(':')) fail("no ':' after a key")
      map.set(key, value(depth + 1))
      if (skip('}')) break
      if (!skip(',')) fail("neither ',' nor '}'")
    }
    return map
  }
  const sequence = (mark: string, depth: number): Literal => {
    const list: Literal[] = []
    while (!skip(CLOSING[mark])) {
      list.push(value(depth + 1))
      if (skip(CLOSING[mark])) {
        // (3) is the number 3 in brackets.
        if (mark === '(' && list.length === 1) return list[0]
        break
      }
      if (!skip(',')) fail(`neither ',' nor '${CLOSING[mark]}'`)
    }
    return list
  }
  const result = value(0)
  if (text.slice(at).trim() !== '') fail('text after the literal')
  return result
}
