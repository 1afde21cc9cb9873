import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import { parse, type Target, written } from "../../src/client/Target.ts"

const good: ReadonlyArray<readonly [text: string, tls: boolean, target: Target]> = [
  ["localhost", false, { name: undefined, host: "localhost", port: 8001 }],
  ["localhost", true, { name: undefined, host: "localhost", port: 6697 }],
  ["localhost:9000", true, { name: undefined, host: "localhost", port: 9000 }],
  ["ann@chat.example:1", false, { name: "ann", host: "chat.example", port: 1 }],
  ["ann@127.0.0.1:65535", false, { name: "ann", host: "127.0.0.1", port: 65535 }],
  ["[::1]:8001", false, { name: undefined, host: "::1", port: 8001 }],
  ["ann@[::1]", false, { name: "ann", host: "::1", port: 8001 }],
  ["[fe80::1%eth0]:80", false, { name: undefined, host: "fe80::1%eth0", port: 80 }]
]

const bad: ReadonlyArray<readonly [text: string, why: string]> = [
  ["", "write [name@]host[:port]"],
  [":8001", "write [name@]host[:port]"],
  ["ann@", "write [name@]host[:port]"],
  ["@localhost", "a name is 1 to 32 letters and digits"],
  ["ann b@localhost", "a name is"],
  [`${"a".repeat(33)}@localhost`, "a name is"],
  ["ann@bob@localhost", "write [name@]host[:port]"],
  ["localhost:", "a port is"],
  ["localhost:0", "a port is"],
  ["localhost:65536", "a port is"],
  ["localhost:8001x", "a port is"],
  ["localhost:+1", "a port is"],
  ["::1", "in brackets"],
  ["::1:8001", "in brackets"],
  ["[::1", "in brackets"],
  ["[localhost]:1", "write [name@]host[:port]"],
  ["[:::1]", "not an IPv6 address"],
  ["[::1]8001", "write [name@]host[:port]"],
  ["http://localhost:8001", "write [name@]host[:port]"],
  ["local host", "write [name@]host[:port]"],
  ["local\nhost", "write [name@]host[:port]"]
]

describe("a target", () => {
  it.each(good)("%s, TLS %s", (text, tls, target) => {
    assert.deepStrictEqual(parse(text, { tls }), Either.right(target))
  })

  it.each(bad)("%j is wrong: %s", (text, why) => {
    assert.include(Either.getOrThrow(Either.flip(parse(text, { tls: false }))), why)
  })

  it("is written with brackets around an IPv6 address", () => {
    assert.strictEqual(written({ host: "::1", port: 80 }), "[::1]:80")
    assert.strictEqual(written({ host: "localhost", port: 80 }), "localhost:80")
  })
})
