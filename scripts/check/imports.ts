// Dependencies point one way, are declared, and make no cycle among the files of a package.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { publishedPackages, root } from './workspace.ts'

/** Which workspaces each may import; apps and bench may import anything, and nothing imports them. */
const below: Record<string, string[]> = {
  assembly: [],
  tensor: ['assembly'],
  autograd: ['assembly', 'tensor'],
  nn: ['assembly', 'tensor', 'autograd'],
  transformer: ['assembly', 'tensor', 'autograd', 'nn'],
  rl: ['assembly', 'tensor', 'autograd', 'nn'],
  learn: ['assembly', 'tensor'],
}

/** The devDependencies that become part of a package. */
const BUNDLED = ['@x/assembly', '@assemblyscript/loader']

type Import = { from: string; typeOnly: boolean }

/** The imports and re-exports of a source text. Examples within comments begin with a star, so no line of them matches. */
export function importsOf(text: string): Import[] {
  const statement = /^[ \t]*(?:import|export)\s+(type\s+)?(?:[^'";()]*?\sfrom\s+)?['"]([^'"]+)['"]/gm
  const call = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g
  const code = text.replace(/^\s*(\/\/|\*|\/\*).*$/gm, '')
  return [
    ...[...code.matchAll(statement)].map(([, type, from]) => ({ from, typeOnly: type !== undefined })),
    ...[...code.matchAll(call)].map(([, from]) => ({ from, typeOnly: true })),
  ]
}

/** The first cycle of a graph, as the files on it; null when there is none. */
export function findCycle(graph: Map<string, string[]>): string[] | null {
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return null
    path.push(file)
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next)
      if (cycle) return cycle
    }
    path.pop()
    done.add(file)
    return null
  }
  for (const file of graph.keys()) {
    const cycle = visit(file)
    if (cycle) return cycle
  }
  return null
}

/** What is wrong with the imports of one workspace. */
function faultsOf(name: string, folder: string, files: string[], declared: Set<string>): string[] {
  const faults: string[] = []
  const graph = new Map<string, string[]>()
  for (const file of files) {
    const isTest = /\.test\.ts$/.test(file)
    const targets: string[] = []
    for (const { from, typeOnly } of importsOf(readFileSync(join(root, file), 'utf8'))) {
      const fault = (what: string) => faults.push(`${file}: imports ${from}, ${what}`)
      if (from.startsWith('.')) {
        const target = join(dirname(file), from)
        const isWithin = target.startsWith(`${folder}/`)
        if (!isWithin && !(isTest && target.startsWith('golden/'))) fault(`which is outside ${folder}`)
        if (!typeOnly) targets.push(target.endsWith('.ts') ? target : `${target}.ts`)
        continue
      }
      const own = from.match(/^@x\/([^/]+)/)?.[1]
      if (own === name ? !isTest : own && !below[name].includes(own))
        fault(`but may import only ${below[name].join(', ') || 'nothing'}`)
      if (isTest) continue
      if (from.startsWith('node:')) fault('which no web page has')
      else if (own !== name && !declared.has(from.match(/^(@[^/]+\/)?[^/]+/)![0]))
        fault('which its package.json does not list')
    }
    graph.set(file, targets)
  }
  const cycle = findCycle(graph)
  if (cycle) faults.push(`import cycle: ${cycle.map((file) => relative(folder, file)).join(' → ')}`)
  return faults
}

export function imports(): string {
  const list = (pattern: string) =>
    globSync(pattern, { cwd: root })
      .map((file) => file.replaceAll('\\', '/'))
      .sort()
  const kernelSources = list('assembly/*/**/*.ts').filter((file) => !/^assembly\/(build|node_modules)\//.test(file))
  const workspaces = publishedPackages().map(({ name, manifest }) => {
    const short = name.replace('@x/', '')
    const files = list(`packages/${short}/src/**/*.ts`)
    const bundled = Object.keys(manifest.devDependencies ?? {}).filter((dependency) => BUNDLED.includes(dependency))
    return {
      short,
      folder: `packages/${short}`,
      files,
      declared: [...Object.keys(manifest.dependencies ?? {}), ...bundled],
    }
  })
  workspaces.unshift({ short: 'assembly', folder: 'assembly', files: kernelSources, declared: [] })
  const faults = workspaces.flatMap(({ short, folder, files, declared }) =>
    faultsOf(short, folder, files, new Set(declared)),
  )
  if (faults.length) throw new Error(`${faults.length} faults\n  ${faults.join('\n  ')}`)
  return `${workspaces.reduce((sum, { files }) => sum + files.length, 0)} files point one way, no cycles`
}
