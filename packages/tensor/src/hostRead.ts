// Reading values back to JavaScript, which a compiled function cannot do: its replays would not see it.
import { recording } from './memory/storage.ts'

/** @throws Error inside a compiled function. */
export function hostRead(name: string): void {
  if (recording !== null) {
    throw new Error(`${name}: values cannot be read inside a compiled function; return the tensor and read it outside`)
  }
}
