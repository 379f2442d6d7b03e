// Errors across the border: the class is lost in a message, its name is not.
import { DisposedError, DTypeError, FormatError, OutOfMemoryError, ShapeError } from '@x/tensor/bytes'

export interface PlainError {
  readonly name: string
  readonly message: string
  readonly stack?: string
}

const CLASSES: Readonly<Record<string, new (message: string) => Error>> = {
  ...{ DisposedError, DTypeError, FormatError, OutOfMemoryError, ShapeError, RangeError, SyntaxError, TypeError },
}

/** What a message can carry of something that was thrown. */
export function plainOf(thrown: unknown): PlainError {
  if (!(thrown instanceof Error)) return { name: 'Error', message: String(thrown) }
  const { name, message, stack } = thrown
  // Engines say so when they have no room for an ArrayBuffer or a memory.
  const isFull = thrown instanceof RangeError && /allocation failed|out of memory/i.test(message)
  return { name: isFull ? 'OutOfMemoryError' : name, message, stack }
}

/** The error again, of its class where that is one of JavaScript's or of @x/tensor's; else of its name. */
export function errorOf({ name, message, stack }: PlainError): Error {
  if (/^(Abort|Timeout|Network|DataClone|Quota\w+)Error$/.test(name)) return new DOMException(message, name)
  const error = Object.hasOwn(CLASSES, name) ? new CLASSES[name](message) : new Error(message)
  if (error.name !== name) error.name = name
  if (stack !== undefined) error.stack = stack
  return error
}
