// The tarballs that `npm publish` would upload.
import { join } from 'node:path'
import { npm } from '../process.mjs'
import { publishedPackages } from './workspace.ts'

/** Packs every published package into the folder and returns the tarballs' paths by package name. */
export function packAll(folder: string): Map<string, string> {
  return new Map(
    publishedPackages().map(({ name, folder: cwd }) => {
      const output = npm(['pack', '--json', '--loglevel=error', '--pack-destination', folder], { cwd })
      const { filename } = firstEntry(JSON.parse(output.slice(output.search(/^[[{]/m))))
      return [name, join(folder, filename.replace('@', '').replace('/', '-'))]
    }),
  )
}

/** npm ≤ 11 prints a list, npm 12 an object by package name. */
function firstEntry(report: { filename: string }[] | Record<string, { filename: string }>): { filename: string } {
  return Object.values(report)[0]
}
