/**
 * The workloads. `unit` is what is counted, `text` the description. `figures` are compared between two servers (report/
 * table.mjs). `peers` are those that have what the workload needs; the others are left out. Where messages are few,
 * `warmUp` (milliseconds) is longer, or the compiler would be measured.
 */
const slow = { warmUp: 1200, unit: "message", figures: ["cpu", "p50"] }
const pair = { clients: 10, size: 64, batch: 50, window: 500, unit: "message", figures: ["cpu"] }
const fanout = { isFanout: true, size: 64, unit: "delivery", figures: ["cpu"] }
const oneSender = { ...fanout, senders: 1, batch: 5, window: 25 }
const line = { batch: 1, window: 20, figures: ["cpu", "p50"] }
const pair512 = { size: 512, batch: 20, window: 100 }
const all = { clients: 10, batch: 20, window: 60 }

export const workloads = {
  pair: { ...pair, text: "5 pairs, both directions, 64 bytes, 50 lines a write, 500 under way each" },
  "pair-512": { ...pair, ...pair512, text: "the same with 512 bytes, 20 a write, 100 under way" },
  "pair-line": { ...pair, ...line, text: "the same with 64 bytes, a write for each line, 20 under way" },
  "pair-ws": {
    ...{ ...pair, isWebSocket: true, peers: ["partyline", "websocket", "server", "again"] },
    text: "pair over WebSocket, a message for each line"
  },
  fanout: { ...fanout, ...all, text: "10 clients, all broadcast, 20 lines a write, 60 under way" },
  "fanout-100": { ...oneSender, clients: 101, text: "1 sender, 100 receivers, 5 lines a write" },
  "fanout-1000": { ...oneSender, clients: 1001, text: "1 sender, 1,000 receivers, 5 lines a write" },
  pingpong: {
    ...slow,
    ...{ clients: 2, oneInFlight: true },
    text: "2 clients, one message in flight; latency is one way through the server"
  },
  steady: {
    ...slow,
    ...{ clients: 10, pace: 20_000 },
    text: "20,000 messages a second offered, 5 pairs; latency from when each was due"
  },
  churn: {
    ...{ kind: "churn", warmUp: 2500, atOnce: 4, unit: "cycle", figures: ["cpu"] },
    text: "connect, register, list, quit, closed; 4 at a time"
  },
  watch: {
    ...{ ...slow, kind: "watch", clients: 100, visits: 100, pace: 500, unit: "notice" },
    peers: ["partyline", "server", "again"],
    text: "100 clients that WATCH; each second 100 others join and leave, and 500 messages are sent; latency of JOINED"
  },
  idle: {
    ...{ kind: "idle", connections: 10_000, unit: "connection", once: true },
    figures: ["cpu", "KiB of RSS each", "base RSS MiB"],
    text: "10,000 connections that do nothing, before registering"
  }
}
