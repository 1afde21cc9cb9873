/** The end of a program whose output cannot be written: Node's console is silent about it. */
import { codeOf, writeReason } from "./ErrorText.ts"

const onError = (error: unknown): void => {
  const code = codeOf(error)
  // A reader that has gone has read enough.
  if (code === "EPIPE") return
  process.exitCode = 1
  process.stderr.write(`partyline: standard output cannot be written: ${writeReason(code)}\n`)
}

/** From now on, a failure of standard output is one line on standard error, and the program exits with 1. */
export const report = (): void => {
  if (!process.stdout.listeners("error").includes(onError)) process.stdout.on("error", onError)
}
