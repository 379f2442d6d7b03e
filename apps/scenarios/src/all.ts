// Every scenario of the gallery, in the order in which one learns them.
import { graphs } from './foundations/graphs.ts'
import { perceptron } from './foundations/perceptron.ts'
import { linearRegression, logisticRegression } from './foundations/regression.ts'
import { vanishing } from './foundations/vanishing.ts'
import { xor } from './foundations/xor.ts'
import { autoencoder } from './generating/autoencoder.ts'
import { diffusion } from './generating/diffusion.ts'
import { gan } from './generating/gan.ts'
import { vae } from './generating/vae.ts'
import { architectures } from './images/architectures.ts'
import { preferences } from './preferences/vowels.ts'
import { bandits } from './reinforcement/bandits.ts'
import { blackjack } from './reinforcement/blackjack.ts'
import { cartPole } from './reinforcement/cartPole.ts'
import { cliff } from './reinforcement/cliff.ts'
import { pendulum } from './reinforcement/pendulum.ts'
import { planning } from './reinforcement/planning.ts'
import { frozenLake } from './reinforcement/valueIteration.ts'
import type { Scenario } from './scenario.ts'
import { bert } from './sequences/bert.ts'
import { characters } from './sequences/characters.ts'
import { embeddings } from './sequences/embeddings.ts'
import { finetuning } from './sequences/finetuning.ts'
import { gpt } from './sequences/gpt.ts'
import { transformer } from './sequences/transformer.ts'
import { translation } from './sequences/translation.ts'
import { words } from './sequences/words.ts'

export const scenarios: readonly Scenario[] = [
  ...[linearRegression, logisticRegression, perceptron, graphs, xor, vanishing],
  architectures,
  ...[words, characters, translation, transformer, gpt, bert, embeddings, finetuning],
  ...[autoencoder, vae, gan, diffusion],
  ...[bandits, frozenLake, blackjack, cliff, cartPole, pendulum, planning],
  preferences,
]
