// A text without what only a terminal understands: colours, links, cursor movements, bells and other bytes that are no characters.
// Source: ECMA-48, 5.4 (control sequences) and 5.6 (control strings).

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const SEQUENCES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])|\x9b[0-?]*[ -/]*[@-~]/g

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g

export function plainText(text: string): string {
  return text.replace(SEQUENCES, '').replace(CONTROLS, '')
}
