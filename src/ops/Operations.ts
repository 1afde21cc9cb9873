/** What the operator can do to the room over HTTP: say something to everybody, and end a connection. */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Limits } from "../Limits.ts"
import { decode } from "../protocol/Text.ts"
import type { Room } from "../room/Room.ts"
import type { OpenConnections, Who } from "../server/OpenConnections.ts"
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

const single = (value: string | ReadonlyArray<string> | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined

/** The connection that `?name=` or `?fd=` means, or both together; undefined if neither does. */
const whoOf = (params: { readonly [name: string]: string | ReadonlyArray<string> }): Who | undefined => {
  const [name, fd] = [single(params["name"]), single(params["fd"])]
  if ((name ?? fd) === undefined || (fd !== undefined && !/^\d{1,9}$/.test(fd))) return undefined
  return { name, fd: fd === undefined ? undefined : Number(fd) }
}

const disconnect = ({ connections }: Services) =>
  Effect.gen(function* () {
    const who = whoOf(yield* HttpServerRequest.ParsedSearchParams)
    if (who === undefined) return text("Use /disconnect?name=<username> or /disconnect?fd=<descriptor>.", 400)
    yield* connections.disconnect(who)
    return done
  }).pipe(Effect.catchTag("NotConnected", ({ message }) => Effect.succeed(text(sentence(message), 404))))

/** Their paths, which are posted to. */
export const paths = ["/say", "/disconnect"]

export const routes = (services: Services) =>
  HttpRouter.empty.pipe(HttpRouter.post("/say", say(services)), HttpRouter.post("/disconnect", disconnect(services)))
