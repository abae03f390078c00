// The loader behind `dd/webpack`: changes the text of one file.

import { announced, type KnownFile } from './known-file'

interface LoaderContext {
  readonly resourcePath: string
  getOptions(): { known: KnownFile }
  callback(error: null, text: string, ...rest: unknown[]): void
}

function load(this: LoaderContext, source: string, ...rest: unknown[]): void {
  // What is added stands behind the text, so that its source map stays right.
  this.callback(null, announced(source, this.resourcePath, this.getOptions().known), ...rest)
}

export = load
