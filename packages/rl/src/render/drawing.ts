// A picture as a list of commands: plain data that a page paints on a canvas, a worker can post, and `rasterize` turns
// into pixels. The origin is the upper left corner, y points down, lengths are pixels.

/** Red, green and blue from 0 to 255. */
export type Color = readonly [red: number, green: number, blue: number]

/** Pixels from the upper left corner. */
export type Point = readonly [x: number, y: number]

/** One shape or text of a drawing. */
export type DrawCommand =
  | { readonly kind: 'polygon'; readonly points: readonly Point[]; readonly color: Color }
  | { readonly kind: 'line'; readonly points: readonly Point[]; readonly color: Color; readonly width: number }
  | { readonly kind: 'circle'; readonly center: Point; readonly radius: number; readonly color: Color }
  /** `at` is the middle of the text, `size` the height of a capital. */
  | { readonly kind: 'text'; readonly at: Point; readonly text: string; readonly size: number; readonly color: Color }

export interface Drawing {
  readonly width: number
  readonly height: number
  readonly background: Color
  readonly commands: readonly DrawCommand[]
}

/** An upright rectangle. */
export function rectangle(x: number, y: number, width: number, height: number, color: Color): DrawCommand {
  const points: Point[] = [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ]
  return { kind: 'polygon', points, color }
}

/** Points turned by `angle` radians (from the x axis towards the y axis) about the origin, then moved to `to`. */
export function placed(points: readonly Point[], angle: number, to: Point): Point[] {
  const [c, s] = [Math.cos(angle), Math.sin(angle)]
  return points.map(([x, y]) => [to[0] + c * x - s * y, to[1] + s * x + c * y])
}

/** What `paint` needs of a canvas context; a CanvasRenderingContext2D is one. */
export interface PaintContext {
  fillStyle: unknown
  strokeStyle: unknown
  lineWidth: number
  font: string
  textAlign: string
  textBaseline: string
  fillRect(x: number, y: number, width: number, height: number): void
  beginPath(): void
  moveTo(x: number, y: number): void
  lineTo(x: number, y: number): void
  closePath(): void
  arc(x: number, y: number, radius: number, from: number, to: number): void
  fill(): void
  stroke(): void
  fillText(text: string, x: number, y: number): void
}

const css = ([r, g, b]: Color): string => `rgb(${r},${g},${b})`

/**
 * Paints a drawing on a canvas that is `width` by `height` pixels: `paint(env.render(), canvas.getContext('2d'))` in a page.
 */
export function paint({ width, height, background, commands }: Drawing, context: PaintContext): void {
  context.fillStyle = css(background)
  context.fillRect(0, 0, width, height)
  for (const command of commands) {
    context.fillStyle = context.strokeStyle = css(command.color)
    context.beginPath()
    if (command.kind === 'text') {
      context.font = `${command.size * 1.4}px sans-serif`
      context.textAlign = 'center'
      context.textBaseline = 'middle'
      context.fillText(command.text, ...command.at)
    } else if (command.kind === 'circle') {
      context.arc(...command.center, command.radius, 0, 2 * Math.PI)
      context.fill()
    } else {
      command.points.forEach(([x, y], i) => {
        if (i === 0) context.moveTo(x, y)
        else context.lineTo(x, y)
      })
      if (command.kind === 'line') {
        context.lineWidth = command.width
        context.stroke()
      } else {
        context.closePath()
        context.fill()
      }
    }
  }
}
