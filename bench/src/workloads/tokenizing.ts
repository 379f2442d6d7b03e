// Text to ids, line by line, with tokenizers trained on a part of it.
import { type Tensor, tensor } from '@x/tensor'
import { type Tokenizer, trainBpe, trainUnigram, trainWordPiece } from '@x/transformer/tokenizers'
import type { HostArray, Random } from '../hostArray.ts'
import { type Definition, define } from '../workload.ts'

const WORDS =
  'the of and a to in is that it was for on are as with his they at be this from have or by one had not but what all were when we there can an your which their said if do will each about how up out them then she many some so these would other into has more her two like him see time could no make than first been its who now people my made over did down only way find use may water long little very after words called just where most know get through back much before go good new write our used me man too any day same right look think also around another came come work three word must because does part even place well such here take why things help put years different away again off went old number great tell men say small every found still between name should home big give air line set own under read last never us left end along while might next sound below saw something thought both few those always looked show large often together asked house world going want school important until form food keep children feet land side without boy once animals life enough took four head above kind began almost live page got earth need far hand high year mother light country father let night following picture being study second soon story since white ever paper hard near sentence better best across during today however sure knew try told young sun thing whole hear example heard several change answer room sea against top turned learn point city play toward five using himself usually money seen car morning body upon family later turn move face door cut done group true leave red friend begin idea fish mountain north feel watch quickly interesting wonderful unfortunately considerable neighbourhood responsibility extraordinarily'.split(
    ' ',
  )
const ENDS = [',', '.', ';', '!', '?', ':', "'s", '’s,', ' —', ')', '…']

/** So many characters of speech: common words often, rare ones seldom, with names, numbers and signs between. */
function speech(random: Random, [length]: readonly number[]): { text: HostArray } {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(list.length * random.next() ** 2)]
  let text = ''
  for (let before = '.'; text.length < length; ) {
    let word = random.next() < 0.02 ? String(Math.floor(3000 * random.next())) : pick(WORDS)
    if (random.next() < 0.05) word = word[0].toUpperCase() + word.slice(1) + pick(['ia', 'ius', 'é', 'ski', ''])
    if (/[.!?…]$/.test(before)) word = word[0].toUpperCase() + word.slice(1)
    before = word + (random.next() < 0.15 ? pick(ENDS) : '')
    text += before + (random.next() < 0.1 ? '\n' : ' ')
  }
  const data = Int32Array.from({ length }, (_, i) => text.charCodeAt(i))
  return { text: { dtype: 'int32', shape: [data.length], data } }
}

/** The text that its code units are. */
export function textOf(units: ArrayLike<number>): string {
  let text = ''
  for (let i = 0; i < units.length; i++) text += String.fromCharCode(units[i])
  return text
}

/** No more of the text is trained on. */
const TRAINED = 60_000

/** A workload: one kind of tokenizer, trained on the text that it then encodes. */
function tokenizing(name: string, train: (text: string) => Tokenizer): Definition<string> {
  const encodeAll = (lines: readonly string[], encode: (line: string) => readonly number[]): number[] => {
    const ids: number[] = []
    for (const line of lines) for (const id of encode(line)) ids.push(id)
    return ids
  }
  return define<'text'>({
    name,
    section: 'text',
    tiny: [2000],
    large: [300_000],
    data: speech,
    // The number of ids is not known before.
    dynamic: true,
    ours: {
      start({ text: units }: { text: Tensor }) {
        const text = textOf(units.data())
        const tokenizer = train(text.slice(0, TRAINED))
        const lines = text.split('\n')
        let ids: number[] = []
        return {
          step() {
            ids = encodeAll(lines, (line) => tokenizer.encode(line))
          },
          read: () => tensor(ids, { dtype: 'int32' }),
        }
      },
    },
    huggingFace: {
      start({ Tokenizer: Theirs }, { text }) {
        const tokenizer = new Theirs(JSON.parse(JSON.stringify(train(text.slice(0, TRAINED)))), {})
        const lines = text.split('\n')
        let ids: number[] = []
        return {
          step() {
            ids = encodeAll(lines, (line) => tokenizer.encode(line).ids)
          },
          read: () => ids,
        }
      },
    },
  })
}

export const tokenizingWorkloads: readonly Definition<string>[] = [
  tokenizing('byte-level BPE tokenizer', (text) => trainBpe([text], { vocabSize: 4000 })),
  tokenizing('WordPiece tokenizer', (text) => trainWordPiece([text], { vocabSize: 4000 })),
  tokenizing('Unigram tokenizer', (text) => trainUnigram([text], { vocabSize: 1000 })),
]
