import { assert, describe, it } from "@effect/vitest"
import { isForeign, isOwnOrigin } from "../../src/ops/RequestGuard.ts"

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

describe("an Origin header", () => {
  it.each([
    ["http://127.0.0.1:9464", "127.0.0.1:9464", true],
    ["http://localhost:9464", "LOCALHOST:9464", true],
    ["https://ops.example.org", "ops.example.org", true],
    ["http://127.0.0.1", "127.0.0.1:9464", false],
    ["http://localhost:9464", "127.0.0.1:9464", false],
    ["http://evil.example", "127.0.0.1:9464", false],
    ["http://127.0.0.1:9464.evil.example", "127.0.0.1:9464", false],
    ["127.0.0.1:9464", "127.0.0.1:9464", false],
    ["null", "127.0.0.1:9464", false],
    ["null", "null", false],
    ["", "", false]
  ])("%j is that of a page of the host %j: %s", (origin, host, expected) => {
    assert.strictEqual(isOwnOrigin(origin, host), expected)
  })
})
