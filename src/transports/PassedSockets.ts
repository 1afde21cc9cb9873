/** Socket activation: listening sockets that a service manager (systemd) opened and passed to the process. */

/** The first passed descriptor (SD_LISTEN_FDS_START). */
const FIRST = 3

/**
 * Descriptors of the sockets passed to the process `pid`, by LISTEN_FDS and LISTEN_PID of its environment. Empty if
 * LISTEN_PID names another process, such as a parent that handed its environment down.
 */
export const descriptors = (
  env: { readonly [name: string]: string | undefined },
  pid: number
): ReadonlyArray<number> => {
  const { LISTEN_FDS: count = "", LISTEN_PID: owner = "" } = env
  if (owner !== String(pid) || !/^[1-9]\d{0,2}$/.test(count)) return []
  return Array.from({ length: Number(count) }, (_, index) => FIRST + index)
}
