// What the settings allow to be told of the process beyond its service: the host's name, how it was started, the commit it was
// built from. Loaded with the exporter, at the first span.

import { basename, dirname, extname } from 'node:path'
import type { ProcessTags } from './process-tags'

export interface AboutProcessSettings {
  readonly service: string
  readonly isServiceGiven: boolean
  readonly tags: Readonly<Record<string, string>>
  readonly reportHostname: boolean
  readonly processTags: boolean
  readonly gitMetadata: boolean
  readonly gitRepositoryUrl?: string | undefined
  readonly gitCommitSha?: string | undefined
}

type About = Pick<ProcessTags, 'hostname' | 'processDescription' | 'gitRepositoryUrl' | 'gitCommitSha'>

/** Names that `DD_TAGS` may hold (Datadog's "source code integration" documentation). */
const REPOSITORY_TAG = 'git.repository_url'
const COMMIT_TAG = 'git.commit.sha'

/** @param packageName of the nearest package.json, if it is to be told */
export function aboutProcess(settings: AboutProcessSettings, packageName?: string): About {
  const { tags, gitMetadata } = settings
  const url = settings.gitRepositoryUrl ?? tags[REPOSITORY_TAG]
  return {
    hostname: settings.reportHostname ? (require('node:os') as typeof import('node:os')).hostname() : undefined,
    processDescription: settings.processTags ? processTags(settings, packageName) : undefined,
    gitRepositoryUrl: gitMetadata && url !== undefined ? withoutCredentials(url) : undefined,
    gitCommitSha: gitMetadata ? (settings.gitCommitSha ?? tags[COMMIT_TAG]) : undefined,
  }
}

/** `entrypoint.name:server,svc.user:true …` in the order of the keys, the names of folders and files without their paths. */
function processTags({ service, isServiceGiven }: AboutProcessSettings, packageName: string | undefined): string {
  const script = process.argv[1]
  const tags: [key: string, value: string | undefined][] = [
    ['entrypoint.basedir', script && basename(dirname(script))],
    ['entrypoint.name', script && basename(script, extname(script))],
    ['entrypoint.type', 'script'],
    ['entrypoint.workdir', basename(process.cwd())],
    ['package.json.name', packageName],
    isServiceGiven ? ['svc.user', 'true'] : ['svc.auto', service],
  ]
  return tags.flatMap(([key, value]) => (value ? [`${key}:${plain(value)}`] : [])).join(',')
}

/** Letters, digits and what paths are made of, as the Agent wants the values of tags. */
function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9/_.-]+/g, '_')
}

/** The user of an ssh address is no secret; a password is, and a token stands where a user does. */
function withoutCredentials(url: string): string {
  return url.replace(/^(https?:\/\/)[^/?#]*@/i, '$1').replace(/^(\w[\w+.-]*:\/\/[^/?#:@]*):[^/?#]*@/, '$1@')
}
