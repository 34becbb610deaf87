"""Packets in AES-GCM that we read and seal ourselves are those that paramiko reads and seals, whoever takes which."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from paramiko import Message
from paramiko.packet import Packetizer
from paramiko.ssh_exception import SSHException

from bot.hosts.loop.packets import COUNTER, ENDS, HEAD, LENGTH_BYTES, TAG_BYTES, Packets

KEY, IV = bytes(range(16)), bytes(range(12))


@dataclass
class Pipe:
    """What one side puts in, the other takes out."""

    box: bytearray = field(default_factory=bytearray)

    def send(self, data: bytes) -> int:
        self.box += data
        return len(data)

    def recv(self, size: int) -> bytes:
        found = bytes(self.box[:size])
        del self.box[:size]
        return found

    def settimeout(self, value: float | None) -> None: ...
    def close(self) -> None: ...


class Side:
    """One direction between two packetizers: what either sends, either reads."""

    def __init__(self, *, aead: bool = True) -> None:
        self.pipe = Pipe()
        pipe: Any = self.pipe
        self.sender, self.reader = Packetizer(pipe), Packetizer(pipe)
        if aead:
            self.sender.set_outbound_cipher(AESGCM(KEY), 16, None, TAG_BYTES, b"", aead=True, iv_out=IV)  # type: ignore[call-arg]
            self.reader.set_inbound_cipher(AESGCM(KEY), 16, None, TAG_BYTES, b"", aead=True, iv_in=IV)  # type: ignore[call-arg]
        self.seals, self.reads = Packets(self.sender), Packets(self.reader)

    def send(self, payload: bytes, *, by_us: bool) -> None:
        if by_us:
            assert self.seals.send(payload, lambda data: void(self.pipe.send(data)))
        else:
            message = Message()
            message.add_bytes(payload)
            self.sender.send_message(message)

    def read(self, *, by_us: bool) -> tuple[int, int, bytes]:
        if not by_us:
            kind, message = self.reader.read_message()
            return kind, message.seqno, message.asbytes()
        box = self.pipe.box
        size = int.from_bytes(box[:LENGTH_BYTES])
        found = self.reads.read(box, 0, size)
        assert found is not None
        del box[: LENGTH_BYTES + size + TAG_BYTES]
        return found

    def set(self, whose: Packetizer, name: str, value: Any) -> None:
        assert f"_Packetizer__{name}" in vars(whose)
        vars(whose)[f"_Packetizer__{name}"] = value


def void(_: int) -> None: ...


PACKETS = st.tuples(st.binary(min_size=1, max_size=600), st.booleans(), st.booleans())


@given(st.lists(PACKETS, max_size=30))
def test_whoever_takes_the_next_packet_they_agree(packets: list[tuple[bytes, bool, bool]]) -> None:
    side = Side()
    for number, (payload, sent_by_us, read_by_us) in enumerate(packets):
        side.send(payload, by_us=sent_by_us)
        assert side.read(by_us=read_by_us) == (payload[0], number, payload[1:])
    counted = vars(side.sender), vars(side.reader)
    assert counted[0]["_Packetizer__sent_bytes"] == counted[1]["_Packetizer__received_bytes"]
    assert (
        counted[0]["_Packetizer__sent_packets"] == counted[1]["_Packetizer__received_packets"] == len(packets)
    )


@pytest.mark.parametrize("at", [1, LENGTH_BYTES, LENGTH_BYTES + 9, -1])
def test_a_packet_that_was_changed_on_its_way_is_refused(at: int) -> None:
    side = Side()
    side.send(b"\x5e" + b"x" * 40, by_us=True)
    size = int.from_bytes(side.pipe.box[:LENGTH_BYTES])
    side.pipe.box[at] ^= 1
    with pytest.raises(InvalidTag):
        side.reads.read(side.pipe.box, 0, size)


@pytest.mark.parametrize("padding", [15, 16, 255])
def test_a_packet_that_is_all_padding_is_refused(padding: int) -> None:
    side, head = Side(), HEAD.pack(16, padding)
    sealed = AESGCM(KEY).encrypt(IV, head[LENGTH_BYTES:] + bytes(15), head[:LENGTH_BYTES])
    side.pipe.box += head[:LENGTH_BYTES] + sealed
    with pytest.raises(SSHException, match="without a message"):
        side.reads.read(side.pipe.box, 0, 16)


LEFT = [
    ("need_rekey", True),
    ("bytes", Packetizer.REKEY_BYTES - 10),
    ("packets", Packetizer.REKEY_PACKETS - 1),
    ("sequence_number", ENDS[0]),
    ("iv", COUNTER.pack(IV[:4], ENDS[1])),
    ("compress_engine", lambda data: data),
]
NAMES = {"bytes": ("sent_bytes", "received_bytes"), "packets": ("sent_packets", "received_packets")}


@pytest.mark.parametrize(("name", "value"), LEFT, ids=[name for name, _ in LEFT])
def test_what_is_rare_is_left_to_paramiko(name: str, value: Any) -> None:
    out, into = NAMES.get(name, (name, name) if name == "need_rekey" else (f"{name}_out", f"{name}_in"))
    side = Side()
    side.set(side.sender, out, value)
    sent: list[bytes] = []
    assert not side.seals.send(b"\x5eword", sent.append)
    assert sent == []
    side = Side()
    side.send(b"\x5eword", by_us=True)
    side.set(side.reader, into, value)
    assert side.reads.read(side.pipe.box, 0, int.from_bytes(side.pipe.box[:LENGTH_BYTES])) is None


def test_another_cipher_is_left_to_paramiko() -> None:
    side = Side(aead=False)
    assert not side.seals.send(b"\x5eword", lambda data: void(side.pipe.send(data)))
    side.send(b"\x5eword", by_us=False)
    assert side.reads.read(side.pipe.box, 0, int.from_bytes(side.pipe.box[:LENGTH_BYTES])) is None
    assert side.read(by_us=False) == (0x5E, 0, b"word")
