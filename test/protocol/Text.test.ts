import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { byteLength, clean, decode, escaped, lastCharacter, take } from "../../src/protocol/Text.ts"
import { isUsername, key, shown } from "../../src/protocol/Username.ts"

describe("decoding UTF-8", () => {
  it.each([
    ["plain text", [0x68, 0x69], "hi"],
    ["two, three and four bytes", [0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80], "é€😀"],
    ["a byte that cannot start a character", [0x61, 0xff, 0x62], "a\ufffdb"],
    ["a maximal invalid part as one U+FFFD", [0xe2, 0x82, 0x61], "\ufffda"],
    ["an overlong form, byte by byte", [0xc0, 0xaf], "\ufffd\ufffd"],
    ["a surrogate, byte by byte", [0xed, 0xa0, 0x80], "\ufffd\ufffd\ufffd"],
    ["a byte order mark, which is kept", [0xef, 0xbb, 0xbf, 0x61], "\ufeffa"]
  ])("decodes %s", (_, bytes, text) => {
    assert.strictEqual(decode(Uint8Array.from(bytes)), text)
  })

  it.prop("byteLength is the length of the encoded text", [FastCheck.fullUnicodeString()], ([text]) => {
    assert.strictEqual(byteLength(text), new TextEncoder().encode(text).length)
  })
})

describe("the last character", () => {
  /** Bytes near all limits of UTF-8, so that whole and broken characters both are likely. */
  const byte = FastCheck.constantFrom(
    ...[0x61, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef],
    ...[0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff]
  )

  it.prop(
    "is what decoding makes the last code point of",
    [FastCheck.array(byte, { minLength: 1, maxLength: 7 })],
    ([some]) => {
      const bytes = Uint8Array.from(some)
      const start = lastCharacter(bytes, bytes.length)
      assert.deepStrictEqual(
        [...decode(bytes.subarray(0, start)), decode(bytes.subarray(start))],
        [...decode(bytes)],
        some.join()
      )
    },
    { fastCheck: { numRuns: 20_000 } }
  )

  it("does not look behind the length", () => {
    assert.strictEqual(lastCharacter(Uint8Array.of(0x61, 0xc3, 0xa9), 2), 1)
    assert.strictEqual(lastCharacter(Uint8Array.of(0x61, 0xa9), 1), 0)
  })
})

describe("cleaned text", () => {
  it.each([
    ["keeps TAB", "a\tb", "a\tb"],
    ["has no other C0 control", "a\u0000\u0007\u0008\u000a\u000b\u000d\u001b[31mb", "a[31mb"],
    ["has no DEL", "a\u007fb", "ab"],
    ["has no C1 control", "a\u0080\u009b31m\u009fb", "a31mb"],
    ["has no direction override", "a\u202a\u202b\u202c\u202d\u202eb", "ab"],
    ["has no direction isolate", "a\u2066\u2067\u2068\u2069b", "ab"],
    ["has no line or paragraph separator", "a\u2028\u2029b", "ab"],
    ["keeps the neighbours of those characters", "\u00a0\u2027\u202f\u2065\u206a", "\u00a0\u2027\u202f\u2065\u206a"]
  ])("%s", (_, text, shownText) => {
    assert.strictEqual(clean(text), shownText)
  })

  it("can show those characters as escapes instead", () => {
    assert.strictEqual(escaped("a\tb\n\u001b[2J\u007f\u009b\u202e é"), "a\tb\\u000a\\u001b[2J\\u007f\\u009b\\u202e é")
  })

  it("take cuts between code points", () => {
    assert.strictEqual(take("😀".repeat(40), 32), "😀".repeat(32))
    assert.strictEqual(take("a".repeat(40), 32), "a".repeat(32))
    assert.strictEqual(take("short", 32), "short")
  })
})

describe("a username", () => {
  it.each(["a", "Bob", "x".repeat(32), "0", "mat0299"])("can be %s", (name) => {
    assert.isTrue(isUsername(name))
  })

  it.each(["", "x".repeat(33), "a b", "a-b", "é", "bob\n", "\u212a", "a\u0000"])("cannot be %j", (name) => {
    assert.isFalse(isUsername(name))
  })

  it("has the same key in upper and lower case", () => {
    const [upper, lower] = ["BoB", "bOb"]
    if (!isUsername(upper) || !isUsername(lower)) return assert.fail("both are usernames")
    assert.strictEqual(key(upper), key(lower))
  })

  it("that is invalid is shown cleaned, and cut to 32 code points", () => {
    assert.strictEqual(shown("\u001b[2Jbob"), "[2Jbob")
    assert.strictEqual(shown("é".repeat(50)), "é".repeat(32))
    assert.strictEqual(shown(`${"\u0007".repeat(40)}bob`), "bob")
  })
})
