/**
 * The seat, kept in the session's storage over a reload. It is there only while the page is not loaded: a duplicated tab must
 * not find it, or two tabs would take one seat from each other. Where the browser blocks the storage, the user joins again.
 */

const STORED = "partyline"

/** Keeps the name and the key for RECLAIM. */
export const keepSeat = (seat) => {
  try {
    sessionStorage.setItem(STORED, JSON.stringify(seat))
  } catch {
    // Blocked, or full.
  }
}

/** Takes out what was kept; empty texts if there is nothing. */
export const takeSeat = () => {
  try {
    const stored = sessionStorage.getItem(STORED)
    sessionStorage.removeItem(STORED)
    return { name: "", key: "", ...JSON.parse(stored ?? "{}") }
  } catch {
    return { name: "", key: "" }
  }
}
