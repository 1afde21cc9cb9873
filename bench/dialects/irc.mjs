/** How the load talks to ngircd: NICK, USER, PRIVMSG, with the channel #room for broadcasts. See dialects/index.mjs. */
const enter = (name) => [`NICK ${name}\r\nUSER ${name} 0 * :bench\r\n`, / (?:376|422) .*\r\n$/]

export const irc = {
  register: (name, isFanout) => [enter(name), ...(isFanout ? [["JOIN #room\r\n", / 366 .*\r\n/]] : [])],
  direct: (to, payload) => `PRIVMSG ${to} :${payload}\r\n`,
  broadcast: (payload) => `PRIVMSG #room :${payload}\r\n`,
  // What it calls a client at 127.0.0.1 that nobody vouches for.
  received: (from, to, payload) => `:${from}!~${from}@127.0.0.1 PRIVMSG ${to ?? "#room"} :${payload}\r\n`,
  keepAlive: { asked: "PING", answer: "PONG bench\r\n" },
  cycle: (name) => [enter(name), ["LUSERS\r\n", / 250 .*\r\n$/], ["QUIT\r\n"]],
  probe: ["PING x\r\n", ":bench.local"]
}
