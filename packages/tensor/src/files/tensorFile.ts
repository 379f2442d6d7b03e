// What an open file of named tensors can do, whatever its format.
import type { Tensor } from '../tensor.ts'

/** What is known of a tensor that has not been read. */
export interface TensorInfo {
  /** As the file has it; of another name than this library's where it lacks the dtype. */
  readonly dtype: string
  readonly shape: readonly number[]
  readonly bytes: number
}

/** An open file whose tensors are read one by one. The tensors are exempt from every tidy. */
export interface TensorFile {
  /** Free text that came with the tensors. */
  readonly metadata: Readonly<Record<string, string>>
  /** The names of the tensors. */
  keys(): string[]
  /** Dtype, shape and size of a tensor. @throws RangeError for a name that there is not */
  info(name: string): Promise<TensorInfo>
  /** A tensor. @throws RangeError for a name that there is not, FormatError for a dtype that there is not */
  getTensor(name: string): Promise<Tensor>
  /** Rows (positions along the first axis) `begin` to before `end` of a tensor. @throws RangeError */
  getSlice(name: string, begin: number, end: number): Promise<Tensor>
  /** Gives the source back. */
  close(): Promise<void>
}

export const unknown = (name: string, names: readonly string[]): RangeError =>
  new RangeError(
    `the file has no tensor '${name}'; it has ${names.slice(0, 20).join(', ')}${names.length > 20 ? ' …' : ''}`,
  )

/** Every tensor of a file. What was read before an error is freed. */
export async function loadAll(file: TensorFile): Promise<Record<string, Tensor>> {
  const tensors: [string, Tensor][] = []
  try {
    for (const name of file.keys()) tensors.push([name, await file.getTensor(name)])
  } catch (error) {
    for (const [, x] of tensors) x.dispose()
    throw error
  }
  return Object.fromEntries(tensors)
}
