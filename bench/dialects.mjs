/**
 * The protocols of the servers. A dialect says, as text:
 * - register(name, isFanout), cycle(name), probe: steps, each a text to send and the pattern at the end of its answer (no
 *   pattern: the connection closes); the probe needs no registration
 * - direct(to, payload), broadcast(payload): a message as it is sent; received(from, to, payload): as it arrives
 * - publishesApart: messages are sent on a second connection; echoes: the sender of a broadcast receives it too
 * - keepAlive: the server's own request and the answer to it
 * - watch, visit(name): steps to be shown who joins and leaves, and to do both; watched(from, to, payload): a direct message
 *   as it arrives at a client that watches. Only partyline has them.
 */
const partyline = {
  register: (name) => [[`JOIN ${name}\n`, /Accepted\r\n$/]],
  direct: (to, payload) => `MESG ${to} ${payload}\n`,
  broadcast: (payload) => `BCST ${payload}\n`,
  received: (from, _to, payload) => `FROM ${from}: ${payload}\r\n`,
  cycle: (name) => [[`JOIN ${name}\n`, /Accepted\r\n$/], ["LIST\n", /-\r\n(?:.*\r\n)+-+\r\n$/], ["QUIT\n"]],
  probe: [["LIST\n", /^Unregistered User\./]],
  watch: [["WATCH\n", /\r\n$/]],
  visit: (name) => [[`JOIN ${name}\n`, /Accepted\r\n$/], ["QUIT\n"]],
  watched: (from, _to, payload) => `MESG FROM ${from}: ${payload}\r\n`
}

/** Each client subscribes to a subject of its own name; the subject "room" carries broadcasts. `echo` is off. */
const CONNECT = 'CONNECT {"verbose":false,"pedantic":false,"echo":false}\r\n'
const PONG = /PONG\r\n$/
const nats = {
  register: (name, isFanout) => [[`${CONNECT}SUB ${isFanout ? "room" : name} 1\r\nPING\r\n`, PONG]],
  direct: (to, payload) => `PUB ${to} ${payload.length}\r\n${payload}\r\n`,
  broadcast: (payload) => `PUB room ${payload.length}\r\n${payload}\r\n`,
  received: (_from, to, payload) => `MSG ${to ?? "room"} 1 ${payload.length}\r\n${payload}\r\n`,
  keepAlive: { asked: "PING", answer: "PONG\r\n" },
  // The protocol has no QUIT: the client closes.
  cycle: (name) => [[`${CONNECT}SUB ${name} 1\r\nPING\r\n`, PONG], ["PING\r\n", PONG], [""]],
  probe: [["PING\r\n", /^INFO/]]
}

/** A RESP2 subscriber cannot publish: each client has a second connection for that. */
const command = (...words) => `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`
const redis = {
  register: (name, isFanout) => [[command("SUBSCRIBE", isFanout ? "room" : name), /:1\r\n$/]],
  publishesApart: true,
  echoes: true,
  direct: (to, payload) => command("PUBLISH", to, payload),
  broadcast: (payload) => command("PUBLISH", "room", payload),
  received: (_from, to, payload) => command("message", to ?? "room", payload),
  cycle: (name) => [
    [command("SUBSCRIBE", name), /:1\r\n$/],
    [command("PING"), /pong\r\n\$0\r\n\r\n$/],
    [command("QUIT"), /OK\r\n$/]
  ],
  probe: [["PING\r\n", /^\+PONG/]]
}

const enter = (name) => [`NICK ${name}\r\nUSER ${name} 0 * :bench\r\n`, / (?:376|422) .*\r\n$/]
const irc = {
  register: (name, isFanout) => [enter(name), ...(isFanout ? [["JOIN #room\r\n", / 366 .*\r\n/]] : [])],
  direct: (to, payload) => `PRIVMSG ${to} :${payload}\r\n`,
  broadcast: (payload) => `PRIVMSG #room :${payload}\r\n`,
  // The prefix that ngircd gives a client at 127.0.0.1 without ident.
  received: (from, to, payload) => `:${from}!~${from}@127.0.0.1 PRIVMSG ${to ?? "#room"} :${payload}\r\n`,
  keepAlive: { asked: "PING", answer: "PONG bench\r\n" },
  cycle: (name) => [enter(name), ["LUSERS\r\n", / 250 .*\r\n$/], ["QUIT\r\n"]],
  probe: [["PING x\r\n", /^:bench\.local/]]
}

export const dialects = { partyline, nats, redis, irc }
