"""Who listens."""

import os
import socket
from pathlib import Path

from qlocal.engine.host.ports import listening_inodes, look_at_ports, owner_of

TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1111 1 0
   1: 0100007F:0050 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 2222 1 0
   2: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3333 1 0
"""


def test_only_sockets_that_listen_on_the_port_count() -> None:
    assert listening_inodes(TABLE, 80) == {"1111"}
    assert listening_inodes(TABLE, 8080) == {"3333"}
    assert listening_inodes(TABLE, 443) == frozenset()


def test_the_owner_of_a_port_is_found_and_gone_when_it_closes() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        number = listening.getsockname()[1]
        (port,) = look_at_ports([number])
        assert (port.is_free, port.pid) == (False, os.getpid())
        assert owner_of(number) == f"{port.owner} (pid {os.getpid()})"
    assert look_at_ports([number])[0].is_free
    assert owner_of(number) == ""


def test_a_system_without_proc_does_not_say(tmp_path: Path) -> None:
    assert look_at_ports([80], proc=tmp_path)[0].is_free is None
