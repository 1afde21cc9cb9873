/** The descriptors that the system lets this process have. */

/**
 * How many; infinite where the system does not tell. When they are used up, Node accepts connections and closes them
 * without a word: the limit has to be known beforehand.
 */
export const limit = (): number => {
  const { report } = process
  if (report === undefined) return Number.POSITIVE_INFINITY
  // Or it would look up the name of every peer.
  Reflect.set(report, "excludeNetwork", true)
  const limits: unknown = Reflect.get(report.getReport(), "userLimits")
  const files: unknown = typeof limits === "object" && limits !== null ? Reflect.get(limits, "open_files") : undefined
  const soft: unknown = typeof files === "object" && files !== null ? Reflect.get(files, "soft") : undefined
  return typeof soft === "number" ? soft : Number.POSITIVE_INFINITY
}
