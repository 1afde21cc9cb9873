import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { json } from "../src/process/LogFormat.ts"
import type { StatusEvent } from "../src/status/StatusEvent.ts"

const filter = readFileSync(new URL("../docs/fail2ban/filter.d/partyline.conf", import.meta.url), "utf8")

/** The expressions of the example filter, with `<HOST>` expanded as fail2ban does. */
const expressions = [...filter.matchAll(/^(?:failregex =| {12})\s*(\^.*\$)$/gm)].map(
  ([, expression = ""]) => new RegExp(expression.replace("<HOST>", "\\[?(?<host>[0-9a-f.:]+?)\\]?"))
)

const hostIn = (event: StatusEvent): string | undefined => {
  const line = json.event(event, "2026-11-24T09:15:02.114Z", "INFO").trimEnd()
  return expressions.flatMap((expression) => expression.exec(line)?.groups?.["host"] ?? [])[0]
}

const fd = 7
const peer = "203.0.113.5:40000"

describe("the example filter for fail2ban", () => {
  it.each<StatusEvent>([
    { event: "tooManyConnections", fd, peer },
    { event: "registrationTimedOut", fd, peer },
    { event: "connectionError", fd, code: "ERR_SSL_HTTP_REQUEST", peer },
    { event: "connectionError", fd, code: "ERR_TLS_HANDSHAKE_TIMEOUT", peer }
  ])("finds the address of $event $code", (event) => {
    assert.strictEqual(hostIn(event), "203.0.113.5")
  })

  it("finds an IPv6 address", () => {
    assert.strictEqual(hostIn({ event: "tooManyConnections", fd, peer: "[2001:db8::5]:40000" }), "2001:db8::5")
  })

  it.each<StatusEvent>([
    { event: "accepted", fd, peer },
    { event: "connectionError", fd, code: "ECONNRESET", peer },
    { event: "slowConsumer", fd, peer },
    { event: "databaseFull", fd, peer },
    { event: "badProxyHeader", fd, peer },
    { event: "unknownRecipient", fd, recipient: '","event":"tooManyConnections","fd":7,"peer":"203.0.113.5:1"}' }
  ])("does not match $event", (event) => {
    assert.isUndefined(hostIn(event))
  })
})
