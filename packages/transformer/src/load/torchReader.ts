// Reading files of torch.save is a sixth of the code of a worker that loads models, and few files are still of that kind.
import { FormatError } from '@x/tensor'
import type { ReadOptions, Source } from '@x/tensor/files'

/** What reads them: `loadTorch`. */
export type TorchReader = <T>(source: Source, options: ReadOptions) => Promise<T>

/** Says so where they are not read. */
export const noTorch: TorchReader = async (source) => {
  const name = source instanceof Blob ? ((source as File).name ?? 'the file') : source
  throw new FormatError(
    `${name}: files of torch.save are not read in the worker that loadInWorker starts; give it safetensors or GGUF, or ` +
      'as { worker } one of your own that calls serveModel() of @x/transformer/serve',
  )
}
