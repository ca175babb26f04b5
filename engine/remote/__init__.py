"""A model on another machine, behind an OpenAI-compatible server: only where the settings name one."""

from __future__ import annotations

from typing import Literal

Format = Literal["auto", "qwen", "starcoder", "deepseek", "codegemma", "plain"]
"""How a model was trained to fill in; here, as the settings name it and import nothing heavy."""
