// What the packages export, as the TypeScript compiler sees it: names, parameters, docstrings, modules.
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ModifierFlags, SyntaxKind } from 'typescript/unstable/ast'
import {
  API,
  type Project,
  SignatureKind,
  SymbolFlags,
  type Symbol as TsSymbol,
  type Type,
} from 'typescript/unstable/sync'
import { type Package, publishedPackages, root } from '../check/workspace.ts'

/** Entries for those who write packages on these, and scripts of workers: not in the index. */
const APART = /^\.\/(bytes|js|op|testing|a3c-worker|kernels\.wasm|package\.json)$/
/** What an application uses all the same. */
const USED = new Set(['@x/rl/testing'])

export type Kind = 'function' | 'class' | 'value' | 'type' | 'namespace'

export interface Exported {
  readonly name: string
  /** Its name where it is declared: another one for `mul as multiply`. */
  readonly declared: string
  /** The same for everything that exports the same thing. */
  readonly id: string
  readonly kind: Kind
  /** `a, b, options?`; null for what is not called. */
  readonly parameters: string | null
  /** Public methods of a class beside `forward`, fields of an interface. */
  readonly members: readonly string[]
  readonly summary: string
  /** The file it is declared in, from the root. */
  readonly file: string
  /** What a namespace exports. */
  readonly exports: readonly Exported[]
}

export interface Entry {
  /** What is imported: `@x/nn/data`. */
  readonly path: string
  readonly summary: string
  readonly exports: readonly Exported[]
}

/** A method or property of the tensor. */
export interface Member {
  readonly name: string
  readonly parameters: string | null
  readonly summary: string
}

// What is read of the compiler's nodes.
interface Declaration {
  readonly kind: SyntaxKind
  readonly text?: string
  readonly name?: Declaration
  readonly propertyName?: Declaration
  readonly elements?: readonly Declaration[]
  readonly members?: readonly Declaration[]
  readonly modifierFlags?: ModifierFlags
  readonly questionToken?: unknown
  readonly initializer?: unknown
  readonly dotDotDotToken?: unknown
}

