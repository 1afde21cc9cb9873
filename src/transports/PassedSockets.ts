/** Socket activation: listening sockets that a service manager (systemd) opened and passed to the process. */
import { fstatSync, readFileSync } from "node:fs"

/** The first passed descriptor (SD_LISTEN_FDS_START). */
const FIRST = 3

const roles = ["chat", "tls", "ops"] as const

/** The use of a socket: lines, lines inside TLS, or the operations port. */
export type Role = (typeof roles)[number]

export interface PassedSocket {
  readonly fd: number
  /** Absent if its name (FileDescriptorName=) is none of a role: then its port tells. */
  readonly role: Role | undefined
}

/** Descriptors by role. */
export type Sockets = { readonly [Name in Role]: ReadonlyArray<number> }

/**
 * The sockets passed to the process `pid`, by LISTEN_FDS, LISTEN_FDNAMES and LISTEN_PID of its environment. Empty if
 * LISTEN_PID names another process, such as a parent that handed its environment down.
 */
export const passed = (
  env: { readonly [name: string]: string | undefined },
  pid: number
): ReadonlyArray<PassedSocket> => {
  const { LISTEN_FDNAMES: names = "", LISTEN_FDS: count = "", LISTEN_PID: owner = "" } = env
  if (owner !== String(pid) || !/^[1-9]\d{0,2}$/.test(count)) return []
  const named = names.split(":")
  return Array.from({ length: Number(count) }, (_, index) => ({
    fd: FIRST + index,
    role: roles.find((role) => role === named[index])
  }))
}

/** The local port of the socket with that inode, from a table of Linux's /proc/net. */
export const portIn = (table: string, inode: number): number | undefined => {
  for (const row of table.split("\n")) {
    const [, local = "", , , , , , , , owner] = row.trim().split(/\s+/)
    if (owner === String(inode)) return Number.parseInt(local.slice(local.lastIndexOf(":") + 1), 16)
  }
  return undefined
}

const contents = (path: string): string => {
  try {
    return readFileSync(path, "latin1")
  } catch {
    return ""
  }
}

/**
 * The port of a socket that nobody listens on in this process yet, which Node cannot tell; undefined where there is no
 * /proc, and for a socket of another network namespace.
 */
export const portOf = (fd: number): number | undefined => {
  try {
    const { ino } = fstatSync(fd)
    return portIn(contents("/proc/self/net/tcp") + contents("/proc/self/net/tcp6"), ino)
  } catch {
    return undefined
  }
}
