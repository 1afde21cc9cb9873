/**
 * Loaded into a server by --import, beside --expose-gc, so that the server itself needs no change: on SIGUSR2 it collects
 * all garbage and says on standard error how much heap is left.
 */
process.on("SIGUSR2", async () => {
  for (let times = 0; times < 3; times++) {
    globalThis.gc()
    await new Promise(setImmediate)
  }
  process.stderr.write(`collected ${process.memoryUsage().heapUsed}\n`)
})
