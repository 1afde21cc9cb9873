/** How the load talks to partyline and to servers of its protocol. See dialects/index.mjs for what each field means. */
export const partyline = {
  register: (name) => [[`JOIN ${name}\n`, /Accepted\r\n$/]],
  direct: (to, payload) => `MESG ${to} ${payload}\n`,
  broadcast: (payload) => `BCST ${payload}\n`,
  received: (from, _to, payload) => `FROM ${from}: ${payload}\r\n`,
  cycle: (name) => [[`JOIN ${name}\n`, /Accepted\r\n$/], ["LIST\n", /-\r\n(?:.*\r\n)+-+\r\n$/], ["QUIT\n"]],
  probe: ["LIST\n", "Unregistered User."]
}
