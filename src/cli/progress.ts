// A line on the terminal that says what is being waited for, and that something is. Where stderr is no terminal there is none.

interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const FRAME_MS = 100

const CLEAR_LINE = '\r\x1b[2K'

export class Progress {
  #timer: NodeJS.Timeout | undefined
  #frame = 0
  #text = ''

  constructor(private readonly stream: Terminal = process.stderr) {}

  show(text: string): void {
    if (!this.stream.isTTY) return
    this.#text = text
    if (this.#timer !== undefined) return
    this.#draw()
    this.#timer = setInterval(() => this.#draw(), FRAME_MS)
    this.#timer.unref()
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#timer === undefined) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.stream.write(CLEAR_LINE)
  }

  #draw(): void {
    this.#frame = (this.#frame + 1) % FRAMES.length
    // A line that wraps could not be taken away.
    const text = this.#text.slice(0, (this.stream.columns || 80) - 3)
    this.stream.write(`${CLEAR_LINE}${FRAMES[this.#frame]} ${text}`)
  }
}
