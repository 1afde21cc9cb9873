/** Deliberate faults: what stands once in a file of src, what it is replaced by, and the test files of which one must fail. */
const fault = (name, file, from, to, ...tests) => ({ name, file: `src/${file}`, from, to, tests })

export const faults = [
  fault(
    "one seat too many is given",
    "room/Registry.ts",
    "roster.members.length >= maxUsers",
    "roster.members.length > maxUsers",
    "room/Registry"
  ),
  fault(
    "a seat is not given back at the end",
    "server/Ending.ts",
    "    if (member !== undefined) {\n      const left",
    "    if (member !== undefined && member.fd < 0) {\n      const left",
    "server/Session"
  ),
  fault(
    "a seat given back twice takes another member's name with it",
    "room/Roster.ts",
    "members.length === roster.members.length",
    "members.length === -1",
    "room/Registry"
  ),
  fault(
    "an outbox keeps the lines of any number of senders that left",
    "connection/Outbox.ts",
    "senders > 2 * this.limits.mostUsers",
    "senders > 1000 * this.limits.mostUsers",
    "server/Session"
  ),
  fault(
    "LIST is in the wrong order",
    "room/Roster.ts",
    "[...members, member]",
    "[member, ...members]",
    "room/Registry"
  ),
  fault(
    "the greeting comes after the member can be seen",
    "room/Registry.ts",
    "Effect.as(greet(seat, roster.members), ",
    "Effect.as(Effect.fork(Effect.delay(greet(seat, roster.members), 1)), ",
    "room/Registry"
  ),
  fault("Bob and bob are two names", "protocol/Username.ts", "name.toLowerCase()", "name", "protocol/Text"),
  fault(
    "a client that half-closes is closed at once",
    "transports/Tcp.ts",
    "allowHalfOpen: true",
    "allowHalfOpen: false",
    "transports/Tcp"
  ),
  fault(
    "the source is not paused while nobody reads",
    "connection/Pull.ts",
    "    this.source.pause()\n",
    "",
    "transports/Tcp",
    "connection/Pull"
  ),
  fault("parked chunks are lost", "connection/Pull.ts", "      this.parked.push(chunk)\n", "", "connection/Pull"),
  fault(
    "the end of input overtakes parked chunks",
    "connection/Pull.ts",
    "    if (this.isReading) this.disconnect(endOfInput)",
    "    this.disconnect(endOfInput)",
    "connection/Pull",
    "server/Session"
  ),
  fault(
    "the second reason for a disconnect counts too",
    "connection/Pull.ts",
    "    if (this.over !== undefined) return\n    const over",
    "    const over",
    "connection/Pull"
  ),
  fault(
    "the patience never ends",
    "connection/SenderQueue.ts",
    "Effect.sync(() => this.cut())",
    "Effect.void",
    "connection/Outbox"
  ),
  fault(
    "the patience is not given anew to each line",
    "connection/SenderQueue.ts",
    "this.waiting.delete(move)\n        resume(Effect.void)",
    "this.waiting.delete(move)\n        if (this.pending.length === 0) resume(Effect.void)",
    "connection/Outbox"
  ),
  fault(
    "bytes in an outbox are counted as characters",
    "room/Draft.ts",
    "line.length + bytes - text.length",
    "line.length",
    "room/Decision"
  ),
  fault(
    "an outbox holds one byte more",
    "connection/Outbox.ts",
    "this.output.size + lines.bytes > this.limits.current.outbox) return",
    "this.output.size + lines.bytes > this.limits.current.outbox + 1) return",
    "connection/Outbox"
  ),
  fault(
    "a LIST is parted by another sender's lines",
    "connection/Backlog.ts",
    "      if (this.isMidReply) continue\n",
    "",
    "connection/Outbox"
  ),
  fault(
    "a slice of output parts a surrogate pair",
    "connection/Output.ts",
    "splitsPair ? limit + 1 : limit",
    "limit",
    "connection/Outbox"
  ),
  fault("BCST reaches its sender", "room/Deliver.ts", "seat !== client.member && ", "", "transcripts"),
  fault(
    "a sender's lines are dropped when it leaves",
    "connection/SenderQueue.ts",
    "    return Effect.async<void>((resume) => {\n      if (this.moves",
    "    return Effect.async<void>((resume, signal) => {\n      signal.onabort = () => this.clear()\n      if (this.moves",
    "server/Session"
  ),
  fault(
    "a reply overtakes a line that waits for room",
    "room/Deliver.ts",
    'pressure !== undefined && to === "self"',
    'pressure !== undefined && to === "others"',
    "server/Session"
  ),
  fault(
    "held replies are lost",
    "room/Deliver.ts",
    "Effect.suspend(() => deliver(held, everybody, client) ?? Effect.void)",
    "Effect.void",
    "server/Session"
  ),
  fault(
    "lines of one sender behind a full outbox change their order",
    "connection/SenderQueue.ts",
    "this.pending.push({",
    "this.pending.unshift({",
    "server/Session"
  ),
  fault("C1 controls are relayed", "protocol/Text.ts", "\\u007f-\\u009f", "\\u007f", "protocol/Text"),
  fault("direction overrides are relayed", "protocol/Text.ts", "\\u2028-\\u202e", "\\u2028\\u2029", "protocol/Text"),
  fault(
    "a NUL after a CR begins a line",
    "protocol/LineDecoder.ts",
    "if (byte === LF || byte === NUL) return",
    "if (byte === LF) return",
    "protocol/LineDecoder"
  ),
  fault("an editing key is data", "protocol/LineDecoder.ts", "      case DEL:\n", "", "protocol/LineDecoder"),
  fault(
    "telnet cut by a packet is forgotten",
    "protocol/LineDecoder.ts",
    "let index = 0",
    "let index = (this.telnet = undefined) ?? 0",
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
    "a command after QUIT is executed",
    "room/Decision.ts",
    "return decided(draft, index + 1, quit)",
    "continue",
    "room/Decision"
  ),
  fault(
    "the text of a message is in the log",
    "room/Decision.ts",
    "mesgRequest(fd, name)",
    "mesgRequest(fd, name + command.text)",
    "room/Decision"
  ),
  fault(
    "a command does not start the idle time anew",
    "server/Conversation.ts",
    "session.member !== undefined && commands.some(isRequest)",
    "false",
    "server/Session"
  ),
  fault(
    "a telnet command starts the idle time anew",
    "server/Conversation.ts",
    "session.member !== undefined && commands.some(isRequest)",
    "session.member !== undefined && commands.length > 0",
    "server/Session"
  ),
  fault(
    "the join timeout goes on after JOIN",
    "server/Registration.ts",
    "      session.since = clock.unsafeCurrentTimeMillis()\n      session.deadline.unlink()",
    "      session.since = clock.unsafeCurrentTimeMillis()",
    "server/Session"
  ),
  fault(
    "no farewell is sent",
    "server/Ending.ts",
    "connection.outbox.close(farewell(reason))",
    "connection.outbox.close()",
    "server/Session"
  ),
  fault(
    "the leaving line is written twice",
    "server/Ending.ts",
    "log.record([line])",
    "log.record([line, line])",
    "server/Session"
  ),
  fault(
    "what was held back is dropped at the end of input",
    "server/Beginning.ts",
    "this.held.length === 0 ? read : ",
    "this.held.length === 0 || true ? read : ",
    "server/Session"
  ),
  fault(
    "a leaving line that cannot be written keeps the seat",
    "server/Ending.ts",
    'despiteDefects("A leaving line was not written.", record(session, reason))',
    "record(session, reason)",
    "server/Session"
  ),
  fault(
    "fewer seats let fewer senders wait at once",
    "Limits.ts",
    "Math.max(limits.mostUsers, limits.current.maxUsers)",
    "limits.current.maxUsers",
    "server/Session"
  ),
  fault(
    "closing a connection has no limit",
    "server/Ending.ts",
    "closing.start(session.deadline)",
    "",
    "server/Session"
  ),
  fault(
    "a refused connection counts for ever",
    "server/Life.ts",
    "    admission.leave(admittance)\n",
    "",
    "server/Admission"
  ),
  fault(
    "deadlines go by the time of day",
    "server/Deadlines.ts",
    "Number(clock.unsafeCurrentTimeNanos() / 1000n) / 1000",
    "clock.unsafeCurrentTimeMillis()",
    "faults/clock"
  ),
  fault(
    "a shutdown forgets the open connections",
    "server/Server.ts",
    "connection.disconnect(serverShuttingDown)",
    "connection.fd",
    "server/Session"
  ),
  fault(
    "reading one flood does not pause for others",
    "transports/SocketConnection.ts",
    "if (this.readBytes < READ_BYTES) return",
    "if (this.readBytes >= 0) return",
    "transports/Tcp"
  ),
  fault(
    "an HTTP request is executed as lines",
    "protocol/ProtocolDetector.ts",
    "this.hasMethod === true &&",
    "this.hasMethod === undefined &&",
    "protocol/ProtocolDetector"
  ),
  fault(
    "a page of somebody else's name is served",
    "net/Authority.ts",
    "names.some((known)",
    'name !== "" || names.some((known)',
    "net/Authority"
  ),
  fault(
    "a page of another origin connects",
    "web/Answer.ts",
    "if (origin !== undefined &&",
    "if (origin === null &&",
    "web/Answer"
  ),
  fault(
    "a client's time for a request counts from its connection",
    "server/Beginning.ts",
    "this.detector?.isMidLine === true",
    "this.detector?.isMidLine !== true",
    "web/Http"
  ),
  fault(
    "what came with the request for a WebSocket is lost",
    "transports/SocketConnection.ts",
    "Buffer.concat([begun, ...parked])",
    "Buffer.concat([...parked])",
    "web/WebSocket"
  ),
  fault(
    "a WebSocket gets parts of lines",
    "transports/SocketConnection.ts",
    "outbox.take(WRITE_BYTES, open.writableObjectMode)",
    "outbox.take(WRITE_BYTES)",
    "web/WebSocket"
  ),
  fault("a binary message is executed", "web/LineSocket.ts", "!isBinary && ", "", "web/WebSocket"),
  fault(
    "a WebSocket that does not answer keeps its seat",
    "web/WebSockets.ts",
    "if (socket.isPaused) answered()",
    "if (!socket.isPaused) answered()",
    "web/WebSocket"
  ),
  fault("a wrong key reclaims a name", "room/Registry.ts", "!isSame(valid, given) || ", "", "server/Reclaim"),
  fault(
    "a key can be used twice",
    "room/Registry.ts",
    "              yield* removeKey(former)\n",
    "",
    "server/Reclaim"
  ),
  fault(
    "LEFT overtakes the lines of the sender that left",
    "connection/Backlog.ts",
    "queue.sender === member",
    "queue.sender === undefined",
    "server/Watch"
  ),
  fault(
    "notices come behind the acceptance of UNWATCH",
    "connection/Outbox.ts",
    "    if (!watching) this.backlog?.dropNotices()\n",
    "",
    "server/Watch"
  ),
  fault(
    "a lost peer keeps its seat",
    "server/LostPeers.ts",
    "connection.disconnect(peerVanished)",
    "connection.fd",
    "server/LostPeers"
  ),
  fault(
    "a second signal is ignored",
    "main.ts",
    "NodeRuntime.runMain(",
    'for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {})\nNodeRuntime.runMain(',
    "program/signals"
  ),
  fault(
    "an error of standard output is not handled",
    "process/StandardOutput.ts",
    'stdout.on("error", onError)\n',
    "\n",
    "program/signals"
  ),
  fault(
    "one connection too many is admitted from an address",
    "server/Admission.ts",
    "count >= this.limits.current.maxPerAddress",
    "count > this.limits.current.maxPerAddress",
    "server/Admission"
  ),
  fault(
    "one line too many is read at once",
    "server/TokenBucket.ts",
    "Math.floor(this.level / SECOND)",
    "Math.ceil(this.level / SECOND)",
    "server/RateLimit"
  ),
  fault("QUIT has to wait for a token", "server/RateLimit.ts", ' && command._tag !== "Quit"', "", "server/RateLimit"),
  fault(
    "a client on loopback is slowed down",
    "server/Conversation.ts",
    "!isLoopback(address) && ",
    "",
    "server/RateLimit"
  ),
  fault(
    "any peer's PROXY header is believed",
    "transports/Tcp.ts",
    "trusted !== undefined && TrustedProxy.isTrusted(trusted, peer)",
    "trusted !== undefined",
    "transports/TrustedProxy"
  ),
  fault(
    "clients without a certificate are let in",
    "transports/Tls.ts",
    "requestCert: isPrivate",
    "requestCert: false",
    "program/tls"
  ),
  fault(
    "a session is resumed where clients need a certificate",
    "transports/Tls.ts",
    "(ca === undefined ? 0 : SSL_OP_NO_TICKET)",
    "0",
    "program/tls"
  ),
  fault(
    "a passed socket on the port of --tls-port is for lines",
    "config/ListenOptions.ts",
    'port === tlsPort.value ? "tls" : ',
    "",
    "config/ListenOptions"
  ),
  fault(
    "a page of another origin may post to the operations port",
    "ops/RequestGuard.ts",
    "origin === undefined || ",
    "true || ",
    "program/operator"
  ),
  fault("any token is the operator's", "ops/Authorization.ts", "!isEqual(token, given)", "false", "program/operator"),
  fault(
    "wrong tokens of one address are paid for at the same time",
    "ops/Authorization.ts",
    "paid.set(address, now + Duration.unsafeToNanos(wait))",
    "",
    "ops/Authorization"
  ),
  fault(
    "the number of a connection is its descriptor",
    "server/Server.ts",
    "++metrics.accepted",
    "connection.fd",
    "server/Operator"
  ),
  fault(
    "requests that do not end keep others out",
    "ops/ConnectionLimit.ts",
    "oldest.destroy()",
    "socket.destroy()",
    "program/ops"
  ),
  fault(
    "a connection that is leaving is ended again",
    "server/OpenConnections.ts",
    " || session.isLeaving",
    "",
    "server/Operator"
  ),
  fault(
    "SIGHUP ends a server that has nothing to reload",
    "process/Sighup.ts",
    'process.on("SIGHUP", listener)',
    "",
    "process/Sighup"
  ),
  fault(
    "the page comes back by itself after it was sent away",
    "web/page/connection.js",
    'phase: "over", key: ""',
    'phase: "lost", key: ""',
    "web/pageConnection"
  ),
  fault(
    "late events of an old connection of the page count",
    "web/page/update.js",
    "event.link !== model.link",
    "event.link > model.link",
    "web/pageConnection"
  ),
  fault(
    "Tab in the page is a trap",
    "web/page/compose.js",
    "index < previous.matches.length ?",
    "index < 100 ?",
    "web/pageText"
  ),
  fault(
    "pasted lines go to everybody whoever is addressed",
    "web/page/composing.js",
    "messageTo(addressee(text), line)",
    'messageTo("", line)',
    "web/pageRoom"
  ),
  fault(
    "a refused message counts as sent",
    "web/page/hearing.js",
    "oldest.id !== 0 && !oldest.isRefused",
    "oldest.id !== 0",
    "web/pageRoom"
  ),
  fault(
    "a client that is reset waits for the engine",
    "cluster/Underway.ts",
    "Effect.raceFirst(Fiber.join(fiber), disconnected)",
    "Fiber.join(fiber)",
    "cluster/Disconnect"
  ),
  fault(
    "a seat that nobody waits for any more is kept",
    "cluster/Changes.ts",
    "else if (!locals.has(seat.token)) unwanted(seat)",
    "",
    "cluster/Disconnect"
  ),
  fault("a name that another node has is unknown", "cluster/Relay.ts", " ?? elsewhere(name)", "", "cluster/Room"),
  fault(
    "a name that nobody has counts as somebody's",
    "cluster/Relay.ts",
    'if (word === "u") unknown.add',
    'if (word === "x") unknown.add',
    "cluster/Room"
  ),
  fault(
    "LIST does not wait for those who have just joined elsewhere",
    "cluster/Relay.ts",
    "if (hasList || isWatch) yield* engine.caughtUp",
    "",
    "cluster/Room"
  ),
  fault(
    "a message goes to a connection that has given up its seat meanwhile",
    "cluster/Relay.ts",
    "members.localOf(key(to.name)) ?? to",
    "to",
    "cluster/Disconnect"
  ),
  fault(
    "a sender that is reset before a full inbox takes back what it has sent",
    "cluster/Relay.ts",
    "          deliver(here(sent(first.deliveries, words.length), words, local.token), members.here, client)\n",
    "",
    "outages/cut"
  ),
  fault(
    "all messages for a node go into one entry",
    "cluster/MessageScripts.ts",
    "  if frames[at] and #frames[at] > 2000 then append(at) end\n",
    "",
    "cluster/Scripts"
  ),
  fault(
    "a seat that was given up while its node was cut off stays in LIST",
    "cluster/Restore.ts",
    "return members.held(seat) === undefined && (",
    "return seat.node !== node && (",
    "outages/cut"
  ),
  fault(
    "nobody looks for what Redis has forgotten in a crash",
    "cluster/Attachment.ts",
    "isNew || redis.run !== node.run",
    "isNew",
    "outages/engine"
  ),
  fault(
    "a sender waits for a recipient that has left a dead node",
    "cluster/Life.ts",
    "if (hasMoved) waits",
    'if (folded === "") waits',
    "outages/cut"
  ),
  fault(
    "the engine has no cap",
    "cluster/SeatScripts.ts",
    "if redis.call('HLEN', users) >= tonumber(redis.call('HGET', key('config'), 'cap')) then return {'full'} end\n",
    "",
    "cluster/Scripts",
    "cluster/Room"
  ),
  fault(
    "a late leave takes a successor's seat",
    "cluster/SeatScripts.ts",
    "  if owner == node and token == ARGV[index + 1] then",
    "  if owner then",
    "cluster/Scripts"
  ),
  fault(
    "a batch that is sent again is delivered twice",
    "cluster/MessageScripts.ts",
    "if done then return done end\n",
    "",
    "cluster/Scripts"
  ),
  fault(
    "a message to everybody comes back to its own node",
    "cluster/MessageScripts.ts",
    "  if other ~= node then others[#others + 1] = other end",
    "  others[#others + 1] = other",
    "cluster/Room",
    "cluster/ThreeNodes"
  ),
  fault(
    "a full inbox takes more",
    "cluster/MessageScripts.ts",
    "if full(at) then return 'b' end\n  local waits = slow",
    "local waits = slow",
    "cluster/Scripts"
  ),
  fault(
    "a living node is cleared away",
    "cluster/NodeScripts.ts",
    "  if isOwn == '0' and redis.call('EXISTS', key('lease:' .. node)) == 1 then return {'alive', 0} end\n",
    "",
    "cluster/Scripts"
  ),
  fault(
    "a node with another cap may come",
    "cluster/NodeScripts.ts",
    "  if was[1] ~= cap then return {'cap', was[1]} end\n",
    "",
    "cluster/Scripts"
  ),
  fault(
    "an entry counts as read after a fail-over to a Redis whose clock is behind",
    "cluster/NodeScripts.ts",
    "math.max(now, last) + 3600000",
    "last + 1",
    "cluster/Scripts"
  ),
  fault(
    "a key can be used for RECLAIM again",
    "cluster/SeatScripts.ts",
    "free(of, owner)\nlocal record",
    "redis.call('SREM', key('names:' .. owner), of)\nlocal record",
    "cluster/Scripts"
  ),
  fault(
    "a sender elsewhere is not told that its lines have been taken",
    "cluster/Life.ts",
    "if (members.locals.has(entry.token)) waits.taken",
    "if (!members.locals.has(entry.token)) waits.taken",
    "cluster/Room"
  ),
  fault(
    "a message for a recipient who has gone to another node meanwhile is dropped",
    "cluster/Relay.ts",
    "const isThere = members.localOf(folded) === undefined && ",
    "const isThere = members.localOf(folded) !== undefined && ",
    "cluster/Disconnect"
  ),
  fault(
    "restoring that was cut short counts as done",
    "cluster/Engine.ts",
    "          yield* hooks.restore(attached, loss)\n",
    "          source = { epoch: attached.epoch, run: attached.redisRun, inbox: attached.inbox }\n          yield* hooks.restore(attached, loss)\n",
    "cluster/Engine"
  ),
  fault(
    "the operator's line is said again when Redis is asked again",
    "cluster/MessageScripts.ts",
    "'1', 'NX', 'PX'",
    "'1', 'PX'",
    "cluster/Scripts"
  ),
  fault(
    "whoever waits second makes the server forget who waited first",
    "connection/SenderQueue.ts",
    "      this.waiting.add(move)\n",
    "      this.waiting.clear()\n      this.waiting.add(move)\n",
    "connection/Outbox"
  ),
  fault(
    "the end of output is not noticed when it came early",
    "transports/SocketConnection.ts",
    "      if (socket.writableFinished) sent()\n      else socket.once",
    "      socket.once",
    "transports/Tcp"
  )
]
