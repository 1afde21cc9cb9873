/** Deliberate faults: what stands once in a file of src, what it is replaced by, and the test files of which one must fail. */
const fault = (name, file, from, to, ...tests) => ({ name, file: `src/${file}`, from, to, tests })

export const faults = [
  fault(
    "one seat too many",
    "room/Roster.ts",
    "roster.members.length >= roster.cap",
    "roster.members.length > roster.cap",
    "room/Registry"
  ),
  fault(
    "a seat is not freed on a reset",
    "server/Session.ts",
    "({ leave }) => leave",
    "({ leave }) => (this.hasLeft ? Effect.void : leave)",
    "server/Session"
  ),
  fault(
    "a seat given back twice takes another's name with it",
    "room/Roster.ts",
    "roster.members.includes(member)",
    "roster.members.length >= 0",
    "room/Registry"
  ),
  fault(
    "a departed sender's debts are without bound",
    "room/Room.ts",
    "legacies.size <= registry.snapshot().cap",
    "legacies.size >= 0",
    "server/Session"
  ),
  fault(
    "LIST is in the wrong order",
    "room/Roster.ts",
    "[...roster.members, member]",
    "[member, ...roster.members]",
    "room/Registry"
  ),
  fault("Bob and bob are two", "protocol/Username.ts", "name.toLowerCase()", "name", "protocol/Text"),
  fault(
    "a client that half-closes is closed at once",
    "transports/Tcp.ts",
    "allowHalfOpen: true",
    "allowHalfOpen: false",
    "transports/Tcp"
  ),
  fault(
    "reading does not stop when a client is held back",
    "transports/SocketConnection.ts",
    "      this.socket.pause()\n",
    "",
    "transports/Tcp"
  ),
  fault(
    "the patience never ends",
    "connection/Outbox.ts",
    "Effect.sync(() => this.giveUp())",
    "Effect.void",
    "connection/Outbox"
  ),
  fault(
    "a slow recipient is cut although it moves",
    "connection/Outbox.ts",
    "waiter.moved = () => resume(Effect.void)",
    'waiter.moved = () => waiter.rest === "" && resume(Effect.void)',
    "connection/Outbox"
  ),
  fault(
    "bytes in an outbox are counted as characters",
    "room/Decision.ts",
    "isNarrow ? line.length : byteLength(line)",
    "line.length",
    "room/Decision"
  ),
  fault(
    "an outbox holds one byte more",
    "connection/Outbox.ts",
    "bytes > this.limits.outbox) return",
    "bytes > this.limits.outbox + 1) return",
    "connection/Outbox"
  ),
  fault(
    "a LIST is parted by others' messages",
    "connection/Outbox.ts",
    "!waiter.whole && waiters.length > 1",
    "waiters.length > 1",
    "connection/Outbox"
  ),
  fault(
    "a slice of output can part a surrogate pair",
    "connection/Outbox.ts",
    "splitsPair ? limit + 1 : limit",
    "limit",
    "connection/Outbox"
  ),
  fault("BCST reaches its sender", "room/Room.ts", "outbox !== client.outbox && ", "", "transcripts"),
  fault(
    "what a departed sender had sent is dropped",
    "room/Room.ts",
    "Fiber.join(\n          runDelivery(",
    "Effect.flatten(\n          Effect.succeed(",
    "server/Session"
  ),
  fault(
    "lines behind a full recipient change their order",
    "room/Room.ts",
    "deliveries.slice(index + 1)",
    "deliveries.slice(index + 1).reverse()",
    "fuzz/fuzz"
  ),
  fault(
    "lines behind a full recipient are dropped",
    "room/Room.ts",
    "deliveries.slice(index + 1)",
    "deliveries.slice(index + 2)",
    "fuzz/fuzz"
  ),
  fault("C1 controls are relayed", "protocol/Text.ts", "\\u007f-\\u009f", "\\u007f", "protocol/Text"),
  fault("direction overrides are relayed", "protocol/Text.ts", "\\u2028-\\u202e", "\\u2028\\u2029", "protocol/Text"),
  fault(
    "CR NUL does not end a line",
    "protocol/LineDecoder.ts",
    "if (byte === LF || byte === NUL) return",
    "if (byte === LF) return",
    "protocol/LineDecoder"
  ),
  fault(
    "telnet cut by a packet is forgotten",
    "protocol/LineDecoder.ts",
    "let index = 0",
    "let index = (this.telnet = undefined) ?? 0",
    "protocol/LineDecoder"
  ),
  fault(
    "IAC IAC is two bytes",
    "protocol/Telnet.ts",
    "      case IAC:\n        return IAC",
    "      case IAC:\n        return NOTHING",
    "protocol/LineDecoder"
  ),
  fault(
    "the limit of a line is one byte less",
    "protocol/UnfinishedLine.ts",
    "if (length > this.maxLength) {",
    "if (length >= this.maxLength) {",
    "protocol/LineDecoder"
  ),
  fault(
    "the limit of a line that comes whole is one byte less",
    "protocol/LineDecoder.ts",
    "else if (stop - start > this.maxLine)",
    "else if (stop - start >= this.maxLine)",
    "protocol/LineDecoder"
  ),
  fault(
    "the rest of a line over the limit is a line",
    "protocol/UnfinishedLine.ts",
    "      this.isTooLong = true\n",
    "",
    "protocol/LineDecoder"
  ),
  fault(
    "DEL in a line that is too long brings it back",
    "protocol/UnfinishedLine.ts",
    "if (this.held === undefined || this.length === 0) return",
    "this.isTooLong = false; if (this.held === undefined || this.length === 0) return",
    "protocol/LineDecoder"
  ),
  fault(
    "DEL erases a byte of a character",
    "protocol/Text.ts",
    "return isOne ? start : last",
    "return last",
    "protocol/LineDecoder"
  ),
  fault(
    "a line that was edited passes for plain",
    "protocol/UnfinishedLine.ts",
    "    this.unprintable += unprintable\n",
    "",
    "protocol/LineDecoder"
  ),
  fault(
    "a CR ends its line only with the next byte",
    "protocol/LineDecoder.ts",
    "this.afterCR = true\n        this.complete(commands)",
    "this.afterCR = true",
    "protocol/LineDecoder"
  ),
  fault(
    "the fast path is taken inside an escape sequence",
    "protocol/LineDecoder.ts",
    "      this.escape === undefined &&\n",
    "",
    "protocol/LineDecoder"
  ),
  fault(
    "an escape sequence has no end",
    "protocol/EscapeSequence.ts",
    "this.length === MOST || ",
    "",
    "protocol/LineDecoder"
  ),
  fault(
    "every line may begin with a byte order mark",
    "protocol/LineDecoder.ts",
    "    line.erase()\n    if (this.telnet",
    "    line.erase()\n    this.markLength = 0\n    if (this.telnet",
    "protocol/LineDecoder"
  ),
  fault(
    "a subnegotiation has no end",
    "protocol/Telnet.ts",
    "this.skipped < LONGEST_SUBNEGOTIATION ? next",
    "true ? next",
    "protocol/LineDecoder"
  ),
  fault(
    "what follows a QUIT is executed",
    "room/Decision.ts",
    "return this.decided(index + 1, quit)",
    "continue",
    "room/Decision"
  ),
  fault(
    "a message's text is in the log",
    "room/Decision.ts",
    "mesgRequest(fd, shown(name))",
    "mesgRequest(fd, shown(name) + typed)",
    "room/Decision"
  ),
  fault(
    "the idle time goes on although a command came",
    "server/Hearing.ts",
    "this.batch.items.some(isRequest)",
    "false",
    "server/Session"
  ),
  fault(
    "telnet's chatter keeps an idle client",
    "server/Hearing.ts",
    "this.batch.items.some(isRequest)",
    "this.batch.items.length > 0",
    "server/Session"
  ),
  fault(
    "the join timeout goes on after JOIN",
    "server/Session.ts",
    "this.setting.joining.stop(this.connection)\n    this.setting.idling.start(this.connection)",
    "this.setting.idling.start(this.connection)",
    "server/Session"
  ),
  fault(
    "no farewell is said",
    "server/Session.ts",
    "this.outbox.close(farewells[ending._tag])",
    "this.outbox.close()",
    "server/Session"
  ),
  fault(
    "the leaving line is written twice",
    "server/Session.ts",
    "this.record([event])",
    "this.record([event, event])",
    "server/Session"
  ),
  fault(
    "closing a connection has no limit",
    "server/Session.ts",
    "setting.closing.start(connection)",
    "",
    "server/Session"
  ),
  fault(
    "deadlines go by the time of day",
    "server/Deadlines.ts",
    "Number(clock.unsafeCurrentTimeNanos() / 1000n) / 1000",
    "clock.unsafeCurrentTimeMillis()",
    "faults/clock"
  ),
  fault(
    "shutting down forgets those who are there",
    "server/Server.ts",
    "session.connection.abort(serverShuttingDown)",
    "session.connection",
    "server/Session"
  ),
  fault(
    "a second signal is ignored",
    "main.ts",
    "NodeRuntime.runMain(",
    'for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {})\nNodeRuntime.runMain(',
    "program/signals"
  ),
  fault(
    "a closed standard output is an error nobody handles",
    "process/StandardOutput.ts",
    'stdout.on("error", onError)\n',
    "\n",
    "program/signals"
  ),
  fault(
    "one connection too many from an address",
    "server/Admission.ts",
    "count >= this.limits.maxPerAddress",
    "count > this.limits.maxPerAddress",
    "server/Admission"
  ),
  fault(
    "a line too many at once",
    "server/TokenBucket.ts",
    "Math.floor(this.level / SECOND)",
    "Math.ceil(this.level / SECOND)",
    "server/RateLimit"
  ),
  fault("leaving has to wait for its turn", "server/RateLimit.ts", " && !isQuit(item)", "", "server/RateLimit"),
  fault(
    "this machine's own clients are slowed down",
    "server/Hearing.ts",
    "isLoopback(address) ? undefined : setting.pace()",
    "setting.pace()",
    "server/RateLimit"
  ),
  fault(
    "anybody's PROXY header is believed",
    "transports/Tcp.ts",
    "trusted !== undefined && Proxy.isTrusted(trusted, peer)",
    "trusted !== undefined",
    "transports/TrustedProxy"
  ),
  fault(
    "clients without a certificate are let in",
    "transports/Tls.ts",
    "requestCert: isPrivate",
    "requestCert: false",
    "program/tls"
  )
]
