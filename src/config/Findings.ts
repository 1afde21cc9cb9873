/** Remarks on limits that can be used, and on the machine. A start warns of it; --check prints it. */
import { OWN_FILES, spareFiles } from "../Limits.ts"
import type { LimitValues } from "../LimitValues.ts"

/** One line. `no` means that the program should not be started. */
export interface Finding {
  readonly sign: "ok" | "note" | "no"
  readonly text: string
}

export const fine = (text: string): Finding => ({ sign: "ok", text })
export const note = (text: string): Finding => ({ sign: "note", text })
export const problem = (text: string): Finding => ({ sign: "no", text })

/** How many connections the limit of open files is enough for. */
const files = ({ maxConnections, openFiles }: LimitValues): Finding => {
  if (!Number.isFinite(openFiles)) return fine("the system tells no limit of open files")
  const served = Math.max(0, openFiles - spareFiles(openFiles) - OWN_FILES)
  const enough = `${openFiles} open files (ulimit -n) are enough for about ${served}`
  if (served === 0) return problem(`${enough}: nobody could be served`)
  if (served >= maxConnections)
    return fine(`${openFiles} open files are enough for --max-connections ${maxConnections}`)
  return Number.isFinite(maxConnections)
    ? note(`--max-connections ${maxConnections} cannot be reached: ${enough}`)
    : fine(`${enough} connections`)
}

/** Limits that contradict each other. An ineffective limit is only a note: it can be a default. */
const contradictions = (
  { maxConnections, maxLine, maxPerAddress, maxUsers, outbox }: LimitValues,
  isCluster: boolean
): ReadonlyArray<Finding> => {
  const found: ReadonlyArray<readonly [is: boolean, finding: Finding]> = [
    // The users of a room over many machines are not all connected here.
    [maxUsers > maxConnections && !isCluster, problem("--max-users is more than --max-connections")],
    [
      Number.isFinite(maxPerAddress) && maxPerAddress > maxConnections,
      note("--max-per-address is more than --max-connections, so it limits nothing")
    ],
    [maxLine > outbox, note("--max-line is more than --outbox: the longest lines wait until nothing else does")]
  ]
  return found.filter(([is]) => is).map(([, finding]) => finding)
}

/** Findings about the limits, of a node of a room over many machines or of a server by itself. */
export const limits = (values: LimitValues, isCluster: boolean): ReadonlyArray<Finding> => [
  files(values),
  ...contradictions(values, isCluster)
]

/** The remarks that a start warns of: all but the good ones. */
export const warnings = (values: LimitValues, isCluster: boolean): ReadonlyArray<string> =>
  limits(values, isCluster).flatMap(({ sign, text }) => (sign === "ok" ? [] : [text]))
