"""The config file, its secrets' sources, and what they mean."""

from bot.config.describe import describe
from bot.config.load import find_config, load

__all__ = ["describe", "find_config", "load"]
