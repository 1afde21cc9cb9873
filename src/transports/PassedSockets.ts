/** Sockets that listen already when the program starts: a service manager opened them and passed them on. */

/** The first descriptor that is passed, by agreement. */
const FIRST = 3

/**
 * The descriptors of the sockets that were passed to the process with that id, according to its environment (systemd's
 * LISTEN_PID and LISTEN_FDS). Those meant for another process, a parent of ours, are not ours.
 */
export const descriptors = (
  env: { readonly [name: string]: string | undefined },
  pid: number
): ReadonlyArray<number> => {
  const { LISTEN_FDS: count = "", LISTEN_PID: owner = "" } = env
  if (owner !== String(pid) || !/^[1-9]\d{0,2}$/.test(count)) return []
  return Array.from({ length: Number(count) }, (_, index) => FIRST + index)
}
