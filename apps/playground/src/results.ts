// What comes after the training: the confusion matrix, the speed of the backends, the file.
import type { ConfusionEvent, SavedEvent, SpeedEvent } from '@x/scenarios'
import { byId, milliseconds } from './page.ts'

/** A table of counts, shaded by share of the row: right ones in the accent colour, wrong ones in red. */
export function showConfusion(matrix: ConfusionEvent['matrix']): void {
  const cell = (tag: string, text: string): HTMLElement =>
    Object.assign(document.createElement(tag), { textContent: text })
  const head = document.createElement('tr')
  head.append(cell('td', ''), ...matrix.map((_, digit) => cell('th', String(digit))))
  const rows = matrix.map((counts, label) => {
    const row = document.createElement('tr')
    const total = counts.reduce((a, b) => a + b, 0)
    const cells = counts.map((n, predicted) => {
      const td = cell('td', n === 0 ? '' : String(n))
      td.title = `${n} of ${total} times, ${label} was taken for ${predicted}`
      td.className = n === 0 ? 'none' : predicted === label ? 'right' : 'wrong'
      td.style.setProperty('--share', String(n / Math.max(1, total)))
      return td
    })
    row.append(cell('th', String(label)), ...cells)
    return row
  })
  byId('confusion').replaceChildren(head, ...rows)
}

export function showSpeed({ wasmMs, jsMs, ratio, batchSize, steps, threads }: SpeedEvent): void {
  const bar = (name: string, ms: number): string =>
    `<div class="race"><span>${name}</span><i class="length" style="width:${(100 * ms) / Math.max(wasmMs, jsMs)}%"></i><b>${milliseconds(ms)}</b></div>`
  byId('speed').innerHTML =
    `<p class="ratio"><b>${ratio.toFixed(1)} ×</b> faster than pure JavaScript</p>` +
    bar('WebAssembly', wasmMs) +
    bar('JavaScript', jsMs) +
    `<p class="note">${batchSize} images, forward, gradients and Adam; median of ${steps} steps, taking turns; ${threads} thread${threads === 1 ? '' : 's'}.</p>`
}

let address = ''

/** Offers the trained network as a file. */
export function offerFile({ file, network }: SavedEvent): void {
  URL.revokeObjectURL(address)
  address = URL.createObjectURL(new Blob([file]))
  const name = `digits-${network}.safetensors`
  const textContent = `Download the trained network (${name}, ${Math.round(file.length / 1024)} KB)`
  byId('file').replaceChildren(
    Object.assign(document.createElement('a'), { id: 'download', href: address, download: name, textContent }),
  )
}
