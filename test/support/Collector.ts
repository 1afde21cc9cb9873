/** A collector of OpenTelemetry traces. */
import * as Http from "node:http"
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
    const news = yield* Effect.makeLatch(false)
    const server = yield* Effect.acquireRelease(
      Effect.async<Http.Server>((resume) => {
        const server = Http.createServer((request, response) => {
          let body = ""
          request.setEncoding("utf8").on("data", (text: string) => {
            body += text
          })
          request.on("end", () => {
            posts.push({ path: request.url ?? "", headers: request.headers, body })
            news.unsafeOpen()
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
      isAsked: news.await,
      endpoint: `http://127.0.0.1:${port}`
    }
  })
