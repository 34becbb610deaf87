"""The config file, its secrets' sources, and what they mean."""

from bot.config.describe import describe
from bot.config.load import find_config, is_found, load

__all__ = ["describe", "find_config", "is_found", "load"]
