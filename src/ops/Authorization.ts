/** Access to the acts on the room: for whoever has the operator's token. */
import { createHash, timingSafeEqual } from "node:crypto"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import { WRONG_TOKEN } from "../Limits.ts"
import { network } from "../net/IpAddress.ts"
import { OperatorToken } from "./OperatorToken.ts"
import { text } from "./RequestGuard.ts"

const digest = (secret: string): Buffer => createHash("sha256").update(secret).digest()

/** Digests have one length, so that the time tells neither the token nor its length. */
const isEqual = (token: Redacted.Redacted, given: string): boolean =>
  timingSafeEqual(digest(Redacted.value(token)), digest(given))

const unauthorized = (why: string) => text(why, 401, { "www-authenticate": "Bearer" })

/** The token of `Authorization: Bearer <token>`. */
const bearer = ({ headers }: HttpServerRequest.HttpServerRequest): string | undefined =>
  /^Bearer +(\S+) *$/i.exec(headers["authorization"] ?? "")?.[1]

/**
 * Makes the effect that waits for what a wrong token costs its address. Several of one address wait one after another, and an
 * address is charged even if its client does not wait for the answer.
 */
export const charging = Effect.map(Effect.clock, (clock) => {
  /** When the last wrong token of an address is paid for, on the monotonic clock. */
  const paid = new Map<string, bigint>()
  return (address: string): Effect.Effect<void> =>
    Effect.suspend(() => {
      const now = clock.unsafeCurrentTimeNanos()
      for (const [known, time] of paid) if (time <= now) paid.delete(known)
      const wait = Duration.sum(Duration.nanos((paid.get(address) ?? now) - now), WRONG_TOKEN)
      paid.set(address, now + Duration.unsafeToNanos(wait))
      return Effect.sleep(wait)
    })
})

/** Makes the middleware that runs an operation only with the token. Each use is logged, but neither the token nor the text. */
export const make = Effect.map(
  charging,
  (charge) =>
    <E, R>(path: string, operation: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
      Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        const token = yield* Effect.flatMap(OperatorToken, Ref.get)
        const given = bearer(request)
        if (given === undefined) return unauthorized("Use the header Authorization: Bearer <the token of --ops-token>.")
        const address = Option.getOrElse(request.remoteAddress, () => "unknown")
        if (token === undefined || !isEqual(token, given)) {
          yield* Effect.logWarning(`Operator: Wrong Token from ${address}`)
          yield* charge(network(address))
          return unauthorized("The token is wrong.")
        }
        const response = yield* operation
        yield* Effect.logInfo(`Operator: ${path} from ${address} (${response.status})`)
        return response
      })
)
