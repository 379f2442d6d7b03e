// What a page and its worker say to each other. Only plain values cross, and files.
import type { PlainSource } from './places.ts'
import type { PlainError } from './plainError.ts'

/** What is asked of the worker; `id` is answered by what comes back. */
export type Request =
  | {
      readonly do: 'load'
      readonly source: PlainSource
      readonly tokenizer: PlainSource | null
      readonly cache: string | null
      readonly threads: number
      readonly options: object
    }
  | { readonly do: 'generate' | 'stream'; readonly prompt: string; readonly options: object }
  | { readonly do: 'encode'; readonly text: string }
  | { readonly do: 'memory' }

export type ToWorker = ({ readonly id: number } & Request) | { readonly id: number; readonly do: 'stop' }

export type FromWorker = { readonly id: number } & (
  | { readonly progress: { readonly loaded: number; readonly total: number | null } }
  | { readonly piece: string }
  | { readonly done: unknown }
  | { readonly failed: PlainError }
)

/** What the worker tells of a model that it has loaded. */
export interface Loaded {
  readonly architecture: string
  readonly config: Readonly<Record<string, unknown>>
  readonly parameters: number
  readonly threads: number
}
