# not hung
import copy


def nested(depth):
    value = {}
    for _ in range(depth):
        value = {"child": value, "n": 1}
    return value


def digest(value):
    if not value:
        return 0
    return value["n"] + digest(value["child"])


def main():
    documents = 0
    while documents < 10 ** 9:
        copy.deepcopy(nested(200))
        digest(nested(800))
        documents += 1


print("ready", flush=True)
main()
