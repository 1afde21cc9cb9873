"""A terminal that goes away: python3 hangup.py COMMAND...

Runs the command in a new terminal. When standard input ends, the terminal is closed, and the kernel sends SIGHUP to all that
run in it.
"""

import os
import pty
import sys

pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
print("open", flush=True)
sys.stdin.read()
os.close(terminal)
