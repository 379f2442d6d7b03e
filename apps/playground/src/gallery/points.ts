// Clouds of points in the plane.
import type { Curve } from '@x/scenarios'
import { colour } from '../colours.ts'
import { hue, type Kind } from './plots.ts'

const FONT = '12px system-ui, sans-serif'
/** Around the field of a cloud: room for the numbers at the ends of the axes, and for points at its rim. */
const MARGIN = { left: 52, right: 16, top: 14, bottom: 28 }

/** Points over light axes, with the lines among them below, and with the names of their groups. */
export function drawPoints(element: HTMLElement, { groups }: Kind<'points'>): void {
  const shown = groups.map((group, g) => ({ ...group, colour: hue(g) })).filter(({ x }) => x.length > 0)
  const width = Math.min(720, element.clientWidth || 720)
  const height = Math.round(width * 0.7)
  const { canvas, context } = sharpCanvas(width, height)
  const [left, right] = range(shown.map(({ x }) => x))
  const [bottom, top] = range(shown.map(({ y }) => y))
  const across = (x: number): number =>
    MARGIN.left + ((x - left) / (right - left || 1)) * (width - MARGIN.left - MARGIN.right)
  const down = (y: number): number =>
    MARGIN.top + ((top - y) / (top - bottom || 1)) * (height - MARGIN.top - MARGIN.bottom)
  drawAxes(context, { left, right, bottom, top, across, down })
  for (const { x, y, colour } of shown.filter(({ line }) => line)) {
    context.strokeStyle = colour
    context.lineWidth = 2
    context.beginPath()
    for (const [i, at] of x.entries()) context.lineTo(across(at), down(y[i]))
    context.stroke()
  }
  const clouds = shown.filter(({ line }) => !line)
  for (const { x, y, colour } of clouds) {
    context.fillStyle = colour
    x.forEach((at, i) => {
      context.beginPath()
      context.arc(across(at), down(y[i]), x.length > 100 ? 2.5 : 4.5, 0, 2 * Math.PI)
      context.fill()
    })
  }
  const single = clouds.filter(({ x }) => x.length === 1)
  nameBeside(
    context,
    width,
    single.map(({ name, x, y }) => ({ name, u: across(x[0]), v: down(y[0]) })),
  )
  element.replaceChildren(canvas, legendOf(shown.filter((group) => !single.includes(group))))
}

/** As many pixels as the screen has for its size. */
function sharpCanvas(width: number, height: number): { canvas: HTMLCanvasElement; context: CanvasRenderingContext2D } {
  const canvas = document.createElement('canvas')
  const scale = devicePixelRatio || 1
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(height * scale)
  canvas.style.width = `${width}px`
  const context = canvas.getContext('2d') as CanvasRenderingContext2D
  context.scale(scale, scale)
  context.font = FONT
  return { canvas, context }
}

interface Field {
  readonly left: number
  readonly right: number
  readonly bottom: number
  readonly top: number
  readonly across: (x: number) => number
  readonly down: (y: number) => number
}

/** Two axes with the values at their ends, and light lines through zero where it lies between. */
function drawAxes(context: CanvasRenderingContext2D, { left, right, bottom, top, across, down }: Field): void {
  const [w, e, n, s] = [across(left) - 8, across(right) + 8, down(top) - 8, down(bottom) + 8]
  context.strokeStyle = colour('--line')
  context.lineWidth = 1
  context.beginPath()
  const segment = (a: number, b: number, c: number, d: number): void => {
    context.moveTo(a, b)
    context.lineTo(c, d)
  }
  segment(w, n, w, s)
  segment(w, s, e, s)
  if (left < 0 && right > 0) segment(across(0), n, across(0), s)
  if (bottom < 0 && top > 0) segment(w, down(0), e, down(0))
  context.stroke()
  context.fillStyle = colour('--muted')
  context.textBaseline = 'top'
  context.textAlign = 'left'
  context.fillText(axisValue(left), across(left), s + 5)
  context.textAlign = 'right'
  context.fillText(axisValue(right), e, s + 5)
  context.textBaseline = 'middle'
  context.fillText(axisValue(top), w - 6, down(top))
  context.fillText(axisValue(bottom), w - 6, down(bottom))
}

const axisValue = (value: number): string => String(Number(value.toPrecision(3)))

interface Named {
  readonly name: string
  readonly u: number
  readonly v: number
}

/** Names to the right of their points or, where that is taken, to the left, above or below. */
function nameBeside(context: CanvasRenderingContext2D, width: number, points: readonly Named[]): void {
  const [half, gap] = [8, 9]
  const taken = points.map(({ u, v }) => ({ from: u - 5, to: u + 5, v }))
  context.fillStyle = colour('--ink')
  context.textBaseline = 'middle'
  context.textAlign = 'left'
  for (const { name, u, v } of points) {
    const long = context.measureText(name).width
    const places = [
      { from: u + gap, v },
      { from: u - gap - long, v },
      { from: u - long / 2, v: v - 2 * half },
      { from: u - long / 2, v: v + 2 * half },
    ].map((place) => ({ ...place, to: place.from + long }))
    const isFree = (place: (typeof places)[number]): boolean =>
      place.from >= 0 &&
      place.to <= width &&
      taken.every((t) => t.to < place.from || t.from > place.to || Math.abs(t.v - place.v) >= 2 * half)
    const place = places.find(isFree) ?? places[0]
    taken.push(place)
    context.fillText(name, place.from, place.v)
  }
}

function legendOf(groups: readonly (Curve & { readonly colour: string })[]): HTMLElement {
  const names = groups.map(({ name, line, colour }) => {
    const label = document.createElement('span')
    label.textContent = name
    label.style.setProperty('--hue', colour)
    label.classList.toggle('line', line === true)
    return label
  })
  const legend = document.createElement('p')
  legend.className = 'legend'
  legend.append(...names)
  return legend
}

function range(lists: readonly (readonly number[])[]): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of lists.flat()) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return low <= high ? [low, high] : [0, 1]
}
