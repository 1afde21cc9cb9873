import { assert, describe, it } from "@effect/vitest"
import { isUsername } from "../../src/protocol/Username.ts"
import type { StatusEvent } from "../../src/status/StatusEvent.ts"
import { render } from "../../src/status/StatusLine.ts"

const fd = 7
const name = "mat0299"
if (!isUsername(name)) throw new Error("mat0299 is a username")

const lines: ReadonlyArray<readonly [line: string, event: StatusEvent]> = [
  ["Waiting for Incoming Connections on 127.0.0.1:8001", { event: "listening", host: "127.0.0.1", port: 8001 }],
  ["Waiting for Incoming Connections on [::]:8001", { event: "listening", host: "::", port: 8001 }],
  ["Client (7): Connection Accepted", { event: "accepted", fd, peer: "127.0.0.1:40000" }],
  ["Client (7): Connection Handler Assigned", { event: "handlerAssigned", fd }],
  ["Client (7): LIST", { event: "request", fd, request: "LIST" }],
  ["Client (7): MESG xyz0123", { event: "request", fd, request: "MESG", recipient: "xyz0123" }],
  ["Client (7): MESG", { event: "request", fd, request: "MESG" }],
  ["Client (7): BCST", { event: "request", fd, request: "BCST" }],
  ["Client (7): PING", { event: "request", fd, request: "PING" }],
  ["Client (7): JOIN mat0299", { event: "joined", fd, name }],
  ["Client (7): User Already Registered. Discarding JOIN.", { event: "alreadyRegistered", request: "JOIN", fd }],
  ["Client (7): Database Full. Disconnecting User.", { event: "databaseFull", fd }],
  ["Client (7): Username Already Taken. Discarding JOIN.", { event: "usernameTaken", fd }],
  ["Client (7): Invalid Username. Discarding JOIN.", { event: "invalidUsername", fd }],
  ["Unable to Locate Client (7) in Database. Discarding LIST.", { event: "unregisteredRequest", fd, request: "LIST" }],
  [
    "Unable to Locate Client (7) in Database. Discarding UNKNOWN Message.",
    { event: "unregisteredRequest", fd, request: "UNKNOWN Message" }
  ],
  [
    "Unable to Locate Recipient (brb5678) in Database. Discarding MESG.",
    { event: "unknownRecipient", fd, recipient: "brb5678" }
  ],
  ["Client (7): Unrecognizable Message. Discarding UNKNOWN Message.", { event: "unrecognizable", fd }],
  ["Client (7): Message Too Long. Discarding Message.", { event: "tooLong", fd }],
  ["Client (7): QUIT", { event: "quitRequested", fd }],
  ["Client (7): Disconnecting User.", { event: "quit", fd, registered: true }],
  ["Unable to Locate Client (7) in Database. Disconnecting User.", { event: "quit", fd, registered: false }],
  ["Client (7): Connection Closed. Disconnecting User.", { event: "connectionClosed", fd }],
  [
    "Client (7): Connection Error (ECONNRESET). Disconnecting User.",
    { event: "connectionError", fd, code: "ECONNRESET" }
  ],
  ["Client (7): Slow Consumer. Disconnecting User.", { event: "slowConsumer", fd }],
  ["Client (7): Registration Timed Out. Disconnecting User.", { event: "registrationTimedOut", fd }],
  ["Client (7): Idle Too Long. Disconnecting User.", { event: "idleTooLong", fd }],
  ["Client (7): Server Shutting Down. Disconnecting User.", { event: "serverShuttingDown", fd }],
  ["Client (7): Removed by Operator. Disconnecting User.", { event: "removedByOperator", fd }],
  ["Client (7): Too Many Connections. Disconnecting User.", { event: "tooManyConnections", fd }],
  ["Client (7): Bad Proxy Header. Disconnecting User.", { event: "badProxyHeader", fd }],
  ["Operator: BCST", { event: "operatorBroadcast" }],
  ["Open Files Used Up (Limit 1024). Refusing New Connections.", { event: "openFilesUsedUp", limit: 1024 }]
]

describe("the status line of an event", () => {
  it.each(lines)("%s", (line, event) => {
    assert.strictEqual(render(event), line)
  })
})
