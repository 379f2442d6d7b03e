// @x/rl/vector: wrappers of several environments at once, as Gymnasium has them in `gymnasium.wrappers.vector`.

export { NormalizeObservation, NormalizeReward } from './wrappers/normalize.ts'
export { RecordEpisodeStatistics, type VectorEpisodes } from './wrappers/statistics.ts'
export { ClipObservation, ClipReward, TransformObservation, TransformReward } from './wrappers/transform.ts'
export { VectorWrapper } from './wrappers/vectorWrapper.ts'
