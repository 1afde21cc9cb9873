/** Whoever watches a running program over HTTP. */
import * as Http from "node:http"
import * as Effect from "effect/Effect"
import { type Process, type Start, serves } from "./Program.ts"

export interface Answer {
  readonly status: number
  readonly headers: Http.IncomingHttpHeaders
  readonly body: string
}

/** Asks for a path; dies if there is nobody to answer. */
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

export const opsPortOf = (program: Process): Effect.Effect<number> =>
  Effect.map(program.captures(LISTENING, 1), ([port]) => Number(port))

/** The program, watched on a free port. */
export const servesWatched = (args: ReadonlyArray<string> = [], start: Start = {}) =>
  Effect.gen(function* () {
    const served = yield* serves(["--ops-port", "0", ...args], start)
    const opsPort = yield* opsPortOf(served.program)
    return { ...served, opsPort, asks: (path: string, options?: Http.RequestOptions) => asks(opsPort, path, options) }
  })

/** The value of a sample in Prometheus' text, by its name and labels as they are written there. */
export const valueOf = (text: string, sample: string): number => {
  const line = text.split("\n").find((line) => line.startsWith(`${sample} `))
  return line === undefined ? Number.NaN : Number(line.slice(sample.length + 1))
}
