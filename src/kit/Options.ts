/** The options of the client programs, as data: for parsing, help, completions and the manual. */
import type { Option } from "../config/Options.ts"

/** A program that the first word of the command line chooses. */
export interface Description {
  readonly name: string
  /** The words after the options. */
  readonly operands: string
  /** One line. */
  readonly summary: string
  readonly options: ReadonlyArray<Option>
  /** Paragraphs at the end of the help. */
  readonly notes: ReadonlyArray<string>
}

/** Where to connect to, and how. Every client program has these. */
export const connection: ReadonlyArray<Option> = [
  { flags: ["--tls"], description: "Connect over TLS, to port 6697 unless another is given" },
  {
    flags: ["--ca"],
    value: "file",
    description: "With --tls: trust this authority (PEM) in place of the system's"
  },
  { flags: ["--insecure"], description: "With --tls: take any certificate, so that anybody in between can listen" }
]

export const help: Option = { flags: ["-h", "--help"], description: "Show this help" }

const defaults =
  "The port is 8001 if none is given, or 6697 with --tls; an IPv6 address is written in brackets: [::1]:8001. Without a name it is the login name with four random digits."

const dashes =
  "Write -- before a text that can begin with a dash. A line end inside a text begins a new message, and no text is ever a command."

export const say: Description = {
  name: "say",
  operands: "[name@]host[:port] <text>... | -",
  summary: "send messages to a room and leave",
  options: [
    { flags: ["--to"], value: "name", description: "Send to this user only; otherwise to everybody" },
    ...connection,
    help
  ],
  notes: [
    "Each text is one message. - in place of the texts sends each line of standard input.",
    dashes,
    defaults,
    "Exit status: 0 the server has handled everything; 1 something was refused, or the arguments are wrong; 2 no connection, or it was lost. The reason is on standard error."
  ]
}

export const listen: Description = {
  name: "listen",
  operands: "[name@]host[:port]",
  summary: "print what is said in a room",
  options: [
    { flags: ["--json"], description: "Print one JSON object a line, joins and leaves too" },
    { flags: ["--count"], value: "number", description: "End after so many messages" },
    { flags: ["--timeout"], value: "duration", description: "End after this time" },
    { flags: ["--reconnect"], description: "Try again, for ever, when the connection is lost" },
    ...connection,
    help
  ],
  notes: [
    "Messages go to standard output, everything else to standard error. A private message begins with MESG FROM, one to everybody with FROM.",
    defaults,
    "Exit status: 0 the count is reached, or the time is over and no count was asked for, or nobody reads standard output any more; 1 the time is over before the count, or the name was refused, or the arguments are wrong; 2 no connection, or it was lost; 129, 130 or 143 after SIGHUP, SIGINT or SIGTERM."
  ]
}

export const chat: Description = {
  name: "chat",
  operands: "[name@]host[:port]",
  summary: "talk in a room, in a terminal",
  options: [...connection, help],
  notes: [
    "What you type goes to everybody; /help shows the commands, among them /msg for one person. Tab completes names. Without a name you are asked for one.",
    "The port is 8001 if none is given, or 6697 with --tls; an IPv6 address is written in brackets: [::1]:8001.",
    "Commands, but never messages, are kept between runs in $XDG_STATE_HOME/partyline/history. NO_COLOR turns colours off. In a pipe, and with TERM=dumb, chat reads and prints plain lines.",
    "Exit status: 0 you left; 1 the server sent you away, or refused the name and nobody could be asked for another, or the arguments are wrong; 2 no connection; 130 after Ctrl-C, 129, 131 or 143 after SIGHUP, SIGQUIT or SIGTERM."
  ]
}

/** Every client program, in the order of the help. */
export const descriptions: ReadonlyArray<Description> = [chat, say, listen]
