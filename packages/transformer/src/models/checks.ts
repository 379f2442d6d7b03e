// What is checked of models and tokens, once, at the functions that take them.
import { DTypeError, ShapeError, type Tensor, tidy } from '@x/tensor'
import { dense, heap, isFloating, pointer, requireTensor, runCheck, show } from '@x/tensor/op'
import { named } from '../named.ts'

/**
 * Checks that whole numbers lie from 0 to below `size`, also each time a compiled function runs again.
 * @returns the largest @throws RangeError
 */
function checkEach(op: string, what: string, x: Tensor, size: number, of: string): number {
  return tidy(() => {
    const ids = dense(x.dtype === 'int32' ? x : x.cast('int32'))
    const at = pointer(ids) >>> 2
    const count = ids.size
    let largest = -1
    runCheck(() => {
      for (let i = 0; i < count; i++) {
        const id = heap.i32[at + i]
        if (id < 0 || id >= size)
          throw new RangeError(`${op}: ${what} ${id} (at flat position ${i}) is not from 0 to ${size - 1}, ${of}`)
        if (id > largest) largest = id
      }
    })
    return largest
  })
}

function checkInteger(op: string, what: string, x: Tensor): void {
  requireTensor(op, what, x)
  if (isFloating(x.dtype) || x.dtype === 'bool')
    throw new DTypeError(`${op}: ${what} have dtype ${x.dtype}; they are integers, cast('int32') if that is meant`)
}

/** @throws TypeError, ShapeError, DTypeError, RangeError unless `tokens` are integers [B, T] of a vocabulary */
export function checkTokens(op: string, tokens: Tensor, vocabSize: number): void {
  checkInteger(op, 'tokens', tokens)
  if (tokens.ndim !== 2) throw new ShapeError(`${op}: tokens ${show(tokens.shape)} are not [B, T]`)
  checkEach(op, 'token', tokens, vocabSize, `the model's vocabulary`)
}

/** Of numbers that go with tokens, [B, T] or [1, T], the largest. @throws as `checkTokens` */
export function checkBeside(op: string, what: string, x: Tensor, tokens: Tensor, size: number): number {
  checkInteger(op, what, x)
  const [B, T] = tokens.shape
  if (x.ndim !== 2 || x.shape[1] !== T || (x.shape[0] !== B && x.shape[0] !== 1))
    throw new ShapeError(`${op}: ${what} ${show(x.shape)} are not of the shape ${show(tokens.shape)}, or [1, ${T}]`)
  return checkEach(op, what, x, size, 'of which the model knows')
}

/** A list of token ids as a plain one. @throws TypeError for what is none, RangeError outside the vocabulary */
export function idsOf(op: string, what: string, list: ArrayLike<number>, vocabSize: number): number[] {
  if (typeof list !== 'object' || list === null || typeof list.length !== 'number')
    throw new TypeError(`${op}: ${what} is ${named(list)}, not a list of token ids; tokenizer.encode(text) gives one`)
  return Array.from(list, (id, i) => {
    if (Number.isInteger(id) && id >= 0 && id < vocabSize) return id
    const reason = `${op}: ${what} has ${named(id)} at position ${i}`
    if (typeof id !== 'number') throw new TypeError(`${reason}; token ids are numbers (Array.from(ids, Number))`)
    throw new RangeError(`${reason}; token ids are whole numbers from 0 to ${vocabSize - 1}, the model's vocabulary`)
  })
}
