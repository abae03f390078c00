// `dd/plugin`: what a plugin is written with. Experimental: it may change in a minor version.

export { freshList } from '../base/fresh-list'
export { hiddenField } from '../base/hidden-field'
export { mimic } from '../base/mimic'
export * as tags from '../base/tags'
export { belongs, findPin, type Pin, pinsAreThere } from '../trace/pin'
export type { AnyFunction } from '../trace/run-in-span'
export type { Span } from '../trace/span'
export type { SpanContext } from '../trace/span-context'
export type {
  Bound,
  CallbackPlace,
  CallStart,
  ChannelHook,
  ChannelOperation,
  Hook,
  Muted,
  Operation,
  PlainChannels,
  Plugin,
  PluginEntry,
  PluginOptions,
  SpanTemplate,
  Start,
  Until,
} from './contract'
export { definePlugin } from './contract'
export { followPin } from './held-pin'
export type { Patcher } from './patcher'
export { aliasWebRequest, beginWebRequest, nameWebRequest, WEB_REQUEST, WebRequest, webRequestOf } from './web-request'
