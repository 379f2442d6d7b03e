// Measures one workload on all columns: ready, checked, warmed up, then turn by turn in rounds.
import { differenceOf } from './check.ts'
import type { Column } from './columns.ts'
import type { Numbers } from './engine.ts'
import type { PeakMeter, ReadMeter } from './peak.ts'
import type { Remote } from './remote.ts'
import { median, spread, type Turn } from './timing.ts'
import type { Section, Workload } from './workload.ts'

/** What one column did with one workload. Times in nanoseconds per operation. */
export interface Cell {
  readonly median?: number
  readonly best?: number
  /** Median of each round. */
  readonly rounds?: readonly number[]
  /** Median distance of the rounds from their median, relative. */
  readonly spread?: number
  readonly error?: string
}

export interface Row {
  readonly id: string
  readonly section: Section
  readonly flops?: number
  readonly bytes?: number
  /** By key of column; columns that have no way of doing it are absent. */
  readonly cells: Readonly<Record<string, Cell>>
  /** The fastest Wasm peer, how many times faster our best single-threaded column is, and how many times was promised. */
  readonly peer?: string
  readonly ratio?: number
  readonly target?: number
  /** Best speed of our single-threaded columns over the 128-bit peak measured beside it. */
  readonly share?: number
  /** Operations per second. */
  readonly peak?: number
  /** Of models and their layers: the bytes that our best single-threaded column reads per second over those of plain reading. */
  readonly reading?: number
  /** Bytes per second. */
  readonly bandwidth?: number
  /** How many times faster than each of the other peers ours is: with threads where they have some. */
  readonly others?: Readonly<Record<string, number>>
  /** How many times faster than another row of this run it is. */
  readonly gain?: { readonly than: string; readonly times: number; readonly target: number }
}

export interface Setting {
  readonly rounds: number
  readonly ms: number
  readonly peak: PeakMeter
  readonly read: ReadMeter
}

/** The least that the turn before the first round lasts: V8 has to compile, too. */
const WARM_UP_MS = 50

/** Whoever takes longer for one run gets one turn. */
const SLOW_NS = 1e9

export async function measure(
  workload: Workload,
  remotes: ReadonlyMap<Column, Remote>,
  setting: Setting,
): Promise<Row> {
  const cells: Record<string, Cell> = {}
  const running: [Column, Remote, Turn[]][] = []
  let expected: readonly Numbers[] | null = null
  for (const [column, remote] of remotes) {
    if (!column.can(workload)) continue
    try {
      const found = await remote.start(workload)
      expected ??= found
      const difference = found && expected && differenceOf(found, expected, workload)
      if (difference === null) running.push([column, remote, []])
      else {
        cells[column.key] = { error: `wrong: ${difference}` }
        await remote.stop()
      }
    } catch (error) {
      cells[column.key] ??= { error: (error as Error).message }
    }
  }
  const peaks: number[] = []
  const bandwidths: number[] = []
  const bytes = workload.section === 'language' ? workload.bytes?.(workload.size) : undefined
  for (let round = -1; round < setting.rounds; round++) {
    if (workload.flops) peaks.push(setting.peak())
    if (bytes) bandwidths.push(setting.read(bytes))
    for (let i = 0; i < running.length; i++) {
      // Another one begins each round, so that nobody always follows the same neighbour.
      const [column, remote, turns] = running[(i + round + 1) % running.length]
      if (cells[column.key] || (turns.length > 0 && turns[0].best > SLOW_NS)) continue
      try {
        const turn = await remote.turn(round < 0 ? Math.max(setting.ms, WARM_UP_MS) : setting.ms)
        // The first turn warms up, which does not help the slow.
        if (round >= 0 || turn.best > SLOW_NS) turns.push(turn)
      } catch (error) {
        cells[column.key] = { error: (error as Error).message }
      }
    }
  }
  for (const [column, remote, turns] of running) {
    await remote.stop().catch(() => {})
    cells[column.key] ??= summary(turns)
  }
  return describe(workload, [...remotes.keys()], cells, {
    peak: Math.max(...peaks),
    bandwidth: Math.max(...bandwidths),
  })
}

function summary(turns: readonly Turn[]): Cell {
  const rounds = turns.map((turn) => turn.median)
  return { median: median(rounds), best: Math.min(...turns.map((turn) => turn.best)), rounds, spread: spread(rounds) }
}

function describe(
  { id, section, size, flops, bytes, target }: Workload,
  columns: readonly Column[],
  cells: Record<string, Cell>,
  { peak, bandwidth }: { peak: number; bandwidth: number },
): Row {
  const timeOf = (key: string): number => cells[key]?.median ?? Number.POSITIVE_INFINITY
  const fastest = (keys: readonly string[]): string | undefined =>
    keys.filter((key) => cells[key]?.median !== undefined).sort((a, b) => timeOf(a) - timeOf(b))[0]
  // Peers run one small operation per call, so there ours is eager, too.
  const own = fastest(section === 'small' ? ['wasm'] : ['wasm', 'compiled'])
  const peer = fastest(columns.filter(({ kind }) => kind === 'wasm peer').map(({ key }) => key))
  const threaded = fastest(['threads', 'both'])
  const others = columns.flatMap(({ key, kind, threads }): [string, number][] => {
    const ours = threads ? threaded : own
    return kind === 'other peer' && ours && cells[key]?.median ? [[key, timeOf(key) / timeOf(ours)]] : []
  })
  const operations = flops?.(size)
  const read = bytes?.(size)
  return {
    id,
    section,
    flops: operations,
    bytes: read,
    cells: Object.fromEntries(columns.filter(({ key }) => cells[key]).map(({ key }) => [key, cells[key]])),
    ...(own && peer && { peer, ratio: timeOf(peer) / timeOf(own) }),
    target: section === 'small' ? undefined : target?.(size),
    ...(others.length > 0 && { others: Object.fromEntries(others) }),
    ...(read &&
      own &&
      bandwidth > 0 && { bandwidth, reading: ((read / (cells[own].best as number)) * 1e9) / bandwidth }),
    ...(operations && own && { peak, share: ((operations / (cells[own].best as number)) * 1e9) / peak }),
  }
}

/** How many times faster a row is than the one it is to be compared with, if that was measured before. */
export function gainOf({ gain }: Workload, row: Row, before: readonly Row[]): Row['gain'] {
  const other = gain && before.find(({ id }) => id.startsWith(`${gain.than} `))
  const best = ({ cells }: Row): number =>
    Math.min(...['wasm', 'compiled'].map((key) => cells[key]?.median ?? Number.POSITIVE_INFINITY))
  if (!other || !Number.isFinite(best(row))) return undefined
  return { than: gain.than, times: best(other) / best(row), target: gain.target }
}
