// What the gallery and its worker say to each other.
import type { Shown } from '@x/scenarios'

export type ToWorker =
  | {
      readonly kind: 'run'
      readonly scenario: string
      readonly options: Readonly<Record<string, string>>
      readonly seed: number
      readonly threads: number
    }
  | { readonly kind: 'stop' }

export type FromWorker =
  | { readonly kind: 'shown'; readonly item: Shown }
  | { readonly kind: 'threads'; readonly text: string }
  | { readonly kind: 'done'; readonly seconds: number }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly message: string }
