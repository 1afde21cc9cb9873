import { isIP } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { format, isLoopback, network, parse } from "../../src/net/IpAddress.ts"

const written = (text: string): string | undefined => {
  const bytes = parse(text)
  return bytes === undefined ? undefined : format(bytes)
}

describe("parsing and formatting an address", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["0.0.0.0", "0.0.0.0"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["2001:0DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["fe80::1:2", "fe80::1:2"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::ffff:c000:201", "192.0.2.1"],
    ["64:ff9b::192.0.2.1", "64:ff9b::c000:201"]
  ])("writes %s as %s", (text, canonical) => {
    assert.strictEqual(written(text), canonical)
  })

  it.each([
    ...["", "1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4.5", " 1.2.3.4", "1.2.3.4\n", "0x7f.1", "localhost"],
    ...[
      ":",
      ":::",
      "1::2::3",
      "::1::x",
      "1::2::zz",
      "1::2::00001",
      "1::2::3::4",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7::8",
      "12345::",
      "g::",
      "::1%lo"
    ],
    ...["::1.2.3", "1:2:3:4:5:6:7:1.2.3.4", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:"]
  ])("refuses %j", (text) => {
    assert.isUndefined(parse(text))
  })

  it.prop(
    "takes what Node takes for an address, and nothing else",
    [
      FastCheck.array(FastCheck.constantFrom(":", "::", ".", "0", "1", "9", "ff", "256", "00001", "g"), {
        maxLength: 16
      })
    ],
    ([parts]) => {
      const text = parts.join("")
      assert.strictEqual(parse(text) !== undefined, isIP(text) !== 0, text)
    },
    { fastCheck: { numRuns: 2000 } }
  )

  it.prop(
    "gives a text that Node accepts as an address, and that formats to itself",
    [FastCheck.oneof(FastCheck.ipV4(), FastCheck.ipV6())],
    ([text]) => {
      const canonical = written(text) ?? ""
      assert.notStrictEqual(isIP(canonical), 0)
      assert.strictEqual(written(canonical), canonical)
    }
  )
})

describe("isLoopback", () => {
  it.each(["127.0.0.1", "127.255.0.9", "::1"])("is true of %s", (address) => assert.isTrue(isLoopback(address)))
  it.each(["128.0.0.1", "::2", "10.0.0.1", "::", "0.0.0.0"])("is false of %s", (address) =>
    assert.isFalse(isLoopback(address))
  )
})

describe("connections per address", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["fe80::9%eth0", "fe80::/64"],
    ["memory", "memory"]
  ])("count %s as %s", (address, counted) => {
    assert.strictEqual(network(address), counted)
  })
})
