// Pen strokes as the 8 × 8 pixels of the data set, made in the same way as the scans were.

/** A point on the pad; both coordinates in any one unit, y downwards. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** The points that the pen went through, from touching down to lifting off. */
export type Stroke = readonly Point[]

/** Pixels of the result along a side, and of the bitmap in which ink is counted. */
export const SIDE = 8
const FINE = 32
const BLOCK = FINE / SIDE

/** The digit's middle line fills a box of this width and height, in fine pixels: there the digits of the data set lie. */
const BOX = { width: 21, height: 27 }
/** Ink of the average digit of the data set, in fine pixels; what a pen's width amounts to depends on the scan there. */
const INK = 312
/** Limits for half the width of a line, in fine pixels. */
const [THINNEST, THICKEST] = [1.6, 4.2]

/**
 * Pixels from 0 to 16 row by row, or null for an empty pad. The drawing is scaled to the size that the digits of the
 * data set have and put in the middle; its lines get the width that gives it their amount of ink.
 */
export function pixelsOf(strokes: readonly Stroke[]): Uint8Array | null {
  const points = strokes.flat()
  if (points.length === 0) return null
  const place = placement(points)
  const nearest = distances(strokes.map((stroke) => stroke.map(place)))
  const ranked = nearest.toSorted()
  const reach = Math.min(Math.max(ranked[INK], THINNEST), THICKEST)
  const pixels = new Uint8Array(SIDE * SIDE)
  nearest.forEach((distance, i) => {
    if (distance > reach) return
    const [row, column] = [Math.floor(i / FINE / BLOCK), Math.floor((i % FINE) / BLOCK)]
    pixels[row * SIDE + column]++
  })
  return pixels
}

/** The map from the pad to the fine bitmap. */
function placement(points: readonly Point[]): (point: Point) => Point {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)]
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
  const scale = Math.min(BOX.width / Math.max(right - left, 1e-9), BOX.height / Math.max(bottom - top, 1e-9), 1e6)
  const middle = { x: (left + right) / 2, y: (top + bottom) / 2 }
  return ({ x, y }) => ({ x: (x - middle.x) * scale + FINE / 2, y: (y - middle.y) * scale + FINE / 2 })
}

/** How far the middle of each fine pixel is from the nearest stroke. */
function distances(strokes: readonly Stroke[]): Float32Array {
  const nearest = new Float32Array(FINE * FINE).fill(Number.POSITIVE_INFINITY)
  for (const stroke of strokes) {
    stroke.forEach((end, n) => {
      const begin = stroke[Math.max(0, n - 1)]
      for (let i = 0; i < nearest.length; i++) {
        const distance = toSegment((i % FINE) + 0.5, Math.floor(i / FINE) + 0.5, begin, end)
        if (distance < nearest[i]) nearest[i] = distance
      }
    })
  }
  return nearest
}

function toSegment(x: number, y: number, a: Point, b: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y]
  const along = ((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy || 1)
  const t = Math.min(1, Math.max(0, along))
  return Math.hypot(x - a.x - t * dx, y - a.y - t * dy)
}
