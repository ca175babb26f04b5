"""A model on another machine, behind an OpenAI-compatible server: only where the settings name one."""
