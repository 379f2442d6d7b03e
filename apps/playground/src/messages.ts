// What the page and its worker say to each other.
import type { DigitsEvent, DigitsOptions } from '@x/scenarios'

export type ToWorker =
  | { readonly kind: 'train'; readonly options: Pick<DigitsOptions, 'backend' | 'threads' | 'networks' | 'seed'> }
  | { readonly kind: 'stop' }
  | { readonly kind: 'classify'; readonly id: number; readonly pixels: Uint8Array }

export type FromWorker =
  | DigitsEvent
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly message: string }
  | {
      readonly kind: 'probabilities'
      /** Of the question. */
      readonly id: number
      readonly values: Float32Array
      /** What the answer took to compute. */
      readonly ms: number
    }
