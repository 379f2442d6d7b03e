// Reading values back to JavaScript, which a compiled function cannot do: its replays would not see it.
import { ShapeError } from './errors.ts'
import { currentArena } from './memory/storage.ts'
import { type Shape, show } from './shape.ts'

/** @throws Error inside a compiled function. */
export function hostRead(name: string): void {
  if (currentArena() !== null) {
    throw new Error(`${name}: values cannot be read inside a compiled function; return the tensor and read it outside`)
  }
}

export const notOne = (shape: Shape): ShapeError =>
  new ShapeError(`item: the tensor has shape ${show(shape)}, not one element; use toArray() or data()`)
