/** Why a client is not connected, or not any more. Each has a message for a person. */
import * as Data from "effect/Data"
import type { Farewell, Refused } from "./Message.ts"

/** No connection came about. `reason` is in words. */
export class CannotConnect extends Data.TaggedError("CannotConnect")<{
  readonly address: string
  readonly reason: string
}> {
  override get message(): string {
    return `cannot connect to ${this.address}: ${this.reason}`
  }
}

/** The connection ended without a farewell. `reason` is in words. */
export class ConnectionLost extends Data.TaggedError("ConnectionLost")<{ readonly reason: string }> {
  override get message(): string {
    return `the connection is lost: ${this.reason}`
  }
}

/** The server refused the name. The message is its line. */
export class NameRefused extends Data.TaggedError("NameRefused")<{ readonly answer: Refused }> {
  override get message(): string {
    return this.answer.text
  }
}

/** The server said farewell. The message is its line. */
export class Dismissed extends Data.TaggedError("Dismissed")<{ readonly farewell: Farewell }> {
  override get message(): string {
    return this.farewell.text
  }
}

/** The client said QUIT. */
export class HasQuit extends Data.TaggedError("HasQuit")<{}> {
  override get message(): string {
    return "left"
  }
}

export type Ending = CannotConnect | ConnectionLost | NameRefused | Dismissed | HasQuit

/**
 * Whether to try again after somebody who was registered has lost the connection. A name that is taken may be held by the
 * lost connection itself, for as long as the server does not notice. What was done on purpose is not undone.
 */
export const isWorthRetrying = (ending: Ending): boolean => {
  switch (ending._tag) {
    case "CannotConnect":
    case "ConnectionLost":
      return true
    case "NameRefused":
      return ending.answer.reason === "UsernameTaken"
    case "Dismissed":
      return ending.farewell.reason === "ServerShuttingDown"
    case "HasQuit":
      return false
  }
}
