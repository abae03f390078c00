// Turns the samples of several rounds into the cells of a table: medians, and how far the rounds were apart.

/** The middle value, or the mean of the two middle ones. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** `1.23 (1.20–1.31)`: the median and the middle half of the rounds, which one disturbed round cannot move. */
export function medianAndSpread(values, digits) {
  return `${median(values).toFixed(digits)} (${quantile(values, 0.25).toFixed(digits)}–${quantile(values, 0.75).toFixed(digits)})`
}

/** `0.25×` */
export function ratio(values, reference) {
  return times(median(values) / median(reference))
}

export const times = (value) => `${value.toFixed(2)}×`

/** What dd adds to the program without a tracer, as a share of what the other one adds. */
export function addedRatio(samples, key, reference = 'dd-trace') {
  if (samples.dd === undefined || samples[reference] === undefined) return Number.NaN
  const over = (peer) => median(added(samples[peer][key], samples.bare[key]))
  return over('dd') / over(reference)
}

/** The value below which the given share of the sorted values lies. */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}

/** Each round's value less that of the baseline in the same round: what disturbs a round disturbs both. */
export function added(values, baseline) {
  return values.map((value, round) => value - baseline[round])
}

/** A Markdown table whose columns line up. A column that nobody fills is left out. */
export function table(allHeadings, allRows) {
  const isFilled = (_, column) => allRows.some((row) => row[column] !== '')
  const [headings, ...rows] = [allHeadings, ...allRows].map((line) => line.filter(isFilled))
  const lines = [headings, ...rows]
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  const text = (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`
  return [text(headings), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(text)].join('\n')
}
