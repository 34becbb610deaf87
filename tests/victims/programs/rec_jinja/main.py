# cause: infinite_recursion place: jinja2/environment.py:render needs: jinja2
import jinja2

TEMPLATES = {
    "layout.html": "<html>{% block content %}{% endblock %}{% include 'menu.html' %}</html>",
    "menu.html": "{% for item in items %}<li>{{ item.title }}{% include 'menu.html' %}</li>{% endfor %}",
    "page.html": "{% extends 'layout.html' %}{% block content %}{{ text }}{% endblock %}",
}


class Site:
    def __init__(self):
        self.environment = jinja2.Environment(loader=jinja2.DictLoader(TEMPLATES))

    def render(self, page):
        template = self.environment.get_template("page.html")
        return template.render(text=page, items=[{"title": "Home"}, {"title": "Shop"}])  # caller

    def build(self, pages):
        waiting = list(pages)
        while waiting:
            page = waiting.pop(0)
            try:
                self.render(page)
            except Exception:
                waiting.append(page)


print("ready", flush=True)
Site().build(["home", "shop"])
