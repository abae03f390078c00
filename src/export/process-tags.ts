// Tags that say what is the same for every span of this process, and on which spans they go.

import {
  BASE_SERVICE,
  ENV,
  GIT_COMMIT_SHA,
  GIT_REPOSITORY_URL,
  HOSTNAME,
  LANGUAGE,
  PROCESS_TAGS,
  RUNTIME_ID,
  VERSION,
} from '../base/tags'
import { agentService, serviceName } from './normalize'
import { cut, MAX_KEY_LENGTH, MAX_VALUE_LENGTH } from './wire-limits'

type Tags = Readonly<Record<string, string>>

export interface ProcessTags {
  readonly service: string
  readonly env?: string | undefined
  readonly version?: string | undefined
  readonly tags: Tags
  /** Asked at the first payload: making one loads Node's crypto. */
  runtimeId(): string
  readonly pid: number
  /** The host's name, where it is to be told. */
  readonly hostname?: string | undefined
  /** How the process was started, as `key:value` separated by commas. */
  readonly processDescription?: string | undefined
  readonly gitRepositoryUrl?: string | undefined
  readonly gitCommitSha?: string | undefined
}

/** On every span of the process's own service. */
export function ownSpanTags({ version, ...process }: ProcessTags): Tags {
  const every = everySpanTags(process)
  return version === undefined ? every : { ...every, [VERSION]: version }
}

/** On every span of another service. */
export function otherSpanTags(process: ProcessTags): Tags {
  return { ...everySpanTags(process), [BASE_SERVICE]: serviceName(process.service) }
}

/** On the first span of a chunk. */
export function firstSpanTags(process: ProcessTags): Tags {
  return known({
    [LANGUAGE]: 'javascript',
    [RUNTIME_ID]: process.runtimeId(),
    [PROCESS_TAGS]: process.processDescription,
    [GIT_REPOSITORY_URL]: process.gitRepositoryUrl,
    [GIT_COMMIT_SHA]: process.gitCommitSha,
  })
}

/** Whether the service is the process's own, by the Agent's reading. */
export function isOwnService(service: string, process: ProcessTags): boolean {
  if (service === process.service) return true
  const own = agentService(process.service)
  return agentService(service, own) === own
}

function everySpanTags({ tags, env, hostname }: Pick<ProcessTags, 'tags' | 'env' | 'hostname'>): Tags {
  return known({ ...tags, [ENV]: (env ?? tags[ENV]) || undefined, [HOSTNAME]: hostname })
}

function known(tags: Readonly<Record<string, string | undefined>>): Tags {
  const given = Object.entries(tags).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(given.map(([key, text]) => [cut(key, MAX_KEY_LENGTH), cut(text, MAX_VALUE_LENGTH)]))
}
