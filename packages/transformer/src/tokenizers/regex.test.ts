import { FormatError } from '@x/tensor/bytes'
import { describe, expect, test } from 'vitest'
import { CL100K, GPT2, O200K } from './patterns.ts'
import { literalRegex, translateRegex } from './regex.ts'

const found = (pattern: string, text: string): string[] => text.match(translateRegex(pattern)) ?? []

describe('translateRegex', () => {
  test('finds the words of GPT-2, GPT-4 and GPT-4o', () => {
    expect(found(GPT2, "I'm  here: 123456 ok  ")).toEqual(['I', "'m", ' ', ' here', ':', ' 123456', ' ok', '  '])
    expect(found(CL100K, "I'M here: 123456\n\n  x")).toEqual([
      'I',
      "'M",
      ' here',
      ':',
      ' ',
      '123',
      '456',
      '\n\n',
      ' ',
      ' x',
    ])
    expect(found(O200K, "CamelCase isn't/\n")).toEqual(['Camel', 'Case', " isn't", '/\n'])
  })

  test('takes white space, digits and words as Oniguruma does, not as JavaScript does', () => {
    expect(found('\\s', 'a\u0085b\ufeffc')).toEqual(['\u0085'])
    expect(found('\\S+', 'a\u0085b\ufeffc')).toEqual(['a', 'b\ufeffc'])
    expect(found('\\d+', '12 ٣४')).toEqual(['12', '٣४'])
    expect(found('\\w+', 'été_2 नमस्ते ½')).toEqual(['été_2', 'नमस्ते', '½'])
    expect(found('[^\\w\\s]+', 'a½b')).toEqual(['½'])
    expect(found('\\h+', 'face 0g')).toEqual(['face', '0'])
    expect(found('.+', 'a\rb\nc')).toEqual(['a\rb', 'c'])
  })

  test('anchors at lines and at the text', () => {
    expect(found('^\\w+', 'a b\nc')).toEqual(['a', 'c'])
    expect(found('\\w+$', 'a b\nc')).toEqual(['b', 'c'])
    expect(found('\\A\\w+|\\w+\\z', 'a b\nc')).toEqual(['a', 'c'])
    expect(found('\\w\\Z', 'a b\n')).toEqual(['b'])
    expect('a b'.split(translateRegex('\\b'))).toEqual(['a', ' ', 'b'])
    expect(found('a\\Ba', 'a aa')).toEqual(['aa'])
  })

  test('knows groups that look, that are atomic, that have names or comments', () => {
    expect(found('\\s+(?!\\S)|\\s+', 'a  b')).toEqual([' ', ' '])
    expect(found('(?<=a)b|(?<!a)c', 'ab ac bc')).toEqual(['b', 'c'])
    expect(found('(?>a|ab)c|b', 'abc')).toEqual(['b'])
    expect(found('(?<x>a)(?P<y>b)(?#no)', 'ab')).toEqual(['ab'])
    expect(found('(a|b)+', 'abab')).toEqual(['abab'])
  })

  test('quantifiers are greedy, lazy or possessive', () => {
    expect(found('a+?', 'aa')).toEqual(['a', 'a'])
    expect(found('a++b|c', 'aab c')).toEqual(['aab', 'c'])
    expect(found('a++a', 'aaa')).toEqual([])
    expect(found('[ab]?+b', 'ab b')).toEqual(['ab'])
    expect(found('a{2}+', 'aaaaa')).toEqual(['aaaa'])
    expect('aaaaa'.match(translateRegex('a{1,2}+a', 'x', { possessiveCounts: true }))).toEqual(['aaa'])
    expect(found('a{,2}b', 'aaab')).toEqual(['aab'])
    expect(found('x{y', 'x{y')).toEqual(['x{y'])
  })

  test('case may not matter, for a group or from there on', () => {
    expect(found("(?i:'s|'re)", "'S 'rE 'ſ")).toEqual(["'S", "'rE", "'ſ"])
    expect(found('(?i)ab|[c-d]', 'aB C d')).toEqual(['aB', 'C', 'd'])
    expect(found('a(?i:b)c', 'aBc aBC')).toEqual(['aBc'])
    expect(found('(?i:a(?-i:b))', 'Ab AB')).toEqual(['Ab'])
  })

  test('classes hold ranges, sets, other classes, intersections', () => {
    expect(found('[a-c\\d&&[^b]]+', 'abc1')).toEqual(['a', 'c1'])
    expect(found('[[:alpha:]&&[^aeiou]]+', 'hello1')).toEqual(['h', 'll'])
    expect(found('[[:^digit:]]+', '1a2')).toEqual(['a'])
    expect(found('[^(\\s|[.,])]+', 'a(b c.d')).toEqual(['a', 'b', 'c', 'd'])
    expect(found('[]a]+', 'a]b')).toEqual(['a]'])
    expect(found('[a-]+', 'a-b')).toEqual(['a-'])
    expect(found('[\\u4e00-\\x{9fa5}]', '世界')).toEqual(['世', '界'])
    expect(found('\\p{Han}|\\pL|\\p{^L}', '世a1')).toEqual(['世', 'a', '1'])
    expect(found('\\p{Alnum}+|\\P{alnum}', 'a1-')).toEqual(['a1', '-'])
  })

  test.each([
    ['(a', 'not closed'],
    ['a)', 'not opened'],
    ['[a', 'not closed'],
    ['*', 'nothing to repeat'],
    ['\\p{Nothing}', "no property 'Nothing'"],
    ['\\1', 'references'],
    ['(?~a)', 'kind of group'],
    ['(?m:a)', 'flags'],
    ['\\y', 'not supported'],
    ['[[:nothing:]]', "no class 'nothing'"],
    ['a\\', 'ends too early'],
    ['[b-a]', 'b-a'],
    ['\\x{ffffff}', 'no such character'],
  ])('says why %s is none', (pattern, reason) => {
    expect(() => translateRegex(pattern, 'here')).toThrow(FormatError)
    expect(() => translateRegex(pattern, 'here')).toThrow(/^here: /)
    expect(() => translateRegex(pattern, 'here')).toThrow(reason)
  })
})

test('literalRegex finds a text as it is', () => {
  for (const text of ['a.b', '[CLS]', '<|x|>', '\\', '▁', '&&--', '\n']) {
    expect(`x${text}y`.match(literalRegex(text))).toEqual([text])
  }
})
