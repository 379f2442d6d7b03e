// How one twin serves several element types.
//
// V8 inlines a call only at a site of few targets, and closures of one factory share their sites:
// a map over a passed scalar function costs 4-14 times a plain loop. So each op owns its loop, written
// once, and its element types share it: a program that uses one type runs it at full speed, one that
// mixes types pays 30 % on the cheapest ops (sums: three times).
import type { KernelFunction } from '../backend/kernels.ts'

/** Twins by kernel name. */
export type Twins = Record<string, KernelFunction>

/** log2 of the bytes of an element: `pointer >>> log2Bytes[type]` is an index into `heap[type]`. */
export const log2Bytes = { f32: 2, f64: 3, i32: 2, u8: 0 } as const

export type ElementType = keyof typeof log2Bytes

/** Any typed array a kernel computes on. */
export type View = Float32Array | Float64Array | Int32Array | Uint8Array

/** The twins `name_type` of each definition `name(type, …)`, for every type. */
export function forTypes<T extends ElementType>(
  types: readonly T[],
  definitions: Readonly<Record<string, (type: T, ...args: number[]) => ReturnType<KernelFunction>>>,
): Twins {
  const twins: Twins = {}
  for (const [name, define] of Object.entries(definitions))
    for (const type of types) twins[`${name}_${type}`] = define.bind(null, type)
  return twins
}
