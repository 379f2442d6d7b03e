// What the network says about the drawing: its input, the digit, and a bar per class.
import { colour } from './colours.ts'
import { byId } from './page.ts'
import { SIDE } from './strokes.ts'

const CLASSES = 10
const FULL_INK = 16

export interface Answer {
  /** Shows the pixels that the network gets; null for an empty pad. */
  input(pixels: Uint8Array | null): void
  /** Shows the probability of each class; null for no answer. */
  show(probabilities: Float32Array | null): void
}

export function answer(): Answer {
  const seen = byId('seen', HTMLCanvasElement)
  const context = seen.getContext('2d') as CanvasRenderingContext2D
  const rows = Array.from({ length: CLASSES }, (_, digit) => {
    const row = document.createElement('li')
    row.innerHTML = `<span>${digit}</span><i class="track"><i></i></i><span class="value">–</span>`
    return row
  })
  byId('probabilities').replaceChildren(...rows)

  const input = (pixels: Uint8Array | null): void => {
    context.clearRect(0, 0, SIDE, SIDE)
    context.fillStyle = colour('--ink')
    pixels?.forEach((value, i) => {
      context.globalAlpha = value / FULL_INK
      context.fillRect(i % SIDE, Math.floor(i / SIDE), 1, 1)
    })
  }
  const show = (probabilities: Float32Array | null): void => {
    const most = probabilities ? Math.max(...probabilities) : Number.NaN
    rows.forEach((row, digit) => {
      const p = probabilities?.[digit]
      const value = row.querySelector('.value') as HTMLElement
      row.style.setProperty('--share', String(p ?? 0))
      value.textContent = p === undefined ? '–' : `${(100 * p).toFixed(p > 0.9995 ? 0 : 1)} %`
      row.classList.toggle('most', p === most)
    })
    byId('verdict').textContent = probabilities ? String(probabilities.indexOf(most)) : '–'
    byId('certainty').textContent = probabilities ? `with ${(100 * most).toFixed(1)} %` : 'draw something'
  }
  return { input, show }
}
