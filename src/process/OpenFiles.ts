/** The limit of open files (ulimit -n). */

/**
 * The number of descriptors that this process may open; infinite if the system does not tell. Beyond it, Node accepts
 * connections and closes them without an error, so the program must know the limit beforehand.
 */
export const limit = (): number => {
  const { report } = process
  if (report === undefined) return Number.POSITIVE_INFINITY
  // Without this, the report looks up the host name of every peer.
  Reflect.set(report, "excludeNetwork", true)
  const limits: unknown = Reflect.get(report.getReport(), "userLimits")
  const files: unknown = typeof limits === "object" && limits !== null ? Reflect.get(limits, "open_files") : undefined
  const soft: unknown = typeof files === "object" && files !== null ? Reflect.get(files, "soft") : undefined
  return typeof soft === "number" ? soft : Number.POSITIVE_INFINITY
}
