// The demonstrations, each once: async generators of progress that read and write nothing themselves.

export { scenarios } from './all.ts'
export { type BackendName, useBackend } from './backends.ts'
export { Classifier } from './digits/classifier.ts'
export { digits, heldOut } from './digits/digits.ts'
export type * from './digits/events.ts'
export { bundledDigits, CLASSES, type DigitsData, type Images } from './digits/images.ts'
export { type Network, type NetworkName, networks } from './digits/networks.ts'
export {
  type Chosen,
  type Context,
  type Curve,
  chosen,
  rangeOf,
  type Scenario,
  type ScenarioOption,
  type ScenarioOptions,
  type Shown,
  TOPICS,
} from './scenario.ts'
export { cellTexts } from './tables.ts'
