"""A Slack workspace in a box: Web API, Socket Mode and a chat page, as strict as Slack, on loopback only.

Start it with `python -m bot.sandbox`. It knows nothing of the bot; command completions are given to it as data.
"""
