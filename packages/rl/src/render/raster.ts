// Drawings as pixels, without a canvas: every shape is filled by scan lines, with four samples down a pixel and exact
// coverage along it.
import type { Color, Drawing, Point } from './drawing.ts'

/** Pixels row by row, four bytes each: red, green, blue, opaque. What ImageData takes. */
export interface Frame {
  readonly width: number
  readonly height: number
  readonly data: Uint8ClampedArray
}

const SAMPLES = 4

/**
 * The drawing as pixels.
 * @example
 * import { make, rasterize } from '@x/rl'
 * const env = make('CartPole-v1', { renderMode: 'commands' })
 * env.reset({ seed: 0 })
 * rasterize(env.render()).data.length // 600 · 400 · 4
 */
export function rasterize({ width, height, background, commands }: Drawing): Frame {
  const data = new Uint8ClampedArray(width * height * 4)
  for (let i = 0; i < data.length; i += 4) data.set([...background, 255], i)
  const frame: Frame = { width, height, data }
  for (const command of commands) {
    if (command.kind === 'polygon') fill(frame, command.points, command.color)
    else if (command.kind === 'circle') fill(frame, circle(command.center, command.radius), command.color)
    else if (command.kind === 'line') {
      command.points.slice(1).forEach((to, i) => {
        fill(frame, stroke(command.points[i], to, command.width), command.color)
      })
    } else {
      for (const dot of dots(command.text, command.at, command.size)) fill(frame, dot, command.color)
    }
  }
  return frame
}

/** Fills a polygon by the even-odd rule. */
function fill({ width, height, data }: Frame, points: readonly Point[], color: Color): void {
  const ys = points.map(([, y]) => y)
  const first = Math.max(0, Math.floor(Math.min(...ys)))
  const last = Math.min(height - 1, Math.ceil(Math.max(...ys)))
  const coverage = new Float32Array(width)
  for (let row = first; row <= last; row++) {
    coverage.fill(0)
    for (let k = 0; k < SAMPLES; k++) {
      const cuts = crossings(points, row + (k + 0.5) / SAMPLES)
      for (let i = 0; i + 1 < cuts.length; i += 2) cover(coverage, cuts[i], cuts[i + 1])
    }
    for (let x = 0; x < width; x++) {
      if (coverage[x] === 0) continue
      const share = Math.min(1, coverage[x])
      const at = (row * width + x) * 4
      for (let c = 0; c < 3; c++) data[at + c] += (color[c] - data[at + c]) * share
    }
  }
}

/** Where the outline meets the horizontal line at `y`, from left to right. */
function crossings(points: readonly Point[], y: number): number[] {
  const cuts: number[] = []
  points.forEach(([x1, y1], i) => {
    const [x0, y0] = points[i === 0 ? points.length - 1 : i - 1]
    if (y0 <= y !== y1 <= y) cuts.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0))
  })
  return cuts.sort((a, b) => a - b)
}

/** Adds the share that [from, to) covers of each pixel, for one of the samples. */
function cover(coverage: Float32Array, from: number, to: number): void {
  const end = Math.min(to, coverage.length)
  for (let x = Math.max(0, Math.floor(from)); x < end; x++) {
    coverage[x] += (Math.min(x + 1, to) - Math.max(x, from)) / SAMPLES
  }
}

function circle([x, y]: Point, radius: number): Point[] {
  const corners = Math.max(8, Math.ceil(4 * Math.sqrt(radius)) * 2)
  return Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * i) / corners
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)]
  })
}

function stroke([x0, y0]: Point, [x1, y1]: Point, width: number): Point[] {
  const length = Math.hypot(x1 - x0, y1 - y0) || 1
  const dx = ((y1 - y0) / length) * (width / 2)
  const dy = ((x0 - x1) / length) * (width / 2)
  return [
    [x0 + dx, y0 + dy],
    [x1 + dx, y1 + dy],
    [x1 - dx, y1 - dy],
    [x0 - dx, y0 - dy],
  ]
}

const GLYPHS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ+-.:%<>^v'
/** Three by five dots a glyph, row by row, as numbers of base 36. */
const DOTS =
  'odr 8t3 mw7 mof i4p o27 o33 mmq ohb ogf 8od l9q bab l7y o13 o10 bcb i5p n13 3my i3x eg7 iy5 l7x 8kq l9g 8kz l9p b66 n0y i27 i22 i65 hwt hw2 mnb 15c cg 2 sw gbp 45t dhw 8ao a2'

const glyphs = new Map([...GLYPHS].map((glyph, i) => [glyph, Number.parseInt(DOTS.split(' ')[i], 36)]))

/** The squares that make up a text: capitals, digits and a few signs; other characters are blank. */
function dots(text: string, [x, y]: Point, size: number): Point[][] {
  const dot = size / 5
  const left = x - ((4 * text.length - 1) * dot) / 2
  const squares: Point[][] = []
  ;[...text].forEach((character, i) => {
    const bits = glyphs.get(character) ?? glyphs.get(character.toUpperCase()) ?? 0
    for (let k = 0; k < 15; k++) {
      if (((bits >> (14 - k)) & 1) === 0) continue
      const [px, py] = [left + (4 * i + (k % 3)) * dot, y - size / 2 + Math.floor(k / 3) * dot]
      squares.push([
        [px, py],
        [px + dot, py],
        [px + dot, py + dot],
        [px, py + dot],
      ])
    }
  })
  return squares
}
