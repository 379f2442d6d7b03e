// Kinds of bytes in a module: what is alike is predicted by what it is.

/** An instruction. */
export const OPCODE = 0
// Numbers in LEB128: from the second of its bytes on, such a number's kind is 16 greater.
/** An instruction behind the prefix of SIMD. */
export const VECTOR = 1
/** An index of anything that is no local, a count, a label, a lane. */
export const INDEX = 2
/** A block's type. */
export const BLOCK = 3
export const CALLED = 4
export const LOCAL = 5
/** A constant. */
export const WHOLE = 6
export const ALIGN = 7
export const OFFSET = 8
/** How long a function is. */
export const BODY = 9
/** How many declarations of locals a function has, or labels a table of branches. */
export const MANY = 10
/** How long a name is. */
export const NAMED = 11
/** How long a section is. */
export const EXTENT = 12
// Constants of 4, 8 and 16 bytes.
export const FLOAT = 13
export const DOUBLE = 14
export const WIDE = 15
/** Those declarations or labels. */
export const LIST = 16
export const OTHER = 29
export const NAME = 30
/** Which section begins. */
export const SECTION = 31

/** What comes behind each of the first 94 instructions, then vector instructions: '0' and a kind; 'w' is ALIGN and a lane, 'r' two indices. */
export const FOLLOWING =
  '00333000000022:04r0000000000000055522220777777777777777777777772266=>0000000000000000000000000777777777777??0000000222222222222220000000000000000000000000000000000000000000000000wwwwwwww77'
