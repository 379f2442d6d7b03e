// Sources of models on their way to the worker: plain values on the page's side, sources again on the other.
import type { Source } from '@x/tensor/bytes'
import { isOneFile, isSource, type ModelSource } from '../load/folder.ts'

/** A place that a message can carry: addresses are told from paths. */
type PlainPlace = string | { readonly url: string } | Blob | ArrayBuffer | Uint8Array

/** One file or folder, or files by their names. */
export type PlainSource = { readonly one: PlainPlace } | { readonly files: Readonly<Record<string, PlainPlace>> }

/** What a message carries of a source. Whether it is one says who reads it. */
export async function plainSource(given: ModelSource): Promise<PlainSource> {
  const source = isOneFile(given) ? given[0] : given
  if (isSource(source) || typeof source !== 'object' || source === null) return { one: await plainPlace(source) }
  const named = Array.isArray(source) ? source.map((file: File) => [file.name, file] as const) : Object.entries(source)
  const places = await Promise.all(named.map(async ([name, place]) => [name, await plainPlace(place)] as const))
  return { files: Object.fromEntries(places) }
}

/** Addresses are relative to the page, of which the worker knows nothing; what can be read but once is read here. */
async function plainPlace(place: Source): Promise<PlainPlace> {
  if (place instanceof URL) return { url: place.href }
  if (place instanceof Response) return place.blob()
  const { document } = globalThis as { document?: { baseURI: string } }
  return typeof place === 'string' && document ? { url: new URL(place, document.baseURI).href } : place
}

/** The source that it was. */
export function sourceOf(source: PlainSource): ModelSource {
  const one = (place: PlainPlace): Source => {
    const { url } = (place ?? {}) as { url?: string }
    return url === undefined ? (place as Source) : new URL(url)
  }
  if ('one' in source) return one(source.one)
  return Object.fromEntries(Object.entries(source.files).map(([name, place]) => [name, one(place)]))
}
