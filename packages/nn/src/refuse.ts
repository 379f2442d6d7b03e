// The error for arguments of another kind, where the engine's own would name nothing.

/** @param what the argument, @param wanted what it should have been, as the message says them */
export function refuse(what: string, x: unknown, wanted: string): TypeError {
  const kind = x === null ? x : ((x as object | undefined)?.constructor?.name ?? typeof x)
  return new TypeError(`${what} is ${kind}, not ${wanted}`)
}
