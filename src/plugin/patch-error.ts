// What `patch({ raiseErrors: true })` throws, and what the loader reports otherwise.

export class PatchError extends Error {
  override readonly name = 'PatchError'

  constructor(
    message: string,
    /** The plugin it is about. */
    readonly plugin: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
