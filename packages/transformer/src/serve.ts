// The public API of @x/transformer/serve: the worker's side of @x/transformer/worker, for workers of one's own.
export { serveModel } from './worker/serve.ts'
