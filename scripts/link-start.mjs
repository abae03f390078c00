// Puts the files that a program loads when it starts with `dd` into one, `src/linked.js`: to find, read and compile each of them costs
// 0.2 to 0.3 ms, which for eighty was two thirds of the time that `dd` added to a start.
//
// Each file stays a function of its own there, which runs when it is first required, so that nothing changes but where it is read from.
// In its old place is a line that gives what the function has exported: whoever requires it, by whatever way, gets the same. What is
// required later, by a call, stays outside.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, posix, sep } from 'node:path'
import { transformSync } from 'esbuild'

const LINKED = 'src/linked.js'

/** What every program loads with `dd`; `init`, `register` and `index`, by which it does, stay as they are. */
const AT_START = ['src/start.js', 'src/plugin/index.js', 'plugins/undici.js']
/** What nearly every one loads a moment later: servers, and clients of databases. */
const SOON = ['plugins/http/index.js', 'src/plugin/clients.js', 'src/plugin/program-modules.js']

/** A line that stands in no function, and what it requires. */
const REQUIRED_AT_ONCE = /^(?=\S).*\brequire\("(\.{1,2}\/[^"]+\.js)"\)/gm
const REQUIRED = /\brequire\("(\.{1,2}\/[^"]+)"\)/g

/** @param built the folder with `src` and `plugins`, whose files require each other by their whole paths */
export function linkStart(built) {
  const read = (file) => readFileSync(join(built, file), 'utf8')
  const write = (file, text) => writeFileSync(join(built, file), text)
  const atStart = loadedWith(AT_START, read)
  const linked = new Set([...atStart, ...loadedWith(SOON, read)])

  const functions = [...linked].map((file) => {
    const code = withoutComments(read(file)).replace(REQUIRED, (_all, request) => {
      const target = resolve(file, request)
      return linked.has(target) ? `linked("${target}")` : `require("${relative(LINKED, target)}")`
    })
    const folder = posix.join('/', posix.relative(posix.dirname(LINKED), posix.dirname(file)))
    const whole = `function (exports, module, __dirname) {\n${code.replace('"use strict";\n', '')}}`
    // In brackets, what is needed at once is compiled at once, where V8 would else read it twice: 10 % of the start of an empty program.
    return `\n"${file}": ["${folder}", ${atStart.has(file) ? `(${whole})` : whole}],\n`
  })
  write(LINKED, [HEAD, ...functions, '};\n'].join(''))

  const door = (from, to) => `require("${relative(from, LINKED)}")("${to}")`
  for (const file of linked) write(file, `"use strict";\nmodule.exports = ${door(file, file)};\n`)
  const require = createRequire(import.meta.url)
  for (const file of linked) {
    // Node and bundlers read from the text what can be imported by name.
    const names = Object.getOwnPropertyNames(require(join(built, file))).map((name) => `exports.${name} = `)
    write(file, `${read(file)}0 && (${names.join('')}0);\n`)
  }

  for (const file of filesIn(built)) {
    if (linked.has(file) || file === LINKED) continue
    // Straight to it, without a look at the line that stands in the old place.
    const text = read(file)
    const straight = text.replace(REQUIRED, (all, request) => {
      const target = resolve(file, request)
      return linked.has(target) ? door(file, target) : all
    })
    if (straight !== text) write(file, straight)
  }
}

const HEAD = `"use strict";
// The files that a program loads when it starts with \`dd\`, in one. Made by scripts/link-start.mjs.
const folder = __dirname;
const modules = new Map();
module.exports = linked;

function linked(file) {
  let module = modules.get(file);
  if (module === undefined) {
    module = { exports: {} };
    modules.set(file, module);
    const [place, run] = files[file];
    run(module.exports, module, folder + place);
  }
  return module.exports;
}

const files = {
`

/** The files that these load before they are done, themselves included. */
function loadedWith(doors, read) {
  const files = new Set(doors)
  for (const file of files) {
    for (const [, request] of read(file).matchAll(REQUIRED_AT_ONCE)) files.add(resolve(file, request))
  }
  return files
}

function filesIn(built) {
  return ['src', 'plugins'].flatMap((part) =>
    readdirSync(join(built, part), { recursive: true })
      .filter((file) => file.endsWith('.js'))
      .map((file) => posix.join(part, ...file.split(sep))),
  )
}

function resolve(file, request) {
  return posix.join(posix.dirname(file), request)
}

function relative(from, to) {
  const path = posix.relative(posix.dirname(from), to)
  return path.startsWith('.') ? path : `./${path}`
}

/** Also in ASCII, which V8 keeps in one byte a letter: the dashes and quotation marks of comments made it two. */
function withoutComments(code) {
  return transformSync(code, { platform: 'node', target: 'node20', charset: 'ascii' }).code
}
