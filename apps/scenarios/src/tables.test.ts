import { expect, test } from 'vitest'
import { cellTexts } from './tables.ts'

const texts = (...column: (string | number)[]): string[] =>
  cellTexts({ kind: 'table', title: '', columns: [''], rows: column.map((cell) => [cell]) }).flat()

test('the numbers of a column have the same number of significant digits', () => {
  expect(texts(1.97, -1.0137, 'none', 3)).toEqual(['1.970', '-1.014', 'none', '3.000'])
  expect(texts(0, 0.5, Number.NaN)).toEqual(['0.000', '0.5000', 'NaN'])
  expect(texts(123456.7, 0.00012345)).toEqual(['123,457', '0.0001234'])
})

test('whole numbers are written in full', () => {
  expect(texts(1, -20, 'all', 123456)).toEqual(['1', '-20', 'all', '123,456'])
  expect(texts()).toEqual([])
})
