import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as FiberId from "effect/FiberId"
import {
  ConnectionFailed,
  type DisconnectReason,
  HttpRequest,
  SessionReclaimed,
  UsernameLost
} from "../../src/connection/DisconnectReason.ts"
import type { Username } from "../../src/protocol/Username.ts"

describe("a reason that is made while the server runs", () => {
  const made: ReadonlyArray<DisconnectReason> = [
    new ConnectionFailed({ code: "ECONNRESET" }),
    new SessionReclaimed({ left: Deferred.unsafeMake<void>(FiberId.none) }),
    new HttpRequest({ response: "" }),
    new UsernameLost({ name: "ann" as Username })
  ]

  it.each(made)("has no stack, which would keep what its call could see: $_tag", ({ _tag, stack }) => {
    assert.strictEqual(stack, _tag)
  })
})
