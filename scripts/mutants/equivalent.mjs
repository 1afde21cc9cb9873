/**
 * Faults that change nothing that a test could see, each with the reason: those of that kind inside a text that stands once in
 * the file. `at` is what the fault replaces.
 *
 * @type {ReadonlyArray<{ file: string, within: string, kind: string, at?: string, reason: string }>}
 */
export const equivalent = [
  {
    file: "protocol/PlainScan.ts",
    within: "(((first | second) & 0x80808080) !== 0 &&",
    kind: "number",
    at: "0",
    reason: "plainBytes then looks at every byte: slower, with the same result"
  },
  {
    file: "protocol/HttpHead.ts",
    within: "this.from = Math.max(0, bytes.length - 2)",
    kind: "no act",
    reason: "the end is looked for from the beginning again: slower, with the same result"
  },
  {
    file: "protocol/HttpHead.ts",
    within: "bytes.length - 2)",
    kind: "number",
    reason: "the search begins a byte earlier, where no end was found before"
  },
  {
    file: "connection/Pull.ts",
    within: "return resume(Exit.succeed(chunk))\n      this.parked = undefined",
    kind: "no act",
    reason: "an empty list of chunks is kept in place of none"
  },
  {
    file: "server/Life.ts",
    within: "session.deadline.unlink()",
    kind: "no act",
    reason: "the deadline of a connection that has ended ends nothing, and goes by itself"
  }
]
