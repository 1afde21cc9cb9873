/**
 * How the load talks to nats-server: each client subscribes to a subject of its own name, a broadcast is a message to the
 * subject "room". With `echo` off nobody gets what he has sent himself. See dialects/index.mjs for what each field means.
 */
const CONNECT = 'CONNECT {"verbose":false,"pedantic":false,"echo":false}\r\n'
const PONG = /PONG\r\n$/

export const nats = {
  register: (name, isFanout) => [[`${CONNECT}SUB ${isFanout ? "room" : name} 1\r\nPING\r\n`, PONG]],
  direct: (to, payload) => `PUB ${to} ${payload.length}\r\n${payload}\r\n`,
  broadcast: (payload) => `PUB room ${payload.length}\r\n${payload}\r\n`,
  received: (_from, to, payload) => `MSG ${to ?? "room"} 1 ${payload.length}\r\n${payload}\r\n`,
  keepAlive: { asked: "PING", answer: "PONG\r\n" },
  // It has no QUIT: the client closes.
  cycle: (name) => [[`${CONNECT}SUB ${name} 1\r\nPING\r\n`, PONG], ["PING\r\n", PONG], [""]],
  probe: ["PING\r\n", "INFO"]
}
