// Images, heat maps, boards, drawings and tables.
import { paint } from '@x/rl'
import { cellTexts } from '@x/scenarios'
import { colour } from '../colours.ts'
import type { Kind } from './plots.ts'

export function drawImages(element: HTMLElement, { height, width, pixels, captions }: Kind<'images'>): void {
  const figures = pixels.map((image, i) => {
    const canvas = document.createElement('canvas')
    canvas.width = width
    canvas.height = height
    canvas.style.width = `${Math.min(480, Math.max(64, width * (width > 40 ? 4 : 8)))}px`
    const context = canvas.getContext('2d') as CanvasRenderingContext2D
    context.fillStyle = colour('--ink')
    for (let at = 0; at < image.length; at++) {
      context.globalAlpha = Math.min(1, Math.max(0, image[at]))
      context.fillRect(at % width, Math.floor(at / width), 1, 1)
    }
    const figure = document.createElement('figure')
    figure.append(canvas)
    if (captions) figure.append(Object.assign(document.createElement('figcaption'), { textContent: captions[i] }))
    return figure
  })
  element.className = 'images'
  element.replaceChildren(...figures)
}

const cell = (tag: 'td' | 'th', text: string): HTMLElement =>
  Object.assign(document.createElement(tag), { textContent: text })

function row(...cells: HTMLElement[]): HTMLElement {
  const tr = document.createElement('tr')
  tr.append(...cells)
  return tr
}

export function drawTable(element: HTMLElement, item: Kind<'table'>): void {
  const table = document.createElement('table')
  table.className = 'numbers'
  table.append(
    row(...item.columns.map((column) => cell('th', column))),
    ...cellTexts(item).map((texts) => row(...texts.map((text) => cell('td', text)))),
  )
  element.replaceChildren(table)
}

export function drawHeatmap(element: HTMLElement, { rows, columns, values }: Kind<'heatmap'>): void {
  const all = values.flat()
  const [low, high] = [Math.min(...all), Math.max(...all)]
  const table = document.createElement('table')
  table.className = 'heat'
  const body = rows.map((name, r) =>
    row(
      cell('th', name),
      ...columns.map((column, c) => {
        const td = cell('td', '')
        td.title = `${name} · ${column}: ${values[r][c].toPrecision(3)}`
        td.style.setProperty('--share', String((values[r][c] - low) / (high - low || 1)))
        return td
      }),
    ),
  )
  table.append(row(cell('th', ''), ...columns.map((column) => cell('th', column))), ...body)
  element.replaceChildren(table)
}

export function drawBoard(element: HTMLElement, { cells, values }: Kind<'board'>): void {
  const table = document.createElement('table')
  table.className = 'board'
  table.append(
    ...cells.map((texts, r) =>
      row(
        ...texts.map((text, c) => {
          const td = cell('td', text)
          if (values) td.style.setProperty('--share', String(values[r][c]))
          return td
        }),
      ),
    ),
  )
  element.replaceChildren(table)
}

/** Painted on one canvas, picture after picture. */
export function drawDrawing(element: HTMLElement, { drawing }: Kind<'drawing'>): void {
  let canvas = element.querySelector('canvas')
  if (!canvas) {
    canvas = document.createElement('canvas')
    element.replaceChildren(canvas)
  }
  if (canvas.width !== drawing.width || canvas.height !== drawing.height) {
    canvas.width = drawing.width
    canvas.height = drawing.height
  }
  paint(drawing, canvas.getContext('2d') as CanvasRenderingContext2D)
}
