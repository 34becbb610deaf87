"""When to meet: the grammar of dates that people type. Start with `reading.py`."""
