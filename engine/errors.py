"""Expected failures on the way to a model, each a sentence for the user and a remedy.

ModelError
  FetchError     no source gave the file, or it could not be kept (engine.fetch)
  PrepareError   the model cannot be converted or kept, or nobody knows its name (engine.prepare)
  HostGone       the server whose model this one used has ended (engine.sharing)
  RemoteFailed   the endpoint that writes is in trouble (engine.remote)
"""

from __future__ import annotations


class ModelError(Exception):
    """`str()` says what is wrong; `remedy` is a sentence about what helps."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


class FetchError(ModelError):
    """The model's file cannot be had."""


class PrepareError(ModelError):
    """The model cannot be made ready."""


class HostGone(ModelError):
    """The server that had the model has ended, or hung up."""

    def __init__(self) -> None:
        super().__init__("the editor that had the model has closed", "It is being loaded here.")


class RemoteFailed(ModelError):
    """The endpoint gave no answer, or has just given none and is left alone."""
