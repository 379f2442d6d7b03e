// How well-known models cut texts into words, in Oniguruma's way of writing it. Source: openai/gpt-2, src/encoder.py;
// openai/tiktoken, tiktoken_ext/openai_public.py; the tokenizer.json of Mistral's Tekken.

/** White space: up to the last line break, then all but the last, then the last. */
export const SPACES = '\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+'

/** GPT-2's: contractions, letters, digits, other signs, each with the space before it. */
export const GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"

const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"

/** GPT-4's and Llama 3's: any sign may stand before letters, digits come in threes. */
export const CL100K: string = `${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|${SPACES}`

const UPPER = '\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}'
const LOWER = '\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}'

/** Words that begin anew where a capital follows a small letter. */
const caseWords = (behind: string, digits: string): string =>
  `[^\\r\\n\\p{L}\\p{N}]?[${UPPER}]*[${LOWER}]+${behind}|[^\\r\\n\\p{L}\\p{N}]?[${UPPER}]+[${LOWER}]*${behind}` +
  `|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|${SPACES}`

/** GPT-4o's. */
export const O200K: string = caseWords(`${CONTRACTIONS}?`, '\\p{N}{1,3}')

/** Mistral's. */
export const TEKKEN: string = caseWords('', '\\p{N}')
