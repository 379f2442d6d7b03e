// What the scenario tells while it runs, and what it can be told beforehand.
import type { ThreadsStatus } from '@x/tensor/threads'
import type { BackendName } from '../backends.ts'
import type { DigitsData } from './images.ts'
import type { NetworkName } from './networks.ts'

export interface DigitsOptions {
  /** What trains. Default 'wasm'. */
  backend?: BackendName
  /** Threads for the Wasm kernels, 1 to 64. Default: as many as there are already. */
  threads?: number
  /** Passes over the training images, ≥ 1. Default: until about 20,000 were seen; 14 for the bundled digits. */
  epochs?: number
  /** Of the weights, the order of the images and dropout; the same seed gives the same run. Default 0. */
  seed?: number
  /** What is trained, in this order; the last one is saved, loaded and timed. Default both. */
  networks?: readonly NetworkName[]
  /** Default: the bundled digits, a fifth of them for testing. */
  data?: DigitsData
  /** Whether to compare the backends at the end. Default true. */
  speed?: boolean
  /** Keeps the file of the trained model and gives it back. Default: in memory. */
  store?: (file: Uint8Array<ArrayBuffer>) => Uint8Array | Promise<Uint8Array>
  /** Ends the run: the generator throws the signal's reason. */
  signal?: AbortSignal
}

/** What was done, in the order in which it happens. Times are in seconds unless they are named ms. */
export type DigitsEvent =
  | StartEvent
  | NetworkEvent
  | StepEvent
  | EpochEvent
  | ConfusionEvent
  | SavedEvent
  | LoadedEvent
  | SpeedEvent
  | DoneEvent

export interface StartEvent {
  readonly kind: 'start'
  readonly data: string
  readonly train: number
  readonly test: number
  readonly height: number
  readonly width: number
  readonly backend: BackendName
  readonly threads: ThreadsStatus
}

/** A network is about to be trained. */
export interface NetworkEvent {
  readonly kind: 'network'
  readonly network: NetworkName
  readonly title: string
  readonly layers: string
  /** Numbers that are learned. */
  readonly parameters: number
  readonly epochs: number
  readonly stepsPerEpoch: number
}

export interface StepEvent {
  readonly kind: 'step'
  readonly network: NetworkName
  /** From 1. */
  readonly epoch: number
  /** From 1 to `of`, counted over all epochs. */
  readonly step: number
  readonly of: number
  /** Cross-entropy of the batch in nats. */
  readonly loss: number
}

export interface EpochEvent {
  readonly kind: 'epoch'
  readonly network: NetworkName
  readonly epoch: number
  readonly of: number
  /** Mean over the epoch's steps. */
  readonly loss: number
  /** Share of the test images that are classified right, 0 to 1. */
  readonly testAccuracy: number
  /** Of training alone. */
  readonly samplesPerSecond: number
  readonly stepsPerSecond: number
  /** Since the network's training began, tests included. */
  readonly seconds: number
  /** The network as it is now, in a safetensors file that `Classifier` reads. */
  readonly file: Uint8Array<ArrayBuffer>
}

/** How the trained network did on the test images: [true class][predicted class] → count. */
export interface ConfusionEvent {
  readonly kind: 'confusion'
  readonly network: NetworkName
  readonly matrix: readonly (readonly number[])[]
}

/** The trained network as a safetensors file. */
export interface SavedEvent {
  readonly kind: 'saved'
  readonly network: NetworkName
  readonly file: Uint8Array<ArrayBuffer>
}

/** A classified image. */
export interface Example {
  readonly pixels: Uint8Array
  readonly label: number
  readonly predicted: number
  /** Of the predicted class, 0 to 1. */
  readonly probability: number
}

/** The stored file was loaded into a new network, which gave the same probabilities to the last bit. */
export interface LoadedEvent {
  readonly kind: 'loaded'
  readonly network: NetworkName
  /** How many test images were compared. */
  readonly compared: number
  /** The first test image of each class, and those that the network gets wrong. */
  readonly examples: readonly Example[]
  readonly mistakes: readonly Example[]
}

/** The same training steps on both backends, interleaved, medians. */
export interface SpeedEvent {
  readonly kind: 'speed'
  readonly network: NetworkName
  readonly batchSize: number
  readonly steps: number
  readonly threads: number
  readonly wasmMs: number
  readonly jsMs: number
  /** jsMs / wasmMs. */
  readonly ratio: number
  /** The largest difference between the losses of the same step on the two backends. */
  readonly lossDifference: number
}

export interface DoneEvent {
  readonly kind: 'done'
  readonly seconds: number
}
