"""SSH packets in AES-GCM (RFC 5647, 7), read and written as paramiko's Packetizer of 5.1 does, without what it does around each.

paramiko keeps the keys, the counters and whatever is rare: another cipher, compression, a change of keys that is due. What is
done here moves the same counters on, so that either may take the next packet.
"""

import os
import struct
from collections.abc import Callable
from typing import Any

from paramiko.packet import Packetizer
from paramiko.ssh_exception import SSHException

TAG_BYTES = 16
LENGTH_BYTES = 4
HEAD = struct.Struct(">IB")
COUNTER = struct.Struct(">4sQ")
"""What a packet's nonce is made of: four bytes that stay, and a number that goes up by one."""
ENDS = 0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF
"""The last numbers of a packet and of a nonce; what comes after them is paramiko's."""


class Packets:
    """The packets of one connection. What is named here is private to paramiko: `self_test` tells whether it still is so."""

    __slots__ = ("_inside", "_packetizer")

    def __init__(self, packetizer: Packetizer) -> None:
        self._packetizer: Any = packetizer
        self._inside = vars(packetizer)

    def read(self, box: bytearray, at: int, size: int) -> tuple[int, int, bytes] | None:
        """Return kind, number and the rest of the packet that begins at `at` and is there whole; `size` is its clear length.

        None: it is paramiko's to read. Raises where it was tampered with, or is no packet.
        """
        inside, ours = self._inside, self._packetizer
        taken = LENGTH_BYTES + size + TAG_BYTES
        number: int = inside["_Packetizer__sequence_number_in"]
        fixed, counter = COUNTER.unpack(iv := inside["_Packetizer__iv_in"] or bytes(COUNTER.size))
        if (
            not inside["_Packetizer__aead_in"]
            or inside["_Packetizer__compress_engine_in"] is not None
            or inside["_Packetizer__need_rekey"]
            or inside["_Packetizer__received_bytes"] + taken >= ours.REKEY_BYTES
            or inside["_Packetizer__received_packets"] + 1 >= ours.REKEY_PACKETS
            or number >= ENDS[0]
            or counter >= ENDS[1]
        ):
            return None
        begins = at + LENGTH_BYTES
        plain = inside["_Packetizer__block_engine_in"].decrypt(
            iv, bytes(box[begins : at + taken]), bytes(box[at:begins])
        )
        inside["_Packetizer__iv_in"] = COUNTER.pack(fixed, counter + 1)
        inside["_Packetizer__sequence_number_in"] = number + 1
        inside["_Packetizer__received_bytes"] += taken
        inside["_Packetizer__received_packets"] += 1
        ends = size - plain[0]
        if ends < 2:
            raise SSHException("a packet without a message")
        return plain[1], number, plain[2:ends]

    def send(self, payload: bytes, put: Callable[[bytes], None]) -> bool:
        """Hand one message to `put`, sealed; False: it is paramiko's to send."""
        inside, ours = self._inside, self._packetizer
        with inside["_Packetizer__write_lock"]:
            number: int = inside["_Packetizer__sequence_number_out"]
            fixed, counter = COUNTER.unpack(iv := inside["_Packetizer__iv_out"] or bytes(COUNTER.size))
            block: int = inside["_Packetizer__block_size_out"]
            padding = 3 + block - (len(payload) + LENGTH_BYTES) % block
            size = 1 + len(payload) + padding
            taken = LENGTH_BYTES + size + TAG_BYTES
            if (
                not inside["_Packetizer__aead_out"]
                or inside["_Packetizer__compress_engine_out"] is not None
                or inside["_Packetizer__need_rekey"]
                or inside["_Packetizer__sent_bytes"] + taken >= ours.REKEY_BYTES
                or inside["_Packetizer__sent_packets"] + 1 >= ours.REKEY_PACKETS
                or number >= ENDS[0]
                or counter >= ENDS[1]
            ):
                return False
            head = HEAD.pack(size, padding)
            length = head[:LENGTH_BYTES]
            sealed = inside["_Packetizer__block_engine_out"].encrypt(
                iv, head[LENGTH_BYTES:] + payload + os.urandom(padding), length
            )
            inside["_Packetizer__iv_out"] = COUNTER.pack(fixed, counter + 1)
            inside["_Packetizer__sequence_number_out"] = number + 1
            inside["_Packetizer__sent_bytes"] += taken
            inside["_Packetizer__sent_packets"] += 1
            put(length + sealed)
        return True
