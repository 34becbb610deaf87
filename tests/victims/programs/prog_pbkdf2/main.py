# not hung
import hashlib


def migrate(count):
    done = []
    for number in range(count):
        done.append(hashlib.pbkdf2_hmac("sha256", b"user-%d" % number, b"salt", 300000))
    return done


print("ready", flush=True)
migrate(10 ** 6)
