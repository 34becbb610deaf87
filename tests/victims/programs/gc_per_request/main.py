# cause: gc_thrash
import gc


class Order:
    def __init__(self, previous):
        self.previous = previous
        self.items = []


class Shop:
    def __init__(self, count):
        self.orders = []
        for _ in range(count):
            self.orders.append(Order(self.orders))

    def tidy(self):
        gc.collect()  # culprit

    def handle(self, requests):
        for _ in range(requests):
            self.orders[0].items = [Order(None)]
            self.tidy()  # caller


print("ready", flush=True)
shop = Shop(400000)
while True:
    shop.handle(1000000)
