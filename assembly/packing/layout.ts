// What writer and reader of packed texts share: where probabilities stand; pack.ts says how they are used.

/** Whether a copy follows, by the byte before and by whether the last step was one. */
export const COPY = 0
/** Whether a copy is from one of the last four distances, by what the last three steps were. */
export const AGAIN = 512
/** Which of them: a tree of two bits. */
export const PLACE = 520
/** A number: the tree of its count of bits, then 32 for the bits of each count. */
export const NUMBER = 640
/** The module's size. */
export const SIZE = 528
/** A copy's length: from an old distance, from a new one. */
export const LENGTH = 1168
/** A new distance: of a copy of 2, of 3, of more bytes. */
export const DISTANCE = 2448
/** A byte, by the upper halves of the two before. */
export const LITERAL = 4368
/** A byte after a copy, by the high bits of the one before and by the one that followed what was copied. */
export const EXPECTED = 69904
export const COUNT = 74000

// The memory of unpack.ts: chances of two bytes from 0, then
/** how often each was met, */
export const SEEN = 148000
/** the values of characters, */
export const DIGITS = 222000
/** and all that was read. */
export const READ = 222128
export const PAGES = 16
