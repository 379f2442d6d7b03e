import { expect, test } from 'vitest'
import { snippetsOf } from './readme.ts'

test('snippetsOf finds the blocks that import a package, and where', () => {
  const text =
    "# A\n\n```js\nimport { tensor } from '@x/tensor'\n```\n\n```ts\nconst y = 1\n```\n\n```sh\nnpm test\n```\n"
  expect(snippetsOf('README.md', text)).toEqual([
    { document: 'README.md', line: 3, code: "import { tensor } from '@x/tensor'\n" },
  ])
})
