// Lines over x, and clouds of points.
import type { Curve, Shown } from '@x/scenarios'
import uPlot from 'uplot'
import { colour } from '../colours.ts'

export type Kind<K extends Shown['kind']> = Extract<Shown, { kind: K }>

const HUES = [217, 28, 152, 330, 265, 190, 0, 90, 45, 300]
/** Tells the curves of a plot apart, in light and dark. */
export const hue = (i: number): string => `hsl(${HUES[i % HUES.length]} 70% 52%)`

/** A plot that is drawn anew as its curves grow. */
export class LinePlot {
  private readonly element: HTMLElement
  private plot: uPlot | null = null
  private names = ''

  constructor(element: HTMLElement) {
    this.element = element
  }

  show({ x, y, curves }: Kind<'plot'>): void {
    const names = curves.map(({ name }) => name).join('\n')
    const data = merged(curves)
    if (this.plot && names === this.names) {
      this.plot.setData(data)
      return
    }
    this.plot?.destroy()
    this.names = names
    const axis = {
      stroke: colour('--muted'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
      font: '12px system-ui',
    }
    const width = this.element.clientWidth || 480
    const options: uPlot.Options = {
      width,
      height: 260,
      cursor: { y: false, points: { show: false } },
      scales: { x: { time: false } },
      axes: [
        { ...axis, size: 36, label: x, labelSize: 16, labelFont: '12px system-ui' },
        { ...axis, size: 56, label: y, labelSize: 16, labelFont: '12px system-ui' },
      ],
      series: [
        { label: x },
        ...curves.map(({ name }, i) => ({
          label: name,
          stroke: hue(i),
          width: 2,
          spanGaps: true,
          points: { show: false },
        })),
      ],
    }
    this.plot = new uPlot(options, data, this.element)
    new ResizeObserver(() => this.plot?.setSize({ width: this.element.clientWidth, height: 260 })).observe(this.element)
  }
}

/** All x in one row, and each curve's y where it has one. */
function merged(curves: readonly Curve[]): uPlot.AlignedData {
  const xs = [...new Set(curves.flatMap(({ x }) => x))].sort((a, b) => a - b)
  const at = new Map(xs.map((x, i) => [x, i]))
  const rows = curves.map(({ x, y }) => {
    const row: (number | null)[] = new Array(xs.length).fill(null)
    x.forEach((value, i) => {
      row[at.get(value) as number] = Number.isFinite(y[i]) ? y[i] : null
    })
    return row
  })
  return [xs, ...rows]
}

/** Points on a square canvas, with the names of their groups below. */
export function drawPoints(element: HTMLElement, { groups }: Kind<'points'>): void {
  const canvas = document.createElement('canvas')
  const [side, margin] = [720, 24]
  canvas.width = side
  canvas.height = side * 0.7
  const context = canvas.getContext('2d') as CanvasRenderingContext2D
  const [left, right] = range(groups.map(({ x }) => x))
  const [bottom, top] = range(groups.map(({ y }) => y))
  groups.forEach(({ x, y }, g) => {
    context.fillStyle = hue(g)
    x.forEach((value, i) => {
      const u = margin + ((value - left) / (right - left || 1)) * (canvas.width - 2 * margin)
      const v = margin + ((top - y[i]) / (top - bottom || 1)) * (canvas.height - 2 * margin)
      context.beginPath()
      context.arc(u, v, x.length > 500 ? 2.5 : 4.5, 0, 2 * Math.PI)
      context.fill()
    })
  })
  const names = groups.map(({ name }, g) => {
    const label = document.createElement('span')
    label.textContent = name
    label.style.setProperty('--hue', hue(g))
    return label
  })
  const legend = document.createElement('p')
  legend.className = 'legend'
  legend.append(...names)
  element.replaceChildren(canvas, legend)
}

function range(lists: readonly (readonly number[])[]): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of lists.flat()) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return low <= high ? [low, high] : [0, 1]
}
