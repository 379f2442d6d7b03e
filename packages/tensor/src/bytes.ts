// @x/tensor/bytes: reading bytes from anywhere, typed errors, options that are refused: what is needed without tensors.
// A chunk of its own: a page that imports nothing else carries nothing else.
export { DisposedError, DTypeError, FormatError, InPlaceError, OutOfMemoryError, ShapeError } from './errors.ts'
export { type Bytes, openBytes, type Reader, type ReadOptions, type Source } from './files/source.ts'
export { checkOptions } from './options.ts'
