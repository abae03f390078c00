// Opens a page in the user's browser, and says so where there is none: with BROWSER if that is set, as many tools have it, else with
// what each system has for it.

import { spawn } from 'node:child_process'

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, string[]>>> = {
  darwin: ['open'],
  // `start` is a command of the shell; its first argument would be a title.
  win32: ['cmd', '/c', 'start', ''],
}

/** `url` is one of our own: it holds nothing that a shell would take for more than text. */
export function openBrowser(
  url: string,
  { env, platform }: { env: NodeJS.ProcessEnv; platform: NodeJS.Platform } = process,
): void {
  const [file = '', ...args] = env['BROWSER'] ? [env['BROWSER']] : (OPENERS[platform] ?? ['xdg-open'])
  const child = spawn(file, [...args, url], { stdio: 'ignore', detached: true })
  child.once('error', ({ code, message }: NodeJS.ErrnoException) => {
    const reason = code === 'ENOENT' ? `there is no ${file}` : message
    console.error(`dog: cannot open a browser, because ${reason}. The page is on ${url}`)
  })
  child.once('exit', (code) => {
    if (code) console.error(`dog: ${file} could not open a browser. The page is on ${url}`)
  })
  child.unref()
}
