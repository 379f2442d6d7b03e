// Lines over x.
import type { Curve, Shown } from '@x/scenarios'
import uPlot from 'uplot'
import { colour } from '../colours.ts'
import { latest } from '../legend.ts'

export type Kind<K extends Shown['kind']> = Extract<Shown, { kind: K }>

const HUES = [217, 28, 152, 330, 265, 190, 0, 90, 45, 300]
/** Tells the curves of a plot apart, in light and dark. */
export const hue = (i: number): string => `hsl(${HUES[i % HUES.length]} 70% 52%)`

/** A plot that is drawn anew as its curves grow. */
export class LinePlot {
  private readonly element: HTMLElement
  private readonly resized = new ResizeObserver(() => this.plot?.setSize(this.size()))
  private plot: uPlot | null = null
  private names = ''

  constructor(element: HTMLElement) {
    this.element = element
    this.resized.observe(element)
  }

  destroy(): void {
    this.resized.disconnect()
    this.plot?.destroy()
    this.plot = null
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
    const options: uPlot.Options = {
      ...this.size(),
      cursor: { y: false, points: { show: false } },
      scales: { x: { time: false } },
      axes: [
        { ...axis, size: 36, label: x, labelSize: 16, labelFont: '12px system-ui' },
        { ...axis, size: 56, label: y, labelSize: 16, labelFont: '12px system-ui' },
      ],
      series: [
        { label: x, value: latest(short) },
        ...curves.map(({ name }, i) => ({
          label: name,
          stroke: hue(i),
          width: 2,
          spanGaps: true,
          points: { show: false },
          value: latest(short),
        })),
      ],
    }
    this.plot = new uPlot(options, data, this.element)
  }

  private size(): { width: number; height: number } {
    return { width: this.element.clientWidth || 480, height: 260 }
  }
}

/** Four significant digits, of large numbers all before the point. */
const short = (value: number): string =>
  Math.abs(value) >= 10_000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(4)))

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
