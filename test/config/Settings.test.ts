import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Help from "../../src/cli/Help.ts"
import { variable } from "../../src/config/Environment.ts"
import * as Parsers from "../../src/config/Parsers.ts"
import { type Setting, spelling } from "../../src/config/Setting.ts"
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
    assert.deepStrictEqual(Parsers.duration(text, "refused"), Either.left("longer than 0"))
  })

  it.each(["", " 5s", "5 s", "-1", "5d", "1e3", "0x10", "s", "597h", "five", "1.2.3"])("%j is refused", (text) => {
    assert.isTrue(Either.isLeft(Parsers.duration(text, "off")))
  })

  it.each(["500ms", "5s", "90s", "2m", "1h", "0"])("%s is written back the same", (text) => {
    assert.strictEqual(Parsers.written(Either.getOrThrow(Parsers.duration(text, "off"))), text)
  })
})

describe("a size", () => {
  const most = 64 * 1024 * 1024

  it.each([
    ["1", 1],
    ["4096", 4096],
    ["64k", 65536],
    ["64K", 65536],
    ["64KiB", 65536],
    ["64Ki", 65536],
    ["1M", 1048576],
    ["1m", 1048576],
    ["1MiB", 1048576],
    ["64M", most]
  ])("%s is %d bytes", (text, bytes) => {
    assert.strictEqual(Either.getOrThrow(Parsers.size(text, most)), bytes)
  })

  it.each(["", "0", "0k", "-1", "1MB", "1kb", "1.5M", "1 M", "k", "1e3", "65M", "1G", "9999999999999999"])(
    "%j is refused",
    (text) => assert.isTrue(Either.isLeft(Parsers.size(text, most)))
  )
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
  it.each(["::1::x", "1::2::3::4/64", "10.0.0.0/33", "localhost"])("refuse %s", (text) => {
    assert.isTrue(Either.isLeft(Settings.settings.trustProxy.parse(text)))
  })

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
    ["10.0.0.0/8, 2001:db8::/32", "2001:db8:1::1", true],
    ["10.0.0.0/8,2001:db8::/32", "11.0.0.1", false],
    ["0.0.0.0/0", "203.0.113.9", true],
    ["::1", "::1", true]
  ])("%s contain %s: %s", (networks, address, is) => {
    assert.strictEqual(has(networks, address), is)
  })
})

const all: ReadonlyArray<Setting<unknown>> = Object.values(Settings.settings)

describe("the settings", () => {
  it.each(all)("$flag has a default that it accepts", ({ fallback, parse }) => {
    if (fallback !== undefined) assert.isTrue(Either.isRight<unknown, unknown>(parse(fallback)))
  })

  it("have a variable each", () => {
    assert.strictEqual(variable("join-timeout"), "PARTYLINE_JOIN_TIMEOUT")
  })

  it("are all in the help, which is plain and 80 columns wide", () => {
    const help = Help.text("1.2.3")
    for (const setting of all) assert.include(help, `  ${spelling(setting)} `)
    for (const line of help.split("\n")) assert.isAtMost(line.length, 80, line)
    assert.match(help, /^[\n -~]*$/)
  })
})

describe("0", () => {
  const off = ["join-timeout", "idle-timeout", "max-connections", "max-per-address", "rate"]
  const others: { readonly [flag: string]: string } = {
    port: "any free port",
    "tls-port": "any free port",
    "ops-port": "any free port",
    "drain-timeout": "no time at all",
    host: "a name",
    "ops-host": "a name",
    motd: "a text",
    "tls-cert": "a file",
    "tls-key": "a file",
    "tls-client-ca": "a file",
    config: "a file"
  }

  it.each(all)("of $flag is a bad value, unless it has a meaning", ({ flag, parse }) => {
    const isAccepted = Either.isRight<unknown, unknown>(parse("0"))
    assert.strictEqual(isAccepted, off.includes(flag) || others[flag] !== undefined)
  })

  const sentence = /0 turns off ([^;]*); --drain-timeout 0 waits for nobody/
  const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")

  it.each([
    ["--help", () => Help.text("1.2.3")],
    ["docs/operations.md", () => read("docs/operations.md").replaceAll("`", "")],
    ["the manual", () => read("deploy/partyline.1").replaceAll("\\-", "-")]
  ])("turns off the same options in %s", (_, text) => {
    const [, flags = ""] = sentence.exec(text().replace(/\s+/g, " ")) ?? []
    assert.deepStrictEqual([...flags.matchAll(/--([a-z-]+)/g)].map(([, flag]) => flag).sort(), [...off].sort())
  })
})
