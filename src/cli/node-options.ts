// NODE_OPTIONS is how a preload reaches every Node.js process below a command: `node app.js`, but also what `npm start`
// or a shell script start.
//
// Node splits it at blanks, except inside double quotes, where a backslash escapes.

/**
 * Adds `--require <file>` to what the user has set. Not `--import`: with that, older Nodes load also a CommonJS program by the
 * loader of ES modules, which takes no file without an extension.
 */
export function withRequire(nodeOptions: string | undefined, file: string): string {
  const quoted = /[\s"\\]/.test(file) ? `"${file.replace(/["\\]/g, '\\$&')}"` : file
  return [nodeOptions?.trim(), `--require ${quoted}`].filter(Boolean).join(' ')
}
