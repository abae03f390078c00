// Where recordings begin: on the one tracer of the process, which is what a program and its plugins use, or on one more, apart from it.

import { isDeepStrictEqual } from 'node:util'
import { type Config, type InitOptions, readConfig } from '../config/config'
import { DatadogTracer, type PluginSetting, patch, patchAll, tracer } from '../start'
import { Recording, RecordingError } from './recording'

/** The options of `tracer.init()`, and what to patch. */
export interface RecordOptions extends InitOptions {
  /** true: what `patchAll` patches; an object: what `patch` does with it. Default: nothing but what the program patches itself. */
  patch?: true | Readonly<Record<string, PluginSetting>>
}

/** The options of `tracer.init()`. */
export type TestTracerOptions = InitOptions

let current: Recording | undefined

/**
 * Keeps the spans of `tracer`, and of all plugins, in memory from now on; nothing is sent to an Agent. The tracer is started
 * with `options`, whatever `DD_TRACE_ENABLED` says. One that was started before keeps its own, and gets its way to the
 * Agent back at `stop`; of one that was not, `stop` undoes all.
 * @throws RecordingError while another recording goes on, or if the tracer was started before with other options; PatchError if
 *   a plugin named in `patch` cannot be had
 */
export function recordSpans({ patch: toPatch, ...options }: RecordOptions = {}): Recording {
  if (current !== undefined) {
    throw new RecordingError('spans are recorded already: call stop() of that recording first, or use it here too')
  }
  const { config } = tracer
  if (config !== undefined && tracer.isEnabled) checkSame(options, config)
  // It was started, and found that it is off.
  else if (config !== undefined) void tracer.shutdown()
  const isOurs = !tracer.isEnabled
  tracer.init({ ...options, enabled: true })
  const recording = new Recording(tracer, () => {
    if (current !== recording) return undefined
    current = undefined
    return isOurs ? tracer.shutdown() : undefined
  })
  current = recording
  try {
    if (toPatch === true) patchAll()
    else if (toPatch !== undefined) patch({ ...toPatch, raiseErrors: true })
  } catch (error) {
    void recording.stop()
    throw error
  }
  return recording
}

/**
 * Makes a second tracer, with a scope of its own and no plugins, whose spans are kept in memory: for parts of a program that are
 * handed a tracer. It is the `tracer` of what is returned.
 */
export function createTestTracer(options: TestTracerOptions = {}): Recording {
  const own = new DatadogTracer().init({ ...options, enabled: true })
  return new Recording(own, () => own.shutdown())
}

/** A program that is imported before the recording begins may have started the tracer already. */
function checkSame(options: InitOptions, config: Config): void {
  const wanted = readConfig(options)
  for (const name of Object.keys(options) as (keyof InitOptions)[]) {
    if (options[name] === undefined || isDeepStrictEqual(wanted[name], config[name])) continue
    throw new RecordingError(
      `the tracer was started before, with another ${name}: call recordSpans() before what calls tracer.init() or loads dd/init, or leave ${name} out`,
    )
  }
}
