import type { Address } from "../../src/cluster/Redis.ts"

/** The address of a Redis on this machine. */
export const addressOf = (port: number): Address => ({
  hosts: [{ host: "127.0.0.1", port }],
  master: undefined,
  secure: false,
  username: undefined,
  password: undefined,
  database: 0,
  shown: `redis://127.0.0.1:${port}`
})
