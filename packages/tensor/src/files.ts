// @x/tensor/files: npy, npz, safetensors and PyTorch's files from paths, pages, files and memory, whole or tensor by tensor.
export { loadNpy, type NpyOptions, type Rows, type SaveOptions, saveNpy } from './files/npy.ts'
export { loadNpz, type Named, openNpz, type SaveNpzOptions, saveNpz } from './files/npz.ts'
export {
  loadSafetensors,
  openSafetensors,
  type SafetensorsOptions,
  type SaveSafetensorsOptions,
  saveSafetensors,
} from './files/safetensors.ts'
export { type Bytes, openBytes, type Reader, type ReadOptions, type Source } from './files/source.ts'
export type { Target } from './files/target.ts'
export type { TensorFile, TensorInfo } from './files/tensorFile.ts'
export { loadTorch, saveTorch, type TorchValue } from './files/torch.ts'
export type { SafetensorsFile } from './safetensors.ts'
