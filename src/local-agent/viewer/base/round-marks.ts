// Where the marks of an axis stand.

/** Round numbers within a range: 1, 2 or 5 of a power of ten apart. */
export function roundMarks(low: number, high: number, wanted: number): number[] {
  const rough = (high - low) / Math.max(1, wanted)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((times) => times * power).find((one) => one >= rough) ?? rough
  const marks: number[] = []
  for (let mark = Math.ceil(low / step); mark * step <= high && marks.length < 50; mark++) marks.push(mark * step)
  return marks
}
