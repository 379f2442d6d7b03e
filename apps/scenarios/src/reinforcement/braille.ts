// Pictures for a terminal: eight dots a character.
import { type DrawCommand, type Drawing, type Point, rasterize } from '@x/rl'

/** Bits of the Braille pattern for the dots of a character, row by row. */
const BITS = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]
/** How far a channel must be from the background to be seen. */
const SEEN = 40

/** The picture in at most so many lines of text, every shape as dots. */
export function braille(drawing: Drawing, { columns = 44, lines = 14 } = {}): string {
  const scale = Math.min((2 * columns) / drawing.width, (4 * lines) / drawing.height)
  const small = scaled(drawing, scale)
  const { width, height, data } = rasterize(small)
  const isDot = (x: number, y: number): boolean =>
    x < width && y < height && small.background.some((c, k) => Math.abs(data[4 * (y * width + x) + k] - c) > SEEN)
  const cell = (column: number, line: number): string =>
    String.fromCodePoint(
      BITS.reduce((sum, bit, i) => sum + (isDot(2 * column + (i % 2), 4 * line + (i >> 1)) ? bit : 0), 0x2800),
    )
  const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
  return range(Math.ceil(height / 4))
    .map((line) => range(Math.ceil(width / 2)).map((column) => cell(column, line)).join('')) // biome-ignore format: one line a line
    .join('\n')
}

function scaled({ width, height, background, commands }: Drawing, by: number): Drawing {
  const at = ([x, y]: Point): Point => [x * by, y * by]
  const shrunk = (command: DrawCommand): DrawCommand => {
    switch (command.kind) {
      case 'polygon':
        return { ...command, points: command.points.map(at) }
      case 'line':
        return { ...command, points: command.points.map(at), width: Math.max(1, command.width * by) }
      case 'circle':
        return { ...command, center: at(command.center), radius: command.radius * by }
      case 'text':
        return { ...command, at: at(command.at), size: command.size * by }
    }
  }
  return {
    width: Math.round(width * by),
    height: Math.round(height * by),
    background,
    commands: commands.map(shrunk),
  }
}
