/**
 * partyline's protocol for the peers of the bench, without telnet, timeouts and status log: what each line means. How lines
 * are cut from bytes and how replies are sent is each peer's own affair. Not run by itself: see plain.mjs, coalescing.mjs.
 */

const CAP = Number(process.argv[4] ?? 10)
export const LONGEST_LINE = 4096
const RULE = "-".repeat(28)

/** Registered clients by their name in lower case, in the order of registration. */
export const users = new Map()

export const clean = (text) => text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, "")
const shown = (name) => [...clean(name)].slice(0, 32).join("")
const valid = /^[A-Za-z0-9]{1,32}$/

const join = (client, name) => {
  if (client.name !== undefined)
    return client.say(`User Already Registered: Username (${client.name}), FD (${client.fd})`)
  if (users.size >= CAP) {
    client.say("Too Many Users. Disconnecting User.")
    return client.leave()
  }
  if (users.has(name.toLowerCase())) return client.say(`Username Already Taken (${shown(name)}). JOIN Discarded.`)
  if (!valid.test(name)) return client.say(`Invalid Username (${shown(name)}). JOIN Discarded.`)
  client.name = name
  users.set(name.toLowerCase(), client)
  client.say(`JOIN ${name} Request Accepted`)
}

const mesg = (client, rest) => {
  const space = rest.indexOf(" ")
  const name = space < 0 ? rest : rest.slice(0, space)
  const text = space < 0 ? "" : clean(rest.slice(space + 1))
  if (name === "" || text === "") return client.say('Incomplete MESG. Use "MESG <username> <message>".')
  const recipient = users.get(name.toLowerCase())
  if (recipient === undefined) return client.say(`Unknown Recipient (${shown(name)}). MESG Discarded.`)
  recipient.say(`FROM ${client.name}: ${text}`)
}

const bcst = (client, rest) => {
  const text = clean(rest)
  if (text === "") return client.say('Incomplete BCST. Use "BCST <message>".')
  const line = `FROM ${client.name}: ${text}`
  for (const user of users.values()) if (user !== client) user.say(line)
}

const list = (client) => {
  const rows = [...users.values()].map(({ name, fd }) => `${name.padEnd(22)} ${fd}`)
  client.say([`${"USERNAME".padEnd(22)} FD`, RULE, ...rows, RULE].join("\r\n"))
}

/** Does what a line of a client asks for; its end is cut off already. */
export const execute = (client, line) => {
  const space = line.indexOf(" ")
  const command = space < 0 ? line : line.slice(0, space)
  const rest = space < 0 ? "" : line.slice(space + 1)
  if (command === "QUIT") return client.leave()
  if (command === "JOIN") return join(client, rest)
  if (client.name === undefined) return client.say('Unregistered User. Use "JOIN <username>" to Register.')
  if (line.length > LONGEST_LINE) return client.say("Message Too Long. Discarding Message.")
  if (command === "MESG") return mesg(client, rest)
  if (command === "BCST") return bcst(client, rest)
  if (command === "LIST") return list(client)
  if (command === "PING") return client.say("PONG")
  client.say("Unknown Message. Discarding UNKNOWN Message.")
}

/** Takes a client's name from the list of those who are here. */
export const forget = (client) => {
  if (client.name !== undefined) users.delete(client.name.toLowerCase())
}
