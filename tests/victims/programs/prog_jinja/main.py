# not hung needs: jinja2
import jinja2

TEMPLATE = jinja2.Template("{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell|title|truncate(20) }}</td>{% endfor %}</tr>{% endfor %}")


def rows(count):
    for number in range(count):
        yield ["article %d" % number, "lamp " * 20, "in stock"]


def main():
    size = 0
    for part in TEMPLATE.generate(rows=rows(10 ** 9)):
        size += len(part)
    return size


print("ready", flush=True)
main()
