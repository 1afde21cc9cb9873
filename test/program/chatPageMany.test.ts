/** The chat page in a real browser, in a room with very many people. */
import * as Http from "node:http"
import { describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { WebSocketServer } from "ws"
import * as HtmlDocument from "../../src/HtmlDocument.ts"
import { opens } from "../support/Browser.ts"
import { asksToJoin, becomes } from "../support/ChatTab.ts"
import { itNeeds } from "../support/Program.ts"

const RULE = "-".repeat(28)

/** The page as it was built, from a server whose LIST has so many rows. */
const crowded = (people: number) =>
  Effect.gen(function* () {
    const { html } = yield* HtmlDocument.load(new URL("../../dist/web/page/", import.meta.url))
    const rows = Array.from({ length: people }, (_, index) => `${`u${index}`.padEnd(22)} 7`)
    const table = ["USERNAME               FD", RULE, ...rows, RULE, ""].join("\r\n")
    const server = yield* Effect.acquireRelease(
      Effect.async<Http.Server>((resume) => {
        const server = Http.createServer((_, response) => response.end(html))
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) => Effect.sync(() => server.close().closeAllConnections())
    )
    const rooms = new WebSocketServer({ server })
    rooms.on("connection", (socket) =>
      socket.on("message", (line) => {
        const text = String(line)
        if (text.startsWith("JOIN")) socket.send("JOIN ann Request Accepted\r\n")
        if (text.includes("LIST")) socket.send(table)
      })
    )
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        for (const socket of rooms.clients) socket.terminate()
      })
    )
    const address = server.address()
    return typeof address === "object" && address !== null ? address.port : 0
  })

describe("the chat page", () => {
  // With work for the square of their number this takes minutes, and runs into the time that a test may take.
  itNeeds("chromium")("shows 100,000 people", () =>
    Effect.gen(function* () {
      const port = yield* crowded(100_000)
      const { page } = yield* opens(`http://127.0.0.1:${port}/`)
      yield* asksToJoin(page, "ann")
      yield* becomes(page, `document.getElementById("people").childElementCount === 100_000`)
    })
  )
})
