/** The leaving lines of the client of that descriptor: each connection ends with exactly one. */
export const leavings = (lines: ReadonlyArray<string>, fd: number): ReadonlyArray<string> =>
  lines.filter((line) => line.includes(`(${fd})`) && line.endsWith("Disconnecting User."))
