/** All replies to clients, except those of telnet. */
import { shown, type Username } from "./Username.ts"

const line = (text: string): string => `${text}\r\n`

export const joinAccepted = (name: Username): string => line(`JOIN ${name} Request Accepted`)
export const alreadyRegistered = (name: Username, fd: number): string =>
  line(`User Already Registered: Username (${name}), FD (${fd})`)
export const usernameTaken = (name: string): string => line(`Username Already Taken (${shown(name)}). JOIN Discarded.`)
export const invalidUsername = (name: string): string => line(`Invalid Username (${shown(name)}). JOIN Discarded.`)

/** A message from `sender`. The caller must clean `text`. */
export const from = (sender: Username, text: string): string => `FROM ${sender}: ${text}\r\n`
/** The operator's announcement. The caller must clean `text`. Nobody can be called `*`. */
export const fromOperator = (text: string): string => `FROM *: ${text}\r\n`
export const unknownRecipient = (name: string): string => line(`Unknown Recipient (${shown(name)}). MESG Discarded.`)
export const incompleteMesg = line('Incomplete MESG. Use "MESG <username> <message>".')
export const incompleteBcst = line('Incomplete BCST. Use "BCST <message>".')

export const watchAccepted = line("WATCH Request Accepted")
export const unwatchAccepted = line("UNWATCH Request Accepted")
/** To those who WATCH. */
export const joinedNotice = (name: Username): string => line(`JOINED ${name}`)
export const leftNotice = (name: Username): string => line(`LEFT ${name}`)
/** A private message, from what `from` makes, as a client that WATCHes gets it. */
export const markPrivate = (lines: string): string => `MESG ${lines.replaceAll("\r\nFROM ", "\r\nMESG FROM ")}`

export const key = (key: string): string => line(`KEY ${key}`)
export const reclaimAccepted = (name: Username): string => line(`RECLAIM ${name} Request Accepted`)
export const unableToReclaim = (name: string): string => line(`Unable to Reclaim (${shown(name)}). RECLAIM Discarded.`)

const commands: ReadonlyArray<readonly [command: string, purpose: string]> = [
  ["JOIN <username>", "register: 1 to 32 letters and digits"],
  ["LIST", "show who is registered"],
  ["MESG <username> <message>", "send to one user"],
  ["BCST <message>", "send to everybody else"],
  ["PING", "answered PONG once the lines before it are handled"],
  ["WATCH, UNWATCH", "show who joins and leaves, or stop"],
  ["KEY", "get a key for RECLAIM"],
  ["RECLAIM <username> <key>", "take your name back after a lost connection"],
  ["QUIT", "leave"]
]

/** HELP's text. */
export const help = (maxLine: number): string =>
  commands.map(([command, purpose]) => line(`${command.padEnd(26)} ${purpose}`)).join("") +
  line(`A line holds at most ${maxLine} bytes.`)

export const pong = line("PONG")
export const unknownMessage = line("Unknown Message. Discarding UNKNOWN Message.")
export const messageTooLong = line("Message Too Long. Discarding Message.")
export const unregistered = line('Unregistered User. Use "JOIN <username>" to Register.')

export const roomUnavailable = line("Room Unavailable.")
export const roomAvailable = line("Room Available.")
/** To a command that needs the engine of a room over many machines, which cannot be reached. */
export const discarded = (command: string): string => line(`Room Unavailable. ${command} Discarded.`)

export const tooManyUsers = line("Too Many Users. Disconnecting User.")
export const registrationTimedOut = line("Registration Timed Out. Disconnecting User.")
export const idleTooLong = line("Idle Too Long. Disconnecting User.")
export const usernameLost = (name: Username): string => line(`Username Already Taken (${name}). Disconnecting User.`)
export const tooManyConnections = line("Too Many Connections. Disconnecting User.")
export const sessionReclaimed = line("Session Reclaimed. Disconnecting User.")
export const tooManyAttempts = line("Too Many Attempts. Disconnecting User.")
export const removedByOperator = line("Removed by Operator. Disconnecting User.")
export const serverShuttingDown = line("Server Shutting Down. Disconnecting User.")

const rule = "-".repeat(28)
const row = (name: string, fd: number | string): string => line(`${name.padEnd(22)} ${fd}`)

/** The reply to LIST, with members in the order given. */
export const table = (members: ReadonlyArray<{ readonly name: Username; readonly fd: number }>): string =>
  row("USERNAME", "FD") + line(rule) + members.map(({ name, fd }) => row(name, fd)).join("") + line(rule)
