import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import { line } from "../../src/room/Announcement.ts"

describe("what the operator says", () => {
  it.each([
    ["hello", 5, "FROM *: hello\r\n"],
    [" two  spaces ", 13, "FROM *:  two  spaces \r\n"],
    ["tab\there", 8, "FROM *: tab\there\r\n"],
    ["\u001b[31mred\u0007\r\nFROM ann: forged\n", 60, "FROM *: [31mredFROM ann: forged\r\n"],
    ["\u202ebackwards\u2028", 9, "FROM *: backwards\r\n"],
    ["grüße", 7, "FROM *: grüße\r\n"]
  ])("%j is one clean line", (text, most, expected) => {
    assert.deepStrictEqual(line(text, most), Either.right(expected))
  })

  it.each([
    ["", 10, "EmptyAnnouncement", "there is no text to say"],
    ["\r\n\u0007", 10, "EmptyAnnouncement", "there is no text to say"],
    ["hello", 4, "AnnouncementTooLong", "the text has 5 bytes, and 4 is the most (--max-line)"],
    ["grüße", 6, "AnnouncementTooLong", "the text has 7 bytes, and 6 is the most (--max-line)"]
  ])("%j with at most %d bytes is refused: %s", (text, most, tag, message) => {
    const refused = Either.flip(line(text, most))
    assert.isTrue(Either.isRight(refused) && refused.right._tag === tag && refused.right.message === message)
  })
})
