// What writer and reader of packed texts share: where probabilities stand; pack.ts says how they are used.

/** Whether a copy follows, by what the last three steps were. */
export const COPY = 0
/** Whether a copy is from one of the last four distances, by the same. */
export const AGAIN = 8
/** Which of them: a tree of two bits. */
export const PLACE = 16
/** A number: the tree of its count of bits, then 32 for the bits of each count. */
export const NUMBER = 640
/** The module's size. */
export const SIZE = 32
/** A copy's length: from an old distance, from a new one. */
export const LENGTH = 672
/** A new distance: of a copy of 2, of 3, of more bytes. */
export const DISTANCE = 1952
/** A byte, by the high bits of the one before. */
export const LITERAL = 3872
/** A byte after a copy, by the one that followed what was copied as well. */
export const EXPECTED = 5920
export const COUNT = 10016

// The memory of unpack.ts: chances of two bytes from 0, then
/** how often each was met, */
export const SEEN = 20032
/** the values of characters, */
export const DIGITS = 30080
/** and all that was read. */
export const READ = 30208
export const PAGES = 16
