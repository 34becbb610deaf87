# cause: blocked_network
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "env", "lib", "python3.11", "site-packages"))
import requestish  # noqa


class PaymentGateway:
    def __init__(self, base):
        self.base = base

    def charge(self, amount):
        response = requestish.post(self.base + "/charge", amount)  # culprit
        return response


def main():
    return PaymentGateway("http://127.0.0.1:%s" % sys.argv[1]).charge(5)


print("ready", flush=True)
main()
