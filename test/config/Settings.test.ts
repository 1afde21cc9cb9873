import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Help from "../../src/cli/Help.ts"
import { variable } from "../../src/config/Environment.ts"
import * as Parsers from "../../src/config/Parsers.ts"
import * as Settings from "../../src/config/Settings.ts"

describe("a duration", () => {
  it.each([
    ["500ms", 500],
    ["5s", 5000],
    ["2m", 120_000],
    ["1h", 3_600_000],
    ["5", 5000],
    ["0.5", 500],
    ["1.5s", 1500]
  ])("%s is %d milliseconds", (text, millis) => {
    assert.strictEqual(Duration.toMillis(Either.getOrThrow(Parsers.duration(text, "off"))), millis)
  })

  it.each(["0", "0s", "0ms", "0.0"])("%s turns the limit off", (text) => {
    assert.isFalse(Duration.isFinite(Either.getOrThrow(Parsers.duration(text, "off"))))
  })

  it.each(["0", "0s"])("%s is no time at all where that is meant, and elsewhere a bad value", (text) => {
    assert.strictEqual(Duration.toMillis(Either.getOrThrow(Parsers.duration(text, "none"))), 0)
    assert.isTrue(Either.isLeft(Parsers.duration(text, "refused")))
  })

  it.each(["", " 5s", "5 s", "-1", "5d", "1e3", "0x10", "s", "597h", "five", "1.2.3"])("%j is refused", (text) => {
    assert.isTrue(Either.isLeft(Parsers.duration(text, "off")))
  })

  it.each(["500ms", "5s", "90s", "2m", "1h", "0"])("%s is written back the same", (text) => {
    assert.strictEqual(Parsers.written(Either.getOrThrow(Parsers.duration(text, "off"))), text)
  })
})

describe("a port", () => {
  it.each(["0", "8001", "65535", "08001"])("%s is accepted", (text) => {
    assert.isTrue(Either.isRight(Parsers.port(text)))
  })

  it.each(["", " 80", "80 ", "-1", "65536", "1.5", "0x10", "1e3", "+80", "８０"])("%j is refused", (text) => {
    assert.isTrue(Either.isLeft(Parsers.port(text)))
  })
})

describe("networks", () => {
  const has = (networks: string, address: string) =>
    Either.getOrThrow(Settings.settings.trustProxy.parse(networks)).check(
      address,
      address.includes(":") ? "ipv6" : "ipv4"
    )

  it.each([
    ["192.0.2.1", "192.0.2.1", true],
    ["192.0.2.1", "192.0.2.2", false],
    ["10.0.0.0/8,2001:db8::/32", "10.9.8.7", true],
    ["10.0.0.0/8,2001:db8::/32", "2001:db8:1::1", true],
    ["10.0.0.0/8,2001:db8::/32", "11.0.0.1", false],
    ["0.0.0.0/0", "203.0.113.9", true],
    ["::1", "::1", true]
  ])("%s contain %s: %s", (networks, address, is) => {
    assert.strictEqual(has(networks, address), is)
  })
})

describe("the settings", () => {
  const all = Object.values(Settings.settings)

  it.each(all)("--$flag has a default that it accepts", ({ fallback, parse }) => {
    if (fallback !== undefined) assert.isTrue(Either.isRight<unknown, unknown>(parse(fallback)))
  })

  it("have a variable each", () => {
    assert.strictEqual(variable("join-timeout"), "PARTYLINE_JOIN_TIMEOUT")
  })

  it("are all in the help, which is plain and 80 columns wide", () => {
    const help = Help.text("1.2.3")
    for (const { flag } of all) assert.include(help, `--${flag} `)
    for (const line of help.split("\n")) assert.isAtMost(line.length, 80, line)
    assert.match(help, /^[\n -~]*$/)
  })
})
