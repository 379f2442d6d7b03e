// @x/rl/preferences: small language models learn what is preferred.
export {
  type CompareOptions,
  type Comparison,
  comparePolicies,
  type Measure,
  type PreferencePair,
  type Preferences,
  preferencesBy,
  preferencesOf,
} from './compare.ts'
export { type DPOTraining, type DPOTrainingOptions, trainDPO } from './dpo.ts'
export {
  type GRPOTrainingOptions,
  type OnlineOptions,
  type OnlineTraining,
  type Rewards,
  trainGRPO,
} from './grpo.ts'
export {
  type LanguagePolicy,
  type ResponseOptions,
  type Responses,
  responseLogProbs,
  responseTokens,
  sampleResponses,
} from './policy.ts'
export {
  RewardModel,
  type RewardModelOptions,
  type RewardTraining,
  type RewardTrainingOptions,
  trainRewardModel,
} from './rewardModel.ts'
export { type RLHFOptions, trainRLHF } from './rlhf.ts'
