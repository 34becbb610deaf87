# cause: blocked_pipe needs: click
import click


class Report:
    def __init__(self, rows):
        self.rows = rows

    def write(self):
        for number in range(self.rows):
            click.echo("%08d;%s;%s" % (number, "article", "in stock"))  # culprit


@click.command()
@click.argument("port", required=False)
@click.option("--rows", default=200000)
def main(port, rows):
    click.echo("ready")
    Report(rows).write()


main()
