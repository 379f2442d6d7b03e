import { FormatError, tensor } from '@x/tensor'
import { expect, test } from 'vitest'
import { readCifar } from './cifar.ts'
import { readCsv } from './csv.ts'
import { ListDataset, randomSplit, Subset, TensorDataset } from './datasets.ts'
import { readIdx } from './idx.ts'

test('readCifar takes labels and pixels apart', () => {
  const record = (labels: number[], ink: number) => [...labels, ...Array.from({ length: 3072 }, () => ink)]
  const ten = readCifar(Uint8Array.from([...record([3], 7), ...record([9], 8)]))
  expect([...ten.labels]).toEqual([3, 9])
  expect([ten.pixels.length, ten.pixels[3071], ten.pixels[3072]]).toEqual([6144, 7, 8])
  const hundred = readCifar(Uint8Array.from(record([19, 99], 1)), 100)
  expect([hundred.labels[0], hundred.coarse?.[0]]).toEqual([99, 19])
  expect(() => readCifar(Uint8Array.from(record([10], 1)))).toThrow('at byte 0: image 0 has the label 10')
  expect(() => readCifar(new Uint8Array(3072))).toThrow(FormatError)
})

test('readCsv infers types, keeps what is missing, and unquotes', () => {
  const table = readCsv('a,b,"c ""d"""\r\n1,x,"two\nlines"\r\n\r\n?,y,"q,r"\n-2.5e1,,z')
  expect(table.names).toEqual(['a', 'b', 'c "d"'])
  expect(table.length).toBe(3)
  expect(table.column('a')).toEqual({ type: 'number', values: Float64Array.of(1, Number.NaN, -25) })
  expect(table.column('b')).toEqual({ type: 'category', values: Int32Array.of(0, 1, -1), categories: ['x', 'y'] })
  expect(table.column('c "d"')).toMatchObject({ categories: ['q,r', 'two\nlines', 'z'] })
  expect([table.missing('a'), table.missing('b')]).toEqual([1, 1])
  expect(table.toTensor(['a'], { missing: 'mean' }).toArray()).toEqual([[1], [-12], [-25]])
  expect(table.toTensor(['a', 'b'], { missing: 0, dtype: 'int32' }).toArray()).toEqual([
    [1, 0],
    [0, 1],
    [-25, 0],
  ])
  expect(() => table.toTensor(['a'])).toThrow("column 'a' lacks a value in row 2")
})

test('readCsv takes names, other delimiters, and types', () => {
  const table = readCsv('1\t2\n3\t4', { delimiter: '\t', header: ['x', 'y'], types: { y: 'category' } })
  expect(table.column('y')).toMatchObject({ type: 'category', categories: ['2', '4'] })
  expect(readCsv('1,2\n3,inf', { header: false }).column('1')).toMatchObject({ values: Float64Array.of(2, Infinity) })
})

test.each([
  ['', {}, 'the file is empty'],
  ['a,b\n1', {}, 'at line 2: 1 fields where there are 2 columns'],
  ['a\n"1', {}, 'at line 2: a quote is never closed'],
  ['a\n"1"2', {}, "at line 2: '2' behind a closing quote"],
  ['a\n1\nx', { types: { a: 'number' } }, "at line 3: 'x' in column 'a' is no number"],
  ['a,a\n1,2', {}, 'two columns have one name'],
] as const)('readCsv says what is wrong with %j', (text, options, message) => {
  expect(() => readCsv(text, options)).toThrow(FormatError)
  expect(() => readCsv(text, options)).toThrow(message)
})

test('what is no text, no bytes, no data set is named', () => {
  const raw = <T>(fn: T): ((...given: unknown[]) => unknown) => fn as never
  expect(() => raw(readCsv)()).toThrow('readCsv: text is undefined, not a string')
  expect(() => raw(readCsv)(new Uint8Array(3))).toThrow('readCsv: text is Uint8Array')
  expect(() => raw(readIdx)()).toThrow('readIdx: file is undefined, not its bytes')
  expect(() => raw(readCifar)('file')).toThrow('readCifar: file is String, not its bytes')
  expect(() => raw(randomSplit)()).toThrow('randomSplit: dataset is undefined, not one with batch(positions)')
  const data = new TensorDataset(tensor([1, 2]), tensor([1, 2]))
  expect(() => raw(randomSplit)(data)).toThrow('randomSplit: sizes is undefined, not a list of numbers')
  expect(() => raw((d: never, at: never) => new Subset(d, at))([1], [0])).toThrow('Subset: dataset is Array')
  expect(() => raw((x: never, y: never) => new TensorDataset(x, y))([[1]], [1])).toThrow('TensorDataset: x is an array')
  expect(() => raw((items: never, f: never) => new ListDataset(items, f))([1])).toThrow(
    'ListDataset: collate is undefined, not a function',
  )
  expect(() => raw((items: never, f: never) => new ListDataset(items, f))()).toThrow('ListDataset: items is undefined')
})
