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
export const unknownRecipient = (name: string): string => line(`Unknown Recipient (${shown(name)}). MESG Discarded.`)
export const incompleteMesg = line('Incomplete MESG. Use "MESG <username> <message>".')
export const incompleteBcst = line('Incomplete BCST. Use "BCST <message>".')

export const pong = line("PONG")
export const unknownMessage = line("Unknown Message. Discarding UNKNOWN Message.")
export const messageTooLong = line("Message Too Long. Discarding Message.")
export const unregistered = line('Unregistered User. Use "JOIN <username>" to Register.')

export const tooManyUsers = line("Too Many Users. Disconnecting User.")
export const registrationTimedOut = line("Registration Timed Out. Disconnecting User.")
export const idleTooLong = line("Idle Too Long. Disconnecting User.")
export const tooManyConnections = line("Too Many Connections. Disconnecting User.")
export const serverShuttingDown = line("Server Shutting Down. Disconnecting User.")

const rule = "-".repeat(28)
const row = (name: string, fd: number | string): string => line(`${name.padEnd(22)} ${fd}`)

/** The reply to LIST, with members in the order given. */
export const table = (members: ReadonlyArray<{ readonly name: Username; readonly fd: number }>): string =>
  row("USERNAME", "FD") + line(rule) + members.map(({ name, fd }) => row(name, fd)).join("") + line(rule)
