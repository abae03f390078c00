// What a DogStatsD client has of its own: its prefix, its tags, its cardinality, whom it tells of errors. A child has others, and shares all
// else.

import { monotonicMs, wallMs } from '../../base/clock'
import { ErrorReporter } from '../error-reporter'
import { environment, type MetricsEnvironment } from '../metrics-environment'
import { TagSet } from '../tag-set'
import { DogStatsdCore } from './dogstatsd-core'
import { checkScope, type DogStatsdOptions, type DogStatsdScope } from './dogstatsd-options'
import { MetricNames, type NameParts, within } from './metric-name'
import { MetricRecorder } from './metric-recorder'
import { knownCardinality, originFields } from './origin'
import { TagWriter } from './written-tags'

export interface ClientScope {
  readonly core: DogStatsdCore
  readonly recorder: MetricRecorder
  readonly parts: NameParts
  readonly tags: TagWriter
  readonly errors: ErrorReporter
  /** A clock for timers, and one since the epoch, in ms. */
  readonly now: () => number
  readonly wallNow: () => number
  readonly isChild: boolean
}

/**
 * Undefined if nothing is to be recorded.
 * @throws TypeError for options of a wrong kind
 */
export function openScope(options: DogStatsdOptions): ClientScope | undefined {
  const said = environment()
  if (options.disabled ?? said.isDisabled ?? false) return undefined
  const errors = new ErrorReporter(options.onError)
  let tags: TagWriter | undefined
  const endOfLine = (more: readonly string[]) => tags?.write(TagSet.of(more)).end ?? ''
  const core = new DogStatsdCore(options, errors, endOfLine)
  const { dialect } = core
  const { environmentTags = true, originDetection = said.originDetection ?? true, containerId } = options
  const own = TagSet.of(options.tags)
  const cardinality = knownCardinality(options.cardinality ?? said.cardinality)
  tags = new TagWriter({
    dialect,
    own: dialect.tags !== 'none' && environmentTags ? own.over(tagsOf(said)) : own,
    isOwnFirst: options.tagOrder === 'constant-first',
    origin: dialect.isDatadog
      ? originFields({ containerId, externalEnv: said.externalEnv, isDetecting: originDetection })
      : '',
    cardinality: dialect.isDatadog && cardinality !== undefined ? `|card:${cardinality}` : '',
  })
  const parts = within({ prefix: '', suffix: '' }, options.prefix, options.suffix)
  const { now = monotonicMs, wallNow = wallMs } = options
  return { ...scopeOf(core, parts, tags, errors), now, wallNow, isChild: false }
}

/** @throws TypeError for options of a wrong kind */
export function scopeWithin(parent: ClientScope, scope: DogStatsdScope): ClientScope {
  const { core, tags: outer } = parent
  checkScope(scope, core.dialect)
  const parts = within(parent.parts, scope.prefix, scope.suffix)
  const cardinality = knownCardinality(scope.cardinality)
  const tags = new TagWriter({
    dialect: core.dialect,
    own: TagSet.of(scope.tags).over(outer.own),
    isOwnFirst: outer.isOwnFirst,
    origin: outer.origin,
    cardinality: cardinality === undefined ? outer.cardinality : `|card:${cardinality}`,
  })
  const errors = scope.onError === undefined ? parent.errors : new ErrorReporter(scope.onError)
  return { ...parent, ...scopeOf(core, parts, tags, errors), isChild: true }
}

function scopeOf(core: DogStatsdCore, parts: NameParts, tags: TagWriter, errors: ErrorReporter) {
  const names = new MetricNames(parts, core.dialect.tags === 'name')
  return { core, parts, tags, errors, recorder: new MetricRecorder(core, names, tags, errors) }
}

function tagsOf({ tags, bareTags }: MetricsEnvironment): TagSet {
  return TagSet.of(tags).over(TagSet.of(bareTags))
}
