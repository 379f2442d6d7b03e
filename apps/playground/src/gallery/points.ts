// Clouds of points in the plane.
import type { Curve } from '@x/scenarios'
import { colour } from '../colours.ts'
import { hue, type Kind } from './plots.ts'

const FONT = '12px system-ui, sans-serif'
/** Around the field of a cloud: room for the numbers at the ends of the axes, and for points at its rim. */
const MARGIN = { left: 52, right: 16, top: 22, bottom: 28 }

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
    height,
    single.map(({ name, x, y }) => ({ name, u: across(x[0]), v: down(y[0]) })),
  )
  // Where every point has its name beside it, only lines need a legend.
  element.replaceChildren(canvas, legendOf(single.length < clouds.length ? shown : shown.filter(({ line }) => line)))
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

interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

const around = (u: number, v: number, half: number): Box => ({
  left: u - half,
  right: u + half,
  top: v - half,
  bottom: v + half,
})

/** Whether two boxes do not meet. */
const areApart = (a: Box, b: Box): boolean =>
  a.right < b.left || a.left > b.right || a.bottom <= b.top || a.top >= b.bottom

/** Names beside their points, above or below them: at the first place inside the axes that is free. */
function nameBeside(context: CanvasRenderingContext2D, width: number, height: number, points: readonly Named[]): void {
  const [half, gap] = [6, 9]
  const taken = points.map(({ u, v }) => around(u, v, 5))
  context.fillStyle = colour('--ink')
  context.textBaseline = 'middle'
  context.textAlign = 'left'
  for (const { name, u, v } of points) {
    const long = context.measureText(name).width
    const [after, before, centred] = [u + gap, u - gap - long, u - long / 2]
    const beside = [0, -7, 7].flatMap((shift) => [after, before].map((left) => ({ left, v: v + shift })))
    const places = [...beside, { left: centred, v: v - 13 }, { left: centred, v: v + 13 }].map(
      ({ left, v }): Box => ({ left, right: left + long, top: v - half, bottom: v + half }),
    )
    const isInside = ({ left, right, top, bottom }: Box): boolean =>
      left > MARGIN.left - 6 && right < width - 2 && top > 1 && bottom < height - MARGIN.bottom + 8
    const place = places.find((box) => isInside(box) && taken.every((other) => areApart(box, other))) ?? places[0]
    taken.push(place)
    context.fillText(name, place.left, place.top + half)
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
