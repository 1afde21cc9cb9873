/** Parser for the in-band commands of telnet (RFC 854), one byte at a time. */

const IAC = 255
const DONT = 254
const DO = 253
const WONT = 252
const WILL = 251
const SB = 250
const EL = 248
const EC = 247
const AYT = 246
const IP = 244
const BRK = 243
const SE = 240

/** The lowest telnet command (EOF, 236). A lower byte after IAC is data: TCP has lost the urgent command between them. */
const FIRST_COMMAND = 236

/** A subnegotiation is over when so many bytes have come after its IAC SB: some clients do not double a 255 inside it. */
const LONGEST_SUBNEGOTIATION = 4096

/** The byte belongs to a telnet command and adds nothing to the line. */
export const NOTHING = -1
/** A reply is to be sent: see `answer`. */
export const ANSWER = -2
/** The last character of the unfinished line is to be erased (IAC EC). */
export const ERASE_CHARACTER = -3
/** The unfinished line is to be erased (IAC EL, IAC IP, IAC BRK). */
export const ERASE_LINE = -4

type State = "data" | "command" | "will" | "do" | "ignoredOption" | "subnegotiation" | "subnegotiationCommand"

const answerByte = (verb: number, option: number): string => String.fromCharCode(IAC, verb, option)

/**
 * State machine for telnet. It buffers no bytes, so a long subnegotiation uses no memory. Every option is refused,
 * because partyline supports none.
 */
export class Telnet {
  private state: State = "data"

  /** How many bytes of the subnegotiation have come. */
  private skipped = 0

  /** Set after a command that IAC DM can follow. A DM (242) whose IAC was lost as urgent data is then ignored. */
  expectsMark = false

  /** The reply to send after `step` returned `ANSWER`; each character is one byte. */
  answer = ""

  /** Whether the next byte is data, unless it is IAC. */
  get isIdle(): boolean {
    return this.state === "data"
  }

  /** Takes the next byte. Returns a data byte, or one of the numbers above. */
  step(byte: number): number {
    switch (this.state) {
      case "data":
        if (byte !== IAC) return byte
        this.state = "command"
        return NOTHING
      case "command":
        return this.command(byte)
      case "do":
        return this.reply(answerByte(WONT, byte))
      case "will":
        return this.reply(answerByte(DONT, byte))
      case "ignoredOption":
        this.state = "data"
        return NOTHING
      case "subnegotiation":
        return this.skip(byte === IAC ? "subnegotiationCommand" : "subnegotiation")
      case "subnegotiationCommand":
        return this.skip(byte === SE ? "data" : "subnegotiation")
    }
  }

  private skip(next: State): number {
    this.skipped++
    this.state = this.skipped < LONGEST_SUBNEGOTIATION ? next : "data"
    return NOTHING
  }

  private command(byte: number): number {
    this.state = "data"
    switch (byte) {
      case IAC:
        return IAC
      case SB:
        this.state = "subnegotiation"
        this.skipped = 0
        return NOTHING
      case DO:
        this.expectsMark = true
        this.state = "do"
        return NOTHING
      case WILL:
        this.state = "will"
        return NOTHING
      case DONT:
      case WONT:
        this.state = "ignoredOption"
        return NOTHING
      case EC:
        this.expectsMark = true
        return ERASE_CHARACTER
      case EL:
      case IP:
      case BRK:
        this.expectsMark = true
        return ERASE_LINE
      case AYT:
        return this.reply("[Yes]\r\n")
      default:
        // Ctrl-C in a client sends IAC DM with DM as urgent data, which TCP delivers out of band: it is missing here.
        this.expectsMark ||= byte >= FIRST_COMMAND
        return byte < FIRST_COMMAND ? byte : NOTHING
    }
  }

  private reply(answer: string): number {
    this.state = "data"
    this.answer = answer
    return ANSWER
  }
}
