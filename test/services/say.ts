// One line in the test report about what takes long or what a run could not have. Standard error, so that reporters
// that write a document to standard output stay readable.

export function say(text: string): void {
  process.stderr.write(`  services: ${text}\n`)
}
