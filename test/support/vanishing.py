"""A client that joins and reads no more, and whose machine vanishes: python3 vanishing.py PORT NAME

"vanish" on standard input makes its kernel drop all that arrives, as if the cable were cut: nothing is acknowledged any
more. "shrink" makes the receive buffer smaller than what is in it, and lets packets in again. Each step is confirmed on
standard output. Needs Linux.
"""

import ctypes
import socket
import struct
import sys

SO_ATTACH_FILTER = 26
SO_DETACH_FILTER = 27
# One instruction, BPF_RET | BPF_K: keep 0 bytes of each packet.
DROP_ALL = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))

client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
client.sendall(f"JOIN {sys.argv[2]}\n".encode())
client.recv(1000)
print("joined", flush=True)

for line in sys.stdin:
    step = line.strip()
    if step == "vanish":
        program = struct.pack("HL", 1, ctypes.addressof(DROP_ALL))
        client.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
    if step == "shrink":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        client.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, struct.pack("i", 0))
    print(step, flush=True)
