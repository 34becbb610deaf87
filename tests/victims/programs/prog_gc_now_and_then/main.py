# cause: slow_progress
# tidies up now and then, and gets on
import gc

found = []


def is_prime(number):
    divisor = 3
    while divisor * divisor <= number:
        if number % divisor == 0:
            return False
        divisor += 2
    return True


def search(number):
    while True:
        if is_prime(number):
            found.append(number)
        number += 2
        if number % 20000 == 1:
            gc.collect()


print("ready", flush=True)
search(100000001)
