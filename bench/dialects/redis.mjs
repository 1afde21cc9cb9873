/**
 * How the load talks to redis-server: each client subscribes to a channel on one connection and publishes on a second one,
 * because a subscriber cannot publish (RESP2). Whoever broadcasts gets his own message, too; it is counted as a delivery.
 * See dialects/index.mjs for what each field means.
 */
const command = (...words) => `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`

export const redis = {
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
  probe: ["PING\r\n", "+PONG"]
}
