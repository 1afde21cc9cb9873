/** The client programs' words for a connection, and the exit status that its end gives. */
import * as Effect from "effect/Effect"
import type { Unanswered } from "../client/Client.ts"
import type { Ending } from "../client/Ending.ts"
import type { NotOnline } from "../client/Link.ts"
import type { Destination } from "./Arguments.ts"
import type { InputFailed } from "./Input.ts"
import type { OutputFailed } from "./Output.ts"
import { complain, REFUSED, UNCONNECTED } from "./Run.ts"

/** Said before a connection whose certificate is not verified. */
export const warning = ({ security }: Destination): Effect.Effect<void> =>
  security?.isInsecure === true
    ? complain(
        "WARNING: --insecure: the certificate is not verified; anybody in between can read and change everything"
      )
    : Effect.void

/** The options of a connection, for programs that use `Client`. */
export const optionsOf = ({ security, target: { host, port } }: Destination) => ({
  host,
  port,
  ...(security === undefined ? {} : { tls: security })
})

/** The exit status of a program that failed like this. */
export const statusOf = (error: Ending | NotOnline | Unanswered | InputFailed | OutputFailed): number => {
  switch (error._tag) {
    case "NameRefused":
    case "InputFailed":
    case "OutputFailed":
      return REFUSED
    case "Dismissed":
      return error.farewell.reason === "TooManyUsers" ? REFUSED : UNCONNECTED
    default:
      return UNCONNECTED
  }
}
