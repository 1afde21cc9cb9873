import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import { looks } from "./waiting.ts"

/** Waits until the file has a text like this. Gives what the first group has matched. */
export const fileSays = (file: string, pattern: RegExp): Effect.Effect<string> => {
  const look = Effect.delay(
    Effect.sync(() => readFileSync(file, "utf8")),
    "20 millis"
  )
  const isThere = (text: string) => pattern.test(text)
  return Effect.map(looks(`${pattern} in a file`, look, isThere), (text) => pattern.exec(text)?.[1] ?? "")
}
