// The public API of @x/transformer/worker: a model in a worker of its own. A page that imports nothing else loads nothing
// of the library but what the worker needs.
export {
  loadInWorker,
  WorkerGoneError,
  type WorkerLoadOptions,
  type WorkerMemory,
  type WorkerModel,
  type WorkerTextOptions,
} from './worker/loadInWorker.ts'
export type { AnyWorker } from './worker/thread.ts'
