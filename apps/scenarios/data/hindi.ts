// English sentences with Hindi translations, written for this repository from a small grammar. English puts the verb
// before what it is about, Hindi at the end; Hindi verbs agree with the person, and so does the auxiliary.

interface Subject {
  readonly english: string
  readonly hindi: string
  /** English takes an -s. */
  readonly isThird: boolean
  /** Ending of the Hindi verb, and the auxiliary. */
  readonly ending: 'ता' | 'ती' | 'ते'
  readonly auxiliary: string
}

const SUBJECTS: readonly Subject[] = [
  { english: 'i', hindi: 'मैं', isThird: false, ending: 'ता', auxiliary: 'हूँ' },
  { english: 'you', hindi: 'तुम', isThird: false, ending: 'ते', auxiliary: 'हो' },
  { english: 'he', hindi: 'वह', isThird: true, ending: 'ता', auxiliary: 'है' },
  { english: 'she', hindi: 'वह', isThird: true, ending: 'ती', auxiliary: 'है' },
  { english: 'we', hindi: 'हम', isThird: false, ending: 'ते', auxiliary: 'हैं' },
  { english: 'they', hindi: 'वे', isThird: false, ending: 'ते', auxiliary: 'हैं' },
  { english: 'ram', hindi: 'राम', isThird: true, ending: 'ता', auxiliary: 'है' },
  { english: 'sita', hindi: 'सीता', isThird: true, ending: 'ती', auxiliary: 'है' },
]

interface Verb {
  readonly english: string
  /** Stem of the Hindi verb. */
  readonly hindi: string
  readonly objects: readonly (readonly [english: string, hindi: string])[]
}

const VERBS: readonly Verb[] = [
  {
    english: 'eat',
    hindi: 'खा',
    objects: [
      ['rice', 'चावल'],
      ['bread', 'रोटी'],
      ['fruit', 'फल'],
    ],
  },
  {
    english: 'drink',
    hindi: 'पी',
    objects: [
      ['water', 'पानी'],
      ['milk', 'दूध'],
      ['tea', 'चाय'],
    ],
  },
  {
    english: 'read',
    hindi: 'पढ़',
    objects: [
      ['books', 'किताबें'],
      ['letters', 'पत्र'],
      ['stories', 'कहानियाँ'],
    ],
  },
  {
    english: 'write',
    hindi: 'लिख',
    objects: [
      ['letters', 'पत्र'],
      ['stories', 'कहानियाँ'],
    ],
  },
  {
    english: 'see',
    hindi: 'देख',
    objects: [
      ['flowers', 'फूल'],
      ['birds', 'पक्षी'],
    ],
  },
  {
    english: 'buy',
    hindi: 'खरीद',
    objects: [
      ['flowers', 'फूल'],
      ['fruit', 'फल'],
      ['books', 'किताबें'],
    ],
  },
]

const TIMES: readonly (readonly [english: string, hindi: string])[] = [
  ['', ''],
  ['today', 'आज'],
  ['every day', 'रोज़'],
  ['here', 'यहाँ'],
]

/** A sentence and its translation, as words between spaces. */
export type Pair = readonly [english: string, hindi: string]

/** Every sentence of the grammar, affirmative and negative. */
export function hindiPairs(): Pair[] {
  const pairs: Pair[] = []
  for (const subject of SUBJECTS) {
    for (const verb of VERBS) {
      for (const [object, hindiObject] of verb.objects) {
        for (const [time, hindiTime] of TIMES) {
          const form = subject.isThird ? `${verb.english}s` : verb.english
          const hindiForm = `${verb.hindi}${subject.ending}`
          pairs.push([
            joined(subject.english, form, object, time),
            joined(subject.hindi, hindiTime, hindiObject, hindiForm, subject.auxiliary),
          ])
          const not = subject.isThird ? 'does not' : 'do not'
          pairs.push([
            joined(subject.english, not, verb.english, object, time),
            joined(subject.hindi, hindiTime, hindiObject, 'नहीं', hindiForm),
          ])
        }
      }
    }
  }
  return pairs
}

const joined = (...words: string[]): string => words.filter((word) => word !== '').join(' ')