/** The first sentence of a comment, on one line; the next one may begin with a shape or a dtype. */
export function firstSentence(comment: string): string {
  const paragraph = comment
    .split(/\n\s*\n/)[0]
    .replace(/\s+/g, ' ')
    .trim()
  return /^(.*?[.?]) (?:[A-Z`'"[(→]|float\d|\w+ \[)/.exec(paragraph)?.[1] ?? paragraph
}

/** The first sentence of the comment that a file begins with, without the name of an entry before it. */
export function fileComment(path: string): string {
  const lines = readFileSync(path, 'utf8').split('\n')
  const end = lines.findIndex((line) => !line.startsWith('//'))
  return firstSentence(
    lines
      .slice(0, end)
      .map((line) => line.slice(2))
      .join('\n')
      .replace(/^\s*(The public API of )?@x[\w/-]*(:\s*|\.$)/, ''),
  )
}

function entriesOf({ name, manifest }: Package): [path: string, file: string][] {
  return Object.entries(manifest.exports ?? {})
    .filter(([key]) => !APART.test(key) || USED.has(name + key.slice(1)))
    .map(([key, target]) => [name + key.slice(1), (target as Record<string, string>)['@x/source']])
}

/** A parameter's name; of one that is taken apart those of its parts, unless they are many. */
function nameOf(name: Declaration['name']): string {
  if (name?.text !== undefined) return name.text
  const parts = (name?.elements ?? []).map((part) =>
    part.dotDotDotToken ? `...${part.name?.text}` : (part.propertyName?.text ?? part.name?.text),
  )
  return parts.length <= 3 ? `{ ${parts.join(', ')} }` : 'options'
}

/** Reads packages out of one program of all of them. */
class Reader {
  private readonly project: Project

  constructor(project: Project) {
    this.project = project
  }

  private declarationOf(symbol: TsSymbol): Declaration | undefined {
    return (symbol.valueDeclaration ?? symbol.declarations[0])?.resolve(this.project) as Declaration | undefined
  }

  exportsOf(file: string): Exported[] {
    const source = this.project.program.getSourceFile(file)
    const module = source && this.project.checker.getSymbolAtLocation(source)
    return module ? this.exportsOfModule(module) : []
  }

  private exportsOfModule(module: TsSymbol): Exported[] {
    return this.project.checker
      .getExportsOfModule(module)
      .map((symbol) => this.read(symbol))
      .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
  }

  private read(symbol: TsSymbol): Exported {
    const { checker } = this.project
    const target = symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    const [{ path, index }] = target.declarations
    const isNamespace = (target.flags & SymbolFlags.ValueModule) !== 0
    const shared = {
      name: symbol.name,
      declared: target.name,
      id: `${path} ${index}`,
      file: relative(root, path),
      exports: isNamespace ? this.exportsOfModule(target) : [],
      summary: isNamespace ? fileComment(path) : firstSentence(checker.getDocumentationCommentOfSymbol(target)),
    }
    if (isNamespace) return { ...shared, kind: 'namespace', parameters: null, members: [] }
    if (!(target.flags & SymbolFlags.Value)) {
      const hasFields = target.flags & SymbolFlags.Interface || target.name.endsWith('Options')
      const fields = hasFields ? this.fieldsOf(checker.getDeclaredTypeOfSymbol(target)) : []
      return { ...shared, kind: 'type', parameters: null, members: fields }
    }
    const type = checker.getTypeOfSymbol(target) as Type
    const called = this.parametersOf(type, SignatureKind.Call)
    if (called !== null) return { ...shared, kind: 'function', parameters: called, members: [] }
    const made = this.parametersOf(type, SignatureKind.Construct)
    if (made === null && !(target.flags & SymbolFlags.Class))
      return { ...shared, kind: 'value', parameters: null, members: [] }
    return { ...shared, kind: 'class', parameters: made, members: this.methodsOf(target) }
  }

  /** Of the signature with the most parameters; of several the first. */
  private parametersOf(type: Type, kind: SignatureKind): string | null {
    const lists = this.project.checker.getSignaturesOfType(type, kind).map((signature) => signature.getParameters())
    if (lists.length === 0) return null
    const longest = lists.reduce((a, b) => (b.length > a.length ? b : a))
    return longest
      .map((parameter) => {
        const node = this.declarationOf(parameter)
        const isOptional = node?.questionToken || node?.initializer
        return `${node?.dotDotDotToken ? '...' : ''}${nameOf(node?.name)}${isOptional ? '?' : ''}`
      })
      .join(', ')
  }

  private fieldsOf(type: Type): string[] {
    const { checker } = this.project
    if (checker.getSignaturesOfType(type, SignatureKind.Call).length > 0) return []
    return checker
      .getPropertiesOfType(type)
      .filter(({ name }) => /^\w+$/.test(name) && !name.startsWith('__'))
      .map(({ name, flags }) => (flags & SymbolFlags.Optional ? `${name}?` : name))
  }

  private methodsOf(target: TsSymbol): string[] {
    const hidden = ModifierFlags.Private | ModifierFlags.Protected | ModifierFlags.Override
    const names = (this.declarationOf(target)?.members ?? [])
      .filter(({ kind, modifierFlags = 0 }) => kind === SyntaxKind.MethodDeclaration && !(modifierFlags & hidden))
      .map(({ name, modifierFlags = 0 }) =>
        name?.kind !== SyntaxKind.Identifier || name.text === 'forward'
          ? ''
          : modifierFlags & ModifierFlags.Static
            ? `${target.name}.${name.text}`
            : `${name.text}`,
      )
    return [...new Set(names.filter(Boolean))]
  }

  /** What tensors have, the properties first. */
  membersOf(file: string, name: string): Member[] {
    const { checker, program } = this.project
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    const symbol = module && checker.getMemberInModuleExports(module, name)
    if (!symbol) throw new Error(`${file} exports no ${name}`)
    return checker
      .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
      .filter((member) => /^[a-zA-Z]\w*$/.test(member.name) && !this.isPrivate(member))
      .map((member) => ({
        name: member.name,
        parameters: this.parametersOf(checker.getTypeOfSymbol(member) as Type, SignatureKind.Call),
        summary: firstSentence(checker.getDocumentationCommentOfSymbol(member)),
      }))
  }

  private isPrivate(member: TsSymbol): boolean {
    return ((this.declarationOf(member)?.modifierFlags ?? 0) & ModifierFlags.Private) !== 0
  }
}

/** The published packages with their entries, those below first, and what a tensor has. */
export function readApi(): { packages: { name: string; entries: Entry[] }[]; tensor: Member[] } {
  const config = join(root, 'packages/tsconfig.json')
  const api = new API({ cwd: root })
  try {
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config)
    if (!project) throw new Error(`${config} does not open`)
    const reader = new Reader(project)
    const rank = ({ manifest }: Package) => Object.keys(manifest.dependencies ?? {}).length
    const packages = publishedPackages()
      .sort((a, b) => rank(a) - rank(b))
      .map((each) => ({
        name: each.name,
        entries: entriesOf(each).map(([path, source]) => {
          const file = join(each.folder, source)
          return {
            path,
            summary: fileComment(file) || (each.manifest.description ?? ''),
            exports: reader.exportsOf(file),
          }
        }),
      }))
    return { packages, tensor: reader.membersOf(join(root, 'packages/tensor/src/index.ts'), 'Tensor') }
  } finally {
    api.close()
  }
}
