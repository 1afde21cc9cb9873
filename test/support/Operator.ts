/** HTTP client for the operations port of a running program. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import * as Http from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { type Process, type Start, serves } from "./Program.ts"

export interface Answer {
  readonly status: number
  readonly headers: Http.IncomingHttpHeaders
  readonly body: string
}

/** Sends a request and returns its response. A failed connection is a defect. */
export const asks = (port: number, path: string, { method = "GET", headers = {} }: Http.RequestOptions = {}) =>
  Effect.async<Answer>((resume) => {
    const request = Http.request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
      let body = ""
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text
      })
      response.on("end", () =>
        resume(Effect.succeed({ status: response.statusCode ?? 0, headers: response.headers, body }))
      )
    })
    request.on("error", (error) => resume(Effect.die(error))).end()
  })

const LISTENING = /Metrics and Status Page on http:\/\/\S+:(\d+)$/

/** Waits until the operations port listens, and returns its number. */
export const opsPortOf = (program: Process): Effect.Effect<number> =>
  Effect.map(program.captures(LISTENING, 1), ([port]) => Number(port))

/** Starts the program with an operations port. `asks` sends a request to that port. */
export const servesWatched = (args: ReadonlyArray<string> = [], start: Start = {}) =>
  Effect.gen(function* () {
    const served = yield* serves(["--ops-port", "0", ...args], start)
    const opsPort = yield* opsPortOf(served.program)
    return { ...served, opsPort, asks: (path: string, options?: Http.RequestOptions) => asks(opsPort, path, options) }
  })

export const TOKEN = "correct-horse-battery"

/** The path of a file for a token, which is removed with the scope, and a function that writes it. */
export const tokenFile = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "partyline-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
  ),
  (folder) => {
    const path = join(folder, "token")
    return { path, write: (text: string) => Effect.sync(() => writeFileSync(path, text)) }
  }
)

/** Starts the program with an operations port and `TOKEN`. `idOf` asks for the number of a user's connection. */
export const servesOperator = (args: ReadonlyArray<string> = []) =>
  Effect.gen(function* () {
    const file = yield* tokenFile
    yield* file.write(`${TOKEN}\n`)
    const served = yield* servesWatched(["--ops-token", `@${file.path}`, ...args])
    const status = Effect.map(served.asks("/status.json"), ({ body }) => JSON.parse(body))
    const idOf = (name: string) =>
      Effect.map(status, ({ people }) => {
        const ids = people.flatMap((each: { name: string; id: number }) => (each.name === name ? each.id : []))
        return Number(ids[0])
      })
    return { ...served, file, status, idOf, at: (path: string) => `http://127.0.0.1:${served.opsPort}${path}` }
  })

/** The value of a sample in the text of /metrics, by its name and labels as written there; NaN if it is missing. */
export const valueOf = (text: string, sample: string): number => {
  const line = text.split("\n").find((line) => line.startsWith(`${sample} `))
  return line === undefined ? Number.NaN : Number(line.slice(sample.length + 1))
}
