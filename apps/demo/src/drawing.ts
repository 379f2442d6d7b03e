// Drawings for the terminal: loss curves, confusion matrices, digits.
import { styleText } from 'node:util'
import type { Example } from '@x/scenarios'
import asciichart from 'asciichart'

const SHADES = ' ░▒▓█'

/** A curve of the losses, averaged into at most `width` points. */
export function lossCurve(losses: readonly number[], width = 64): string {
  const points = Math.min(width, losses.length)
  const means = Array.from({ length: points }, (_, i) => {
    const part = losses.slice(Math.floor((i * losses.length) / points), Math.floor(((i + 1) * losses.length) / points))
    return part.reduce((a, b) => a + b, 0) / part.length
  })
  return asciichart.plot(means, { height: 8, min: 0, format: (value) => value.toFixed(2).padStart(6) })
}

/** Counts of true against predicted classes; the diagonal is right. */
export function confusionMatrix(matrix: readonly (readonly number[])[]): string {
  const width = Math.max(4, String(Math.max(...matrix.flat())).length + 2)
  const row = (label: string, cells: readonly string[]): string =>
    `  ${label} │${cells.map((cell) => cell.padStart(width)).join('')}`
  const body = matrix.map((counts, label) =>
    row(
      String(label),
      counts.map((count, predicted) => {
        const cell = (count === 0 ? '·' : String(count)).padStart(width)
        if (count === 0) return styleText('dim', cell)
        return styleText(predicted === label ? 'green' : 'red', cell)
      }),
    ),
  )
  const head = row(
    ' ',
    matrix.map((_, c) => String(c)),
  )
  return [head, `  ──┼${'─'.repeat(width * matrix.length)}`, ...body].join('\n')
}

/** Digits side by side, as many as fit, with what they are and what the network says. */
export function digitRow(
  examples: readonly Example[],
  { height, width, ink, columns }: { height: number; width: number; ink: number; columns: number },
): string {
  // A character is twice as high as it is wide: small images get two per pixel, large ones one per two rows.
  const isSmall = width <= 16
  const cell = Math.max(18, isSmall ? 2 * width : width)
  const shown = examples.slice(0, Math.max(1, Math.floor(columns / (cell + 2))))
  const shade = (value: number): string =>
    SHADES[Math.min(SHADES.length - 1, Math.floor((value * SHADES.length) / ink))]
  const lineOf = ({ pixels }: Example, y: number): string =>
    Array.from({ length: width }, (_, x) => {
      const at = y * width + x
      return isSmall ? shade(pixels[at]).repeat(2) : shade((pixels[at] + (pixels[at + width] ?? 0)) / 2)
    }).join('')
  const rows = Array.from({ length: Math.ceil(height / (isSmall ? 1 : 2)) }, (_, i) => i * (isSmall ? 1 : 2))
  const captions = shown.map(({ label, predicted, probability }) => {
    const verdict = label === predicted ? '' : `, is ${label}`
    const text = `  ${predicted} (${(100 * probability).toFixed(1)} %)${verdict}`.padEnd(cell)
    return styleText(label === predicted ? 'green' : 'red', text)
  })
  return [...rows.map((y) => shown.map((e) => lineOf(e, y).padEnd(cell)).join('  ')), captions.join('  ')].join('\n')
}
