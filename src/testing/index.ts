// `dd/testing`: spans in memory instead of on the wire, and what a program's own tests ask of them.

export { createTestTracer, type RecordOptions, recordSpans, type TestTracerOptions } from './record-spans'
export type { RecordedEvent, RecordedLink, RecordedNode, RecordedSpan } from './recorded-span'
export { type Recording, RecordingError, type WaitOptions } from './recording'
export type { SnapshotOptions, SnapshotSpan } from './snapshot'
export { NoSpanError, type SpanQuery } from './span-query'
