import { assert, describe, it } from "@effect/vitest"
import { isForeign, isFromHere } from "../../src/ops/RequestGuard.ts"

describe("a Host header", () => {
  it.each([
    ...["", "localhost", "localhost:9464", "LOCALHOST", "LocalHost:80", "localhost.", "LOCALHOST.:9464"],
    ...["127.0.0.1", "127.0.0.1:9464", "192.0.2.7:1", "[::1]", "[::1]:9464"]
  ])("%j names this machine", (host) => assert.isFalse(isForeign(host)))

  it.each([
    ...["evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example", "localhost.."],
    ...["xlocalhost", "localhost:80:80", "localhost:", "[localhost]x", ".", "0x7f.1"]
  ])("%j may name another machine", (host) => assert.isTrue(isForeign(host)))
})

describe("a connection", () => {
  it.each([
    ["127.0.0.1", "127.0.0.1", true],
    ["127.0.0.2", "127.0.0.1", true],
    ["::1", "::1", true],
    ["::ffff:127.0.0.2", "::ffff:127.0.0.1", true],
    ["192.0.2.7", "192.0.2.7", true],
    ["2001:db8::7", "2001:db8::7", true],
    ["192.0.2.8", "192.0.2.7", false],
    ["::ffff:192.0.2.8", "::ffff:192.0.2.7", false],
    ["192.0.2.8", undefined, false],
    [undefined, undefined, false]
  ])("from %s to %s comes from this machine: %s", (remoteAddress, localAddress, expected) => {
    assert.strictEqual(isFromHere({ remoteAddress, localAddress }), expected)
  })
})
