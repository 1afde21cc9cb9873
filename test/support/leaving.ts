/** The leaving lines of a descriptor. Each connection ends with exactly one. */
export const leavings = (lines: ReadonlyArray<string>, fd: number): ReadonlyArray<string> =>
  lines.filter((line) => line.includes(`(${fd})`) && line.endsWith("Disconnecting User."))
