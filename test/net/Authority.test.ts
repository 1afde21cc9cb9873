import { assert, describe, it } from "@effect/vitest"
import * as Authority from "../../src/net/Authority.ts"

describe("a host that a browser names", () => {
  const names = ["box", "box.local", "*.example.org", "Chat.Example.COM"]
  const isAllowed = (host: string): boolean => {
    const authority = Authority.parse(host)
    return authority !== undefined && Authority.isAllowedHost(authority, names)
  }

  it.each([
    ["localhost", true],
    ["localhost:8001", true],
    ["LocalHost.:8001", true],
    ["127.0.0.1:8001", true],
    ["192.0.2.1", true],
    ["[::1]:8001", true],
    ["[2001:DB8::1]", true],
    ["box", true],
    ["BOX:80", true],
    ["box.local.", true],
    ["a.example.org", true],
    ["chat.example.com", true],
    ["example.org", false],
    ["a.b.example.org", false],
    ["evil.example", false],
    ["localhost.evil.example", false],
    ["127.0.0.1.evil.example", false],
    ["::1", false],
    ["[localhost]", false],
    ["[::1", false],
    ["localhost:", false],
    ["localhost:8001:1", false],
    ["user@localhost", false],
    ["localhost/evil", false],
    ["", false],
    ["0x7f.1", false]
  ])("%s is this server: %s", (host, is) => assert.strictEqual(isAllowed(host), is))
})

describe("the origin of a page", () => {
  const allowed = ["https://chat.example.org", "http://other.example:3000"]

  it.each([
    ["http://localhost:8001", "localhost:8001", true],
    ["https://localhost:8001", "localhost:8001", true],
    ["HTTP://LocalHost:8001", "localhost:8001", true],
    ["http://localhost.:8001", "localhost:8001", true],
    ["http://chat.example.com", "chat.example.com:80", true],
    ["https://chat.example.com:443", "chat.example.com", true],
    ["http://[::1]:8001", "[::1]:8001", true],
    ["https://chat.example.org", "localhost:8001", true],
    ["https://chat.example.org:443", "localhost:8001", true],
    ["http://other.example:3000", "localhost:8001", true],
    ["http://chat.example.org", "localhost:8001", false],
    ["http://other.example", "localhost:8001", false],
    ["http://localhost:8002", "localhost:8001", false],
    ["http://localhost", "localhost:8001", false],
    ["http://evil.example", "localhost:8001", false],
    ["http://localhost:8001.evil.example", "localhost:8001", false],
    ["http://localhost:8001@evil.example", "localhost:8001", false],
    ["null", "localhost:8001", false],
    ["", "localhost:8001", false],
    ["localhost:8001", "localhost:8001", false],
    ["http://localhost:8001/", "localhost:8001", false],
    ["http://localhost:8001, http://localhost:8001", "localhost:8001", false]
  ])("%s may connect to %s: %s", (origin, host, is) => {
    const authority = Authority.parse(host)
    assert.isDefined(authority)
    if (authority !== undefined) assert.strictEqual(Authority.isAllowedOrigin(origin, authority, allowed), is)
  })
})
