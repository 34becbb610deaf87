# not hung cpu: 60
import hashlib


def chain(seed, rounds):
    value = seed
    for number in range(rounds):
        value = hashlib.sha256(value + number.to_bytes(8, "big")).digest()
    return value


print("ready", flush=True)
chain(b"seed", 10**10)
