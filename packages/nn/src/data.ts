// @x/nn/data: data sets, loaders and samplers; readers of files with examples (bytes or text come in, arrays and tables out).
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
export {
  type AsyncDataset,
  type Batch,
  type Dataset,
  ListDataset,
  randomSplit,
  Subset,
  TensorDataset,
} from './data/datasets.ts'
export { type IdxArray, type IdxData, type IdxOptions, readIdx } from './data/idx.ts'
export { DataLoader, type DataLoaderOptions, weightedSampler } from './data/loader.ts'
