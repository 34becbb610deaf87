# cause: busy_loop cpu: 5
import itertools


class Coupons:
    def __init__(self, codes):
        self.codes = set(codes)

    def is_free(self, code):
        return code not in self.codes


def first_free(coupons, prefix):
    numbers = itertools.count(1)
    number = next(numbers)
    while not coupons.is_free("%s-%d" % (prefix, number)):  # culprit
        retry = "%s-%d" % (prefix, number)  # culprit
        if coupons.is_free(retry):  # culprit
            break
    return number


print("ready", flush=True)
first_free(Coupons(["spring-1", "spring-2"]), "spring")
