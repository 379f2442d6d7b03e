// Choosing what computes.

import { js as nnKernels } from '@x/nn/js'
import { setBackend } from '@x/tensor'
import { js as tensorKernels } from '@x/tensor/js'

/** WebAssembly, or the same kernels in JavaScript. */
export type BackendName = 'wasm' | 'js'

export function useBackend(name: BackendName): void {
  if (name === 'wasm') setBackend('wasm')
  else setBackend(tensorKernels, nnKernels)
}
