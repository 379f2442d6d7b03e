// How the numbers of a table read: a column has one form, so that its numbers can be compared at a glance.
import type { Shown } from './scenario.ts'

/** Significant digits of a column that has fractions. */
const DIGITS = 4

/** The cells as texts: whole numbers in full, every number of a column with fractions to four significant digits. */
export function cellTexts({ rows }: Extract<Shown, { kind: 'table' }>): string[][] {
  const isWhole = rows[0]?.map((_, c) => rows.every((row) => typeof row[c] !== 'number' || Number.isInteger(row[c])))
  return rows.map((row) => row.map((cell, c) => (typeof cell === 'number' ? numberText(cell, isWhole[c]) : cell)))
}

function numberText(value: number, isWhole: boolean): string {
  if (isWhole) return value.toLocaleString('en')
  // toPrecision would write larger ones with an exponent.
  return Math.abs(value) >= 10 ** DIGITS ? Math.round(value).toLocaleString('en') : value.toPrecision(DIGITS)
}
