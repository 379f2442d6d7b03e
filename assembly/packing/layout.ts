// What writer and reader of packed texts share: where probabilities stand; pack.ts says how they are used.

/** Whether a copy follows, by the byte's kind and by whether the last two steps were copies. */
export const COPY = 0
/** Whether a copy is from one of the last two distances, by what the last three steps were. */
export const AGAIN = 128
/** Whether it is from the older. */
export const PLACE = 136
/** A number: the tree of its count of bits, then 32 for the bits of each count. */
export const NUMBER = 640
/** The module's size. */
export const SIZE = 144
/** A copy's length: from an old distance, from a new one. */
export const LENGTH = 784
/** A new distance: of a copy of 2, of 3, of more bytes. */
export const DISTANCE = 2064
/** A byte, by its kind. */
export const LITERAL = 3984
/** A byte after a copy, by its kind and by the byte that followed what was copied. */
export const EXPECTED = 12176
export const COUNT = 28560

// The memory of unpack.ts: chances of two bytes from 0, then
/** how often each was met, */
export const SEEN = 57120
/** the values of characters, */
export const DIGITS = 85680
/** all that was read, */
export const READ = 85808
/** of each kind of bytes, how many bytes of places were noted, */
export const USED = 262016
/** the last RECENT places of each kind (all of them would take megabytes, at which engines collect garbage first), */
export const PLACES = 262144
export const RECENT = 8192
/** and what the compiler lays out, then the text at the very end. */
export const DATA = 1310720
export const PAGES = 21
