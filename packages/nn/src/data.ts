// @x/nn/data: readers of files with examples. Bytes or text come in, arrays and tables out.
export { type CifarImages, readCifar } from './data/cifar.ts'
export {
  type CategoryColumn,
  type CsvColumn,
  type CsvOptions,
  CsvTable,
  type Missing,
  type NumberColumn,
  readCsv,
} from './data/csv.ts'
export { type IdxArray, type IdxData, type IdxOptions, readIdx } from './data/idx.ts'
