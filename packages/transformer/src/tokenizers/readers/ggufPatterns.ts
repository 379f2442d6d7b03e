// How the texts of byte-level vocabularies in GGUF files are cut into words: by the name that stands in
// tokenizer.ggml.pre. Source: ggml-org/llama.cpp, src/llama-vocab.cpp, and the tokenizer.json of each model.
import { CL100K, GPT2, O200K, SPACES, TEKKEN } from '../patterns.ts'

/** Rules that follow one another, each cutting what the one before left. */
export interface WordRules {
  readonly names: readonly string[]
  readonly patterns: readonly string[]
  /** A word that is a token is that token, whatever the merges say. */
  readonly ignoreMerges?: boolean
}

const CJK = '[一-龥ࠀ-一가-\ud7ff]+'
const QWEN = CL100K.replace('\\p{N}{1,3}', '\\p{N}')
const BLOOM = ' ?[^(\\s|.,!?…。，、।۔،)]+'
/** Letters that deepseek-llm takes for such: of Latin and its neighbours. */
const ALPHABETS =
  'A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-\u1f7dᾀ-ᾴᾶ-ᾼ\u1fbeῂ-ῄῆ-ῌῐ-\u1fd3ῖ-\u1fdbῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤ\u2126ℨ\u212a-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⲳⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃'
const SIGNS = '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~]'
const DEEPSEEK3 = `${SIGNS}[A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|${SPACES}`

export const WORD_RULES: readonly WordRules[] = [
  {
    names: ['default'],
    patterns: ['[\\p{P}\\$\\+<=>\\^~\\|]+', GPT2, '\\p{N}+', '[0-9][0-9][0-9]'],
  },
  {
    names: ['gpt-2', 'mpt', 'olmo', 'jais', 'phi-2', 'trillion', 'gigachat', 'exaone4', 'mellum', 'roberta-bpe'].concat(
      ['es', 'de', 'v1-en', 'v2-es', 'v2-de', 'v2-code'].map((name) => `jina-${name}`),
    ),
    patterns: [GPT2],
  },
  { names: ['llama3', 'llama-v3', 'llama-bpe', 'falcon3', 'pixtral'], patterns: [CL100K], ignoreMerges: true },
  { names: ['dbrx', 'smaug-bpe', 'glm4', 'chatglm-bpe'], patterns: [CL100K] },
  { names: ['qwen2', 'deepseek-r1-qwen', 'stablelm2', 'megrez', 'hunyuan'], patterns: [QWEN] },
  { names: ['gpt-4o', 'llama4'], patterns: [O200K] },
  { names: ['tekken'], patterns: [TEKKEN], ignoreMerges: true },
  {
    names: ['starcoder', 'refact', 'command-r', 'smollm', 'codeshell', 'exaone', 'minerva-7b'],
    patterns: ['\\p{N}', GPT2],
  },
  { names: ['falcon'], patterns: ['[\\p{P}\\$\\+<=>\\^~\\|`]+', GPT2, '[0-9][0-9][0-9]'] },
  { names: ['bloom', 'poro-chat', 'gpt3-finnish'], patterns: [BLOOM] },
  { names: ['viking'], patterns: [BLOOM, '\\p{N}'] },
  {
    names: ['deepseek-llm'],
    patterns: ['[\\r\\n]', `\\s?[${ALPHABETS}]+`, '\\s?[!-/:-~！-／：-～‘-‟　-。]+', '\\s+$', CJK, '\\p{N}'],
  },
  { names: ['deepseek-coder'], patterns: ['[\\r\\n]', '\\s?\\p{L}+', '\\s?\\p{P}+', CJK, '\\p{N}'] },
  { names: ['deepseek-v3'], patterns: ['\\p{N}{1,3}', '[一-龥\u3040-\u309f\u30a0-\u30ff]+', DEEPSEEK3] },
]
