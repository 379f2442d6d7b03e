// How quantised weights lie in memory: tiles of 8 rows, see assembly/transformer/quantized.ts.

/**
 * Integers of 8 bits with a scale for each row; or of 4 bits with a scale for each block of 32 columns, in the numbers of
 * ggml's Q4_0.
 */
export type Quantization = 'int8' | 'int4'

/** Rows of a tile. */
export const ROWS = 8
/** Columns of 8-bit weights are filled up to a multiple of this. */
export const UNIT = 8
/** Columns of a block of 4-bit weights. */
export const BLOCK = 32

export const up = (n: number, unit: number): number => Math.ceil(n / unit) * unit

/** Bytes of a tile of K columns. */
export const tileBytes = (kind: Quantization, K: number): number =>
  kind === 'int8' ? ROWS * up(K, UNIT) + 64 : (up(K, BLOCK) / BLOCK) * 144

/** Bytes of one row of rounded inputs. */
export const inputBytes = (K: number): number => up(2 * up(K, BLOCK) + up(K, BLOCK) / 4 + 16, 16)

/** Where column k of row r is in a tile: the byte. */
export const placeOf = {
  int8: (r: number, k: number): number => (k >> 2) * 32 + (r >> 2) * 16 + (r & 3) * 4 + (k & 3),
  int4: (r: number, k: number): number => (k >> 5) * 144 + 16 + ((k & 31) >> 2) * 16 + (r & 3) * 4 + (k & 3),
} as const
