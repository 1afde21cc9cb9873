"""A service manager that waits to be told: python3 notified.py SOCKET

Prints each datagram that comes to the socket, as systemd would take it from NOTIFY_SOCKET.
"""

import socket
import sys

manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(sys.argv[1])
print("waiting", flush=True)
while True:
    # The descriptors that come with BARRIER=1 are closed unread, which is the answer that its sender waits for.
    message = manager.recv(4096).decode()
    for line in message.splitlines():
        print(line, flush=True)
