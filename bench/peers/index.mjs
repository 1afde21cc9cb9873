/**
 * The servers: their command lines and dialects. `prepare` gets a folder and a port for one start and returns the command
 * line. Limits on floods are lifted and nothing is stored, so that every server does the same work.
 */
import { existsSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"
import { HOST } from "../support/server.mjs"

const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url))
const FOLDERS = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"]
const find = (program) => FOLDERS.map((folder) => join(folder, program)).find((file) => existsSync(file))

/** Seats in servers that count them; partyline's are in support/server.mjs. */
const SEATS = 20_000
const partylineLine = (level) => `node ${pathOf("../../dist/bin.js")} --log-level ${level} {port}`

const config = (folder, name, lines) => {
  const file = join(folder, name)
  writeFileSync(file, lines.join("\n"))
  return file
}

const NGIRCD = (port) => [
  ...["[Global]", "Name = bench.local", "Info = bench", `Listen = ${HOST}`, `Ports = ${port}`],
  // A penalty above 0 delays a client's commands.
  ...["[Limits]", "MaxConnections = 0", "MaxConnectionsIP = 0", "MaxJoins = 0", "MaxPenaltyTime = 0"],
  ...["PingTimeout = 3600", "[Options]", "DNS = no", "Ident = no", "PAM = no", "[Channel]", "Name = #room"]
]

const installed = (program, dialect, commandLine, more = {}) => ({
  dialect,
  missing: find(program) === undefined ? `${program} is not installed` : undefined,
  prepare: (folder, port) => commandLine(find(program), folder, port),
  ...more
})

/** A server of partyline's protocol by its command line. */
export const custom = (commandLine) => ({
  dialect: "partyline",
  prepare: () => (commandLine.includes("{port}") ? commandLine : `${commandLine} {port}`)
})

export const peers = {
  partyline: {
    ...custom(partylineLine("none")),
    missing: existsSync(pathOf("../../dist/bin.js")) ? undefined : "dist/bin.js is missing: npm run build"
  },
  /** With a status line for every request, into a file. */
  "partyline-log": { ...custom(partylineLine("info")), only: ["pair"], logs: true },
  coalescing: custom(`node ${pathOf("coalescing.mjs")} {port} ${HOST} ${SEATS}`),
  plain: custom(`node ${pathOf("plain.mjs")} {port} ${HOST} ${SEATS}`),
  websocket: { ...custom(`node ${pathOf("websocket.mjs")} {port} ${HOST} ${SEATS}`), only: ["pair-ws"] },
  "nats-server": installed("nats-server", "nats", (program, folder, port) => {
    const limits = [
      'ping_interval: "1h"',
      'write_deadline: "60s"',
      "max_pending: 1073741824",
      "max_connections: 100000"
    ]
    return `${program} -c ${config(folder, "nats.conf", [`listen: "${HOST}:${port}"`, ...limits])}`
  }),
  "redis-server": installed("redis-server", "redis", (program, folder, port) => {
    const quiet = ["save ''", "appendonly no", `dir ${folder}`, "maxclients 18000", "tcp-backlog 4096"]
    const limit = "client-output-buffer-limit pubsub 0 0 0"
    return `${program} ${config(folder, "redis.conf", [`bind ${HOST}`, `port ${port}`, limit, ...quiet])}`
  }),
  ngircd: installed(
    "ngircd",
    "irc",
    (program, folder, port) => `${program} -n -f ${config(folder, "ngircd.conf", NGIRCD(port))}`,
    { not: { "pair-512": "its lines end at 512 bytes", idle: "its accept queue of 10 loses most of a burst" } }
  )
}
