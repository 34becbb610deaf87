"""HTTP of `hangbot run`: /healthz, /readyz, /metrics, and in HTTP mode /slack/events. Threads, as everywhere in the bot.

`bot.web.server` and `bot.web.metrics` are imported by whoever runs the bot: no other command needs them.
"""
