"""The config file, its inventories, its secrets' sources, and what they mean."""

from bot.config.describe import describe
from bot.config.load import find_config, is_found, load
from bot.config.watching import Signature, signature

__all__ = ["Signature", "describe", "find_config", "is_found", "load", "signature"]
