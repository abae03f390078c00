// Ends a command: a message for the person at the terminal, and the exit code for the script around it.
//
// `dog.ts` prints the message, without a stack; any other error is a fault of ours and shows its stack.

export class CliError extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message)
  }
}

/** The command line itself is wrong. */
export const USAGE = 2
