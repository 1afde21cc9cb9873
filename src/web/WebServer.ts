/** The server for browsers: the chat page, and its WebSockets. Not loaded before the server listens. */
import * as Os from "node:os"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { HttpRequest } from "../connection/DisconnectReason.ts"
import { Listener } from "../connection/Listener.ts"
import { Limits } from "../Limits.ts"
import * as HttpHead from "../protocol/HttpHead.ts"
import { refusal } from "../protocol/HttpResponse.ts"
import type { OpenConnections } from "../server/OpenConnections.ts"
import type { Web } from "../server/Web.ts"
import { answer, type Policy } from "./Answer.ts"
import * as ChatPage from "./ChatPage.ts"
import * as WebSockets from "./WebSockets.ts"

/** Names by which other machines know this one. */
const machineNames = (): ReadonlyArray<string> => {
  const name = Os.hostname()
  const label = name.replace(/\..*$/, "")
  return [name, label, `${label}.local`]
}

export const make = (
  options: Policy
): Effect.Effect<Web["Type"]["serve"], never, Limits | Listener | OpenConnections | Scope.Scope> =>
  Effect.gen(function* () {
    const limits = yield* Limits
    const listener = yield* Listener
    const accept = yield* WebSockets.make
    const page = yield* ChatPage.load
    const known = [...machineNames(), ...options.hosts]
    const policy = (): Policy => ({
      hosts: [...known, ...(listener.certificateNames?.() ?? [])],
      origins: options.origins
    })
    return (connection, { head: bytes, isHead, rest }) =>
      Effect.suspend(() => {
        const answered = answer(HttpHead.parse(bytes), policy())
        switch (answered._tag) {
          case "Page":
            return new HttpRequest({ response: page(answered.host, limits.current.maxLine, isHead) })
          case "Refusal":
            return new HttpRequest({ response: refusal(answered.status, answered.line, isHead, answered.headers) })
          case "WebSocket":
            return accept(connection, answered.key, rest)
        }
      })
  })
