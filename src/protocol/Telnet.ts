/** Telnet's in-band commands (RFC 854), taken out of the byte stream one byte at a time. */

const IAC = 255
const DONT = 254
const DO = 253
const WONT = 252
const WILL = 251
const SB = 250
const AYT = 246
const IP = 244
const BRK = 243
const SE = 240

/** The first byte that means a telnet command after IAC (EOF, 236); anything below is data behind a lost command. */
const FIRST_COMMAND = 236

/** Nothing for the line: the byte belonged to a telnet command. */
export const NOTHING = -1
/** The line that is being typed is to be thrown away (IAC IP, IAC BRK). */
export const FORGET = -2
/** There is something to send back: see `answer`. */
export const ANSWER = -3

type State = "data" | "command" | "will" | "do" | "ignoredOption" | "subnegotiation" | "subnegotiationCommand"

const answerByte = (verb: number, option: number): string => String.fromCharCode(IAC, verb, option)

/**
 * Reads telnet byte by byte and remembers nothing but where it stands, so a subnegotiation without end costs nothing.
 * Every option is refused: partyline has none.
 */
export class Telnet {
  private state: State = "data"

  /** There was a command in this line: a DATA MARK may follow whose IAC was lost to urgent data. */
  expectsMark = false

  /** What to send back after `step` returned `ANSWER`; each character is one byte. */
  answer = ""

  /** Whether the next byte stands for itself (unless it is IAC). */
  get isIdle(): boolean {
    return this.state === "data"
  }

  /** The data byte that this byte stands for, or `NOTHING`, `FORGET` or `ANSWER`. */
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
        if (byte === IAC) this.state = "subnegotiationCommand"
        return NOTHING
      case "subnegotiationCommand":
        this.state = byte === SE ? "data" : "subnegotiation"
        return NOTHING
    }
  }

  private command(byte: number): number {
    this.state = "data"
    switch (byte) {
      case IAC:
        return IAC
      case SB:
        this.state = "subnegotiation"
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
      case IP:
      case BRK:
        this.expectsMark = true
        return FORGET
      case AYT:
        return this.reply("[Yes]\r\n")
      default:
        // A client's Ctrl-C sends IAC DM with DM as urgent data, which TCP may deliver out of band, that is, not here.
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
