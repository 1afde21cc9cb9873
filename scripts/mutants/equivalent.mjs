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
    file: "connection/Pull.ts",
    within: "this.reader = undefined\n    this.watcher = undefined",
    kind: "no act",
    reason: "nothing is told to anybody after the end: it is kept in place of none"
  },
  {
    file: "server/Life.ts",
    within: "session.deadline.unlink()",
    kind: "no act",
    reason: "the deadline of a connection that has ended ends nothing, and goes by itself"
  },
  {
    file: "server/LostPeers.ts",
    within: "sockets.inodeOf(fd) ?? -1",
    kind: "number",
    reason: "no socket has the inode -2 either"
  },
  {
    file: "transports/SocketConnection.ts",
    within: "this.written ??= () => this.onWritten()",
    kind: "operator",
    at: "??=",
    reason: "each write makes a callback of its own, which does the same"
  },
  {
    file: "connection/Output.ts",
    within: "MutableList.reset(this.stretches)\n    this.bytes = 0",
    kind: "no act",
    reason: "what a closed connection did not take is freed with it, a moment later"
  },
  {
    file: "protocol/UnfinishedLine.ts",
    within: "this.erase()\n      this.held = undefined",
    kind: "no act",
    reason: "the bytes that a line may have are kept until it ends, in place of none"
  },
  {
    file: "room/Registry.ts",
    within: "for (let index = 0; index < valid.length; index++) difference |=",
    kind: "operator",
    at: "<",
    reason: "behind the end of both keys there is no difference either"
  },
  {
    file: "protocol/Text.ts",
    within: "byte < 0xf0 ? 2 : 3",
    kind: "number",
    at: "3",
    reason: "the search for the first byte ends at the fourth"
  },
  {
    file: "protocol/LineDecoder.ts",
    within: "(bytes[0] ?? IAC) <= DEL) this.endBeginning()",
    kind: "operator",
    at: "<=",
    reason: "a connection that begins with DEL is decoded byte by byte: slower, with the same result"
  },
  {
    file: "protocol/LineDecoder.ts",
    within: "(bytes[0] ?? IAC) <= DEL) this.endBeginning()",
    kind: "fallback",
    reason: "every connection begins byte by byte: slower, with the same result"
  },
  {
    file: "protocol/LineDecoder.ts",
    within: "if (start < bytes.length) line.add",
    kind: "operator",
    at: "<",
    reason: "no bytes are added"
  },
  {
    file: "protocol/LineDecoder.ts",
    within: "if (seen > 0) this.line.add",
    kind: "operator",
    at: ">",
    reason: "no bytes are added"
  },
  {
    file: "protocol/Command.ts",
    within: "const word = space < 0 ? line",
    kind: "number",
    reason: "a line that begins with a space has no command, whether its word is empty or the line"
  },
  {
    file: "protocol/LineDecoder.ts",
    within: "byte <= 0x7e ? 0 : 1",
    kind: "number",
    at: "0x7e",
    reason: "DEL gets its own kind in the next lines"
  },
  {
    file: "protocol/ProtocolDetector.ts",
    within:
      "for (let index = 0; index < chunk.length; index++) {\n    const byte = chunk[index] as number\n    if (byte === LF || byte === CR) return index > 0",
    kind: "operator",
    at: "<",
    reason: "no comparison is true of the byte behind the end: the answer is false all the same"
  }
]
