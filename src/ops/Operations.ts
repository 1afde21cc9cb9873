/** The operator's acts over HTTP: saying something to everybody, and ending a connection. */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Limits } from "../Limits.ts"
import { decode } from "../protocol/Text.ts"
import type { Room } from "../room/Room.ts"
import type { OpenConnections } from "../server/OpenConnections.ts"
import * as Authorization from "./Authorization.ts"
import { headers, text } from "./RequestGuard.ts"

export interface Services {
  readonly connections: Context.Tag.Service<OpenConnections>
  readonly limits: Context.Tag.Service<Limits>
  readonly room: Context.Tag.Service<Room>
}

const done = HttpServerResponse.empty({ status: 204, headers })

/** An error's message as a sentence. */
const sentence = (message: string): string => `${message.charAt(0).toUpperCase()}${message.slice(1)}.`

/** The line end that a file or an editor puts after a text does not count, as with a client's line. */
const LINE_END = 2

/**
 * The body as UTF-8; undefined if it has more than `most` bytes. All of it is read, so that the sender hears the answer, but no
 * more than that is held.
 */
const bodyOf = (request: HttpServerRequest.HttpServerRequest, most: number) =>
  Stream.runFold(request.stream, { bytes: 0, chunks: [] as Uint8Array[] }, ({ bytes, chunks }, chunk) => {
    const sum = bytes + chunk.length
    return { bytes: sum, chunks: sum > most ? [] : [...chunks, chunk] }
  }).pipe(Effect.map(({ bytes, chunks }) => (bytes > most ? undefined : decode(Buffer.concat(chunks)))))

/** Says the body. */
const say = ({ limits, room }: Services) =>
  Effect.gen(function* () {
    const { maxLine } = limits.current
    const request = yield* HttpServerRequest.HttpServerRequest
    const body = yield* bodyOf(request, maxLine + LINE_END)
    if (body === undefined) return text(`The text has more than ${maxLine} bytes (--max-line).`, 413)
    yield* room.say(body)
    return done
  }).pipe(
    Effect.catchTags({
      EmptyAnnouncement: ({ message }) => Effect.succeed(text(sentence(message), 400)),
      AnnouncementTooLong: ({ message }) => Effect.succeed(text(sentence(message), 413)),
      RoomUnavailable: ({ message }) => Effect.succeed(text(sentence(message), 503)),
      RequestError: () => Effect.succeed(text("The text did not arrive.", 400))
    })
  )

/** Ends the connection with the number `?id=`. */
const disconnect = ({ connections }: Services) =>
  Effect.gen(function* () {
    const { id } = yield* HttpServerRequest.ParsedSearchParams
    if (typeof id !== "string" || !/^\d{1,15}$/.test(id))
      return text("Use /disconnect?id=<number of a connection>.", 400)
    yield* connections.disconnect(Number(id))
    return done
  }).pipe(Effect.catchTag("NotConnected", ({ message }) => Effect.succeed(text(sentence(message), 404))))

/** Their paths, which are posted to. */
export const paths = ["/say", "/disconnect"]

/** The operations, each of which needs the operator's token. */
export const routes = (services: Services) =>
  Effect.map(Authorization.make, (authorized) =>
    HttpRouter.empty.pipe(
      HttpRouter.post("/say", authorized("/say", say(services))),
      HttpRouter.post("/disconnect", authorized("/disconnect", disconnect(services)))
    )
  )
