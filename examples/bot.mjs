// @ts-check
/**
 * A bot that welcomes who joins and answers "!who", over a connection that it takes up again when it is lost.
 *
 *     npm install ./partyline-0.2.0.tgz effect@3.22.4 @effect/platform-node@0.108.2
 *     node bot.mjs localhost 8001
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Client } from "partyline"

const [host = "localhost", port = "8001"] = process.argv.slice(2)

const bot = Effect.gen(function* () {
  const client = yield* Client
  yield* Console.log("The bot is in the room")
  const who = Effect.map(client.list, (members) => members.map(({ name }) => name).join(", "))
  yield* Stream.runForEach(client.messages, (message) => {
    if (message._tag === "Joined") return Effect.ignore(client.tell(message.name, `Welcome, ${message.name}!`))
    if (message._tag !== "From" || message.text !== "!who") return Effect.void
    // A command fails if the other one has left, or the connection is lost: the bot goes on.
    return Effect.ignore(Effect.flatMap(who, (names) => client.tell(message.sender, `Here are: ${names}`)))
  })
})

const connected = Client.layer({ name: "bot", host, port: Number(port), reconnects: true })
NodeRuntime.runMain(Effect.provide(bot, connected))
