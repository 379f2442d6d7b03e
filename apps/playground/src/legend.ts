// What the legend of a plot says about a curve.
import type uPlot from 'uplot'

/** The value under the cursor or, away from it, the last; where a curve has a gap, the one before. */
export function latest(
  format: (value: number) => string,
): (plot: uPlot, _: unknown, series: number, at: number | null) => string {
  return (plot, _, series, at) => {
    const values = plot.data[series] ?? []
    for (let i = at ?? values.length - 1; i >= 0; i--) {
      const value = values[i]
      if (value != null) return format(value)
    }
    return '–'
  }
}
