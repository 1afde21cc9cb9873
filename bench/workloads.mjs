/**
 * What the servers have to do. `unit` is what is counted, and `text` what people are told about it. Where messages are few,
 * the `warmUp` (milliseconds) is longer, or it would be the compiler that is measured.
 */
const slow = { warmUp: 1200 }
const pair = { clients: 10, size: 64, batch: 50, window: 500, unit: "message" }
const fanout = { isFanout: true, size: 64, unit: "delivery" }

export const workloads = {
  pair: { ...pair, text: "5 pairs, both directions, 64 bytes, 50 lines a write, 500 under way each" },
  "pair-512": {
    ...pair,
    size: 512,
    batch: 20,
    window: 100,
    text: "the same with 512 bytes, 20 a write, 100 under way"
  },
  "pair-line": { ...pair, batch: 1, window: 20, text: "the same with 64 bytes, a write for each line, 20 under way" },
  fanout: {
    ...fanout,
    clients: 10,
    batch: 20,
    window: 60,
    text: "10 clients, all broadcast, 20 lines a write, 60 under way"
  },
  "fanout-100": {
    ...fanout,
    clients: 101,
    senders: 1,
    batch: 5,
    window: 25,
    text: "1 sender, 100 receivers, 5 lines a write"
  },
  "fanout-1000": {
    ...fanout,
    clients: 1001,
    senders: 1,
    batch: 5,
    window: 25,
    text: "1 sender, 1,000 receivers, 5 lines a write"
  },
  pingpong: {
    ...slow,
    clients: 2,
    oneInFlight: true,
    unit: "message",
    text: "2 clients, one message in flight; latency is one way through the server"
  },
  steady: {
    ...slow,
    clients: 10,
    pace: 20_000,
    unit: "message",
    text: "20,000 messages a second offered, 5 pairs; latency from when each was due"
  },
  churn: { warmUp: 2500, atOnce: 4, unit: "cycle", text: "connect, register, list, quit, closed; 4 at a time" },
  idle: {
    connections: 10_000,
    unit: "connection",
    once: true,
    text: "10,000 connections that do nothing, before registering"
  }
}
