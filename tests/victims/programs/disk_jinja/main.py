# cause: disk_wait disk: silent needs: jinja2
import os
import signal
import tempfile

import jinja2

signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.2)


class Mails:
    def __init__(self, folder):
        self.templates = jinja2.Environment(loader=jinja2.FileSystemLoader(folder))

    def welcome(self, customer):
        template = self.templates.get_template("welcome.txt")  # culprit
        return template.render(customer=customer)


mails = Mails(os.path.join(tempfile.gettempdir(), "disk"))
print("ready", flush=True)
mails.welcome("ada")
