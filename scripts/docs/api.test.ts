import { expect, test } from 'vitest'
import { cell, shorten } from './api.ts'
import { firstSentence } from './publicApi.ts'

test('firstSentence ends before the next sentence, a shape or a dtype, not at an abbreviation or a name', () => {
  expect(firstSentence('Sums of\nall. More.\n\nAnd more.')).toBe('Sums of all.')
  expect(firstSentence('Moments: x [B, T] → y. x [B, T]')).toBe('Moments: x [B, T] → y.')
  expect(firstSentence('Eigenvalues. float32, float64')).toBe('Eigenvalues.')
  expect(firstSentence('Chen et al. 2016, as torch.optim.Adam')).toBe('Chen et al. 2016, as torch.optim.Adam')
})

test('shorten keeps whole clauses of long sentences, and brackets and code in one piece', () => {
  const long = 'x'.repeat(100)
  expect(shorten('Short: one; two.')).toBe('Short: one; two.')
  expect(shorten(`The first clause: a second one; ${long}.`)).toBe('The first clause: a second one …')
  expect(shorten(`Briefly: ${long}.`)).toBe(`Briefly: ${long}.`)
  expect(shorten(`${long} first clause; and the second.`)).toBe(`${long} first clause …`)
  expect(shorten(`A thing (one; ${long}) in \`a; b\`.`)).toBe(`A thing (one; ${long}) in \`a; b\`.`)
})

test('cell escapes what would end the cell or be Markdown, and only bars in code', () => {
  expect(cell('|x| · a*b, <b>, a < b')).toBe('\\|x\\| · a\\*b, \\<b>, a < b')
  expect(cell('`a * b | c`')).toBe('`a * b \\| c`')
})
