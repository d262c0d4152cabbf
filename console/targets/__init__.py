"""Where a shell, a command or a file for an object goes, by the configuration and what is known of it."""

from console.targets.machine import FACTS, KINDS
from console.targets.rules import Rules, RulesError
from console.targets.target import target_of

__all__ = ["FACTS", "KINDS", "Rules", "RulesError", "target_of"]
