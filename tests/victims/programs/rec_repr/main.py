# cause: infinite_recursion
class Tree:
    def __init__(self):
        self.children = []

    def __eq__(self, other):
        return all(a == b for a, b in zip(self.children, other.children))  # culprit

    def __hash__(self):
        return id(self)


def compare():
    one, two = Tree(), Tree()
    one.children.append(one)
    two.children.append(two)
    while True:
        try:
            if one == two:
                return
        except RecursionError:
            continue


print("ready", flush=True)
compare()
