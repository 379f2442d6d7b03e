// The demonstrations, each once: async generators of progress that read and write nothing themselves.
export { type BackendName, useBackend } from './backends.ts'
export { Classifier } from './digits/classifier.ts'
export { digits, heldOut } from './digits/digits.ts'
export type * from './digits/events.ts'
export { bundledDigits, CLASSES, type DigitsData, type Images } from './digits/images.ts'
export { type Network, type NetworkName, networks } from './digits/networks.ts'
export { type IdxArray, type IdxKind, readIdx } from './idx.ts'
