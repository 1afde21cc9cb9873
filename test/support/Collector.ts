/** A collector of OpenTelemetry traces. */
import * as Http from "node:http"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"

export interface Post {
  readonly path: string
  readonly headers: Http.IncomingHttpHeaders
  readonly body: string
}

/** Listens on a free port and records all posts. With `answers: false` it never responds. */
export const collector = ({ answers = true } = {}) =>
  Effect.gen(function* () {
    const posts: Array<Post> = []
    const asked = yield* Deferred.make<void>()
    const server = yield* Effect.acquireRelease(
      Effect.async<Http.Server>((resume) => {
        const server = Http.createServer((request, response) => {
          let body = ""
          request.setEncoding("utf8").on("data", (text: string) => {
            body += text
          })
          request.on("end", () => {
            posts.push({ path: request.url ?? "", headers: request.headers, body })
            Deferred.unsafeDone(asked, Effect.void)
            if (answers) response.end("{}")
          })
        }).listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.sync(() => {
          server.close()
          server.closeAllConnections()
        })
    )
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    return {
      posts,
      /** Waits for the first post. */
      isAsked: Deferred.await(asked),
      endpoint: `http://127.0.0.1:${port}`
    }
  })
