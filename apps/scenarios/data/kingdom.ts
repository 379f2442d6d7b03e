// A small corpus written for this repository: short sentences about the people of a kingdom, put together from phrases.
// Who is a man or a woman, old or young, of the palace or of the village shows in what is said about them.

interface Person {
  readonly word: string
  readonly pronoun: 'he' | 'she'
  readonly place: 'palace' | 'village'
  readonly age: 'old' | 'young'
}

const PEOPLE: readonly Person[] = [
  { word: 'king', pronoun: 'he', place: 'palace', age: 'old' },
  { word: 'queen', pronoun: 'she', place: 'palace', age: 'old' },
  { word: 'prince', pronoun: 'he', place: 'palace', age: 'young' },
  { word: 'princess', pronoun: 'she', place: 'palace', age: 'young' },
  { word: 'man', pronoun: 'he', place: 'village', age: 'old' },
  { word: 'woman', pronoun: 'she', place: 'village', age: 'old' },
  { word: 'boy', pronoun: 'he', place: 'village', age: 'young' },
  { word: 'girl', pronoun: 'she', place: 'village', age: 'young' },
]

const BY_PLACE = {
  palace: [
    'sits on the golden throne',
    'wears a heavy crown',
    'lives in the great palace',
    'speaks to the royal court',
    'rides with the royal guard',
    'signs a royal letter with gold',
  ],
  village: [
    'walks behind the wooden plough',
    'wears a plain apron',
    'lives in a small cottage',
    'carries bread to the market',
    'feeds the goats by the well',
    'mends the fence of the field',
  ],
}
const BY_PRONOUN = {
  he: [
    'trims his short beard',
    'calls his brother and his uncle',
    'puts on his coat and his boots',
    'sings in his deep voice',
  ],
  she: [
    'braids her long hair',
    'calls her sister and her aunt',
    'puts on her dress and her shawl',
    'sings in her clear voice',
  ],
}
const BY_AGE = {
  old: ['remembers many years', 'tells a story to the children', 'rests a tired back', 'gives wise advice'],
  young: ['learns to read and write', 'plays with a ball', 'climbs the apple tree', 'asks a hundred questions'],
}
const TIMES = [
  'every morning',
  'in the evening',
  'on a summer day',
  'when the rain falls',
  'after the harvest',
  'today',
]

/** All sentences, in an order without meaning: one per person, phrase and time. */
export function kingdom(): string[] {
  const sentences: string[] = []
  for (const { word, pronoun, place, age } of PEOPLE) {
    const phrases = [...BY_PLACE[place], ...BY_PRONOUN[pronoun], ...BY_AGE[age]]
    phrases.forEach((phrase, i) => {
      TIMES.forEach((time, j) => {
        const other = phrases[(i + 2 * j + 1) % phrases.length]
        sentences.push(`the ${word} ${phrase} ${time} and then ${pronoun} ${other}`)
      })
    })
  }
  return sentences.map((_, i) => sentences[(i * 389) % sentences.length])
}
