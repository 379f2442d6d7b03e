// The columns of the report: who runs the workloads. Each runs in a process of its own.
import type { Engine } from './engine.ts'
import type { Mode } from './engines/ours.ts'
import type { Workload } from './workload.ts'

export interface Column {
  readonly key: string
  readonly title: string
  /** The best of the Wasm peers is what ours is compared with; each of the others by itself. */
  readonly kind: 'ours' | 'hand' | 'wasm peer' | 'other peer' | 'js peer'
  /** Whether it is to be compared with our columns that have threads. */
  readonly threads?: boolean
  /** Packages to print the version of. */
  readonly packages: readonly string[]
  /** Whether it has a way of doing the workload. */
  can(workload: Workload): boolean
  open(): Promise<Engine>
}

function ours(key: Mode, title: string, can: (workload: Workload) => boolean = () => true): Column {
  return {
    key,
    title,
    kind: 'ours',
    packages: [],
    can,
    open: async () => (await import('./engines/ours.ts')).openOurs(key),
  }
}

type Library = 'tfjs' | 'ort' | 'jax' | 'numpy' | 'mlMatrix' | 'huggingFace' | 'wllama'
interface Peer {
  key: string
  library: Library
  kind: 'wasm peer' | 'other peer' | 'js peer'
  packages: readonly string[]
  open: () => Promise<Engine>
}

const peer = ({ library, key, ...rest }: Peer): Column => ({
  ...rest,
  key,
  title: key,
  can: (workload) => workload[library] !== undefined,
})

/** In the order of the report. */
export const columns: readonly Column[] = [
  ours('js', 'js', ({ slow }) => !slow),
  ours('wasm', 'wasm'),
  ours('untidied', 'no tidy', ({ section }) => section === 'small'),
  ours('threads', '2 threads', ({ section }) => section !== 'small'),
  ours('compiled', 'compiled', ({ dynamic }) => !dynamic),
  ours(
    'both',
    'compiled, 2 threads',
    ({ section, dynamic, slow }) => (section === 'training' || slow === true) && !dynamic,
  ),
  {
    key: 'hand',
    title: 'hand-written JS',
    kind: 'hand',
    packages: [],
    can: ({ hand }) => hand !== undefined,
    open: async () => (await import('./engines/hand.ts')).openHand(),
  },
  peer({
    key: 'tfjs-wasm',
    library: 'tfjs',
    kind: 'wasm peer',
    packages: ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm'],
    open: async () => (await import('./engines/tfjs.ts')).openTfjs('wasm'),
  }),
  peer({
    key: 'ort-web',
    library: 'ort',
    kind: 'wasm peer',
    packages: ['onnxruntime-web'],
    open: async () => (await import('./engines/ort.ts')).openOrt(),
  }),
  {
    ...peer({
      key: 'ort-web-2',
      library: 'ort',
      kind: 'other peer',
      packages: ['onnxruntime-web'],
      open: async () => (await import('./engines/ort.ts')).openOrt(2),
    }),
    title: 'ort-web, 2 threads',
    threads: true,
    can: ({ ort, slow }) => slow === true && ort !== undefined,
  },
  ...[1, 2].map((threads) => ({
    ...peer({
      key: threads === 1 ? 'wllama' : 'wllama-2',
      library: 'wllama',
      kind: 'other peer',
      packages: ['@wllama/wllama'],
      open: async () => (await import('./engines/wllama.ts')).openWllama(threads),
    }),
    title: threads === 1 ? 'wllama' : 'wllama, 2 threads',
    threads: threads === 2,
  })),
  peer({
    key: 'jax-js',
    library: 'jax',
    kind: 'wasm peer',
    packages: ['@jax-js/jax'],
    open: async () => (await import('./engines/jax.ts')).openJax(),
  }),
  peer({
    key: 'numpy-ts',
    library: 'numpy',
    kind: 'wasm peer',
    packages: ['numpy-ts'],
    open: async () => (await import('./engines/numpy.ts')).openNumpy(),
  }),
  peer({
    key: 'tfjs-cpu',
    library: 'tfjs',
    kind: 'js peer',
    packages: ['@tensorflow/tfjs'],
    open: async () => (await import('./engines/tfjs.ts')).openTfjs('cpu'),
  }),
  peer({
    key: 'ml-matrix',
    library: 'mlMatrix',
    kind: 'js peer',
    packages: ['ml-matrix'],
    open: async () => (await import('./engines/mlMatrix.ts')).openMlMatrix(),
  }),
  peer({
    key: 'huggingface',
    library: 'huggingFace',
    kind: 'js peer',
    packages: ['@huggingface/tokenizers'],
    open: async () => (await import('./engines/huggingFace.ts')).openHuggingFace(),
  }),
]

export const isPeer = ({ kind }: Column): boolean => kind.endsWith('peer')
