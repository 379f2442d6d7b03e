// The typed errors of the library. Each message names the op, the values and the way out.

/** Shapes, ranks or axes that do not fit the operation. */
export class ShapeError extends Error {
  override name = 'ShapeError'
}

/** A dtype that the operation does not take. */
export class DTypeError extends TypeError {
  override name = 'DTypeError'
}

/** A tensor was used after its memory was given back by `dispose`, `using` or the end of its `tidy`. */
export class DisposedError extends Error {
  override name = 'DisposedError'
}

/** The memory cannot hold what was asked for. The library stays usable; nothing was changed. */
export class OutOfMemoryError extends Error {
  override name = 'OutOfMemoryError'
}

/** A write in place to a tensor that a gradient needs as it is, or of values that a gradient would lose. */
export class InPlaceError extends Error {
  override name = 'InPlaceError'
}

/** A file whose bytes do not follow its format. The message names the offset and the reason. */
export class FormatError extends Error {
  override name = 'FormatError'
}
