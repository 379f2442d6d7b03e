// How grid worlds move and look.
import { type Color, type DrawCommand, type Drawing, rectangle } from '../render/drawing.ts'

/** The cell after moving by [rows, columns] from cell `s`; the edge of the grid stops. */
export function moved(s: number, rows: number, columns: number, [down, right]: readonly [number, number]): number {
  const row = Math.min(Math.max(Math.floor(s / columns) + down, 0), rows - 1)
  const column = Math.min(Math.max((s % columns) + right, 0), columns - 1)
  return row * columns + column
}

/** Up, right, down, left as [rows, columns]: the order of Sutton and Barto's grids and of CliffWalking. */
export const UP_RIGHT_DOWN_LEFT: readonly (readonly [number, number])[] = [
  [-1, 0],
  [0, 1],
  [1, 0],
  [0, -1],
]

export interface GridPicture {
  readonly rows: number
  readonly columns: number
  /** Color of a cell. */
  readonly color: (s: number) => Color
  /** What is written on a cell. Default nothing */
  readonly label?: (s: number) => string
  /** Where the agent is. */
  readonly agent: number
}

const CELL = 48

/** A grid with an agent, as a picture. */
export function gridDrawing({ rows, columns, color, label, agent }: GridPicture): Drawing {
  const commands: DrawCommand[] = []
  const centre = (s: number): readonly [number, number] => [
    ((s % columns) + 0.5) * CELL,
    (Math.floor(s / columns) + 0.5) * CELL,
  ]
  for (let s = 0; s < rows * columns; s++) {
    const [x, y] = centre(s)
    commands.push(rectangle(x - CELL / 2 + 0.5, y - CELL / 2 + 0.5, CELL - 1, CELL - 1, color(s)))
    const text = label?.(s)
    if (text) commands.push({ kind: 'text', at: [x, y], text, size: CELL / 4, color: [60, 60, 60] })
  }
  commands.push({ kind: 'circle', center: centre(agent), radius: CELL / 3.5, color: [220, 60, 60] })
  return { width: columns * CELL, height: rows * CELL, background: [190, 200, 215], commands }
}

/** A character with a coloured background for terminals: 41 red, 42 green, 43 yellow … */
export const highlighted = (text: string, color: number): string => `\u001b[${color}m${text}\u001b[0m`
