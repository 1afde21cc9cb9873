/** HTTP client for the operations port of a running program. */
import * as Http from "node:http"
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

/** The value of a sample in the text of /metrics, by its name and labels as written there; NaN if it is missing. */
export const valueOf = (text: string, sample: string): number => {
  const line = text.split("\n").find((line) => line.startsWith(`${sample} `))
  return line === undefined ? Number.NaN : Number(line.slice(sample.length + 1))
}
