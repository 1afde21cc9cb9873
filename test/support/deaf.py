"""A client that registers and then drops every packet, as behind a cut cable: deaf.py <port> <name>."""
import ctypes
import socket
import struct
import sys
import time

SO_ATTACH_FILTER = 26
RETURN = 0x06

client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
client.sendall(f"JOIN {sys.argv[2]}\n".encode())
print(client.recv(100).decode().strip(), flush=True)
nothing = ctypes.create_string_buffer(struct.pack("HBBI", RETURN, 0, 0, 0))
client.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", 1, ctypes.addressof(nothing)))
print("deaf", flush=True)
time.sleep(600)
