"""JSON-RPC as clients really speak it, on top of pygls's plumbing for what the server sends.

pygls 2.1 answers some malformed requests not at all, shows the user a popup for others, keeps the ids of
both directions in one table, runs its own copy of every document, and logs whole messages. So incoming
messages take this path instead:

    receive -> _dispatch -> _request | _notification | _response -> a Handler -> _reply

Invariants:
- Every request gets exactly one reply: its id is in `_running` from dispatch to reply, and only `_reply`
  removes it.
- Notifications never cause a message to the user; a bad one costs one log line.
- What the log says about a message is its method, its id, the type of an error and its place: never its
  params.
"""

from __future__ import annotations

import asyncio
import contextvars
import enum
import inspect
import json
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol, default_converter

from lsp_server.calls import Call, MessageId, enter
from lsp_server.envelope import Code, envelope_error, is_id, messages
from lsp_server.framing import FramingError, write_frame
from lsp_server.logs import place_of

if TYPE_CHECKING:
    from cattrs import Converter

log = logging.getLogger("tacit.protocol")

T = TypeVar("T")


class Life(enum.Enum):
    """Where the connection stands; it only ever moves down this list."""

    NEW = enum.auto()
    INITIALIZED = enum.auto()
    SHUT_DOWN = enum.auto()


class Refusal(Exception):
    """Raised by a handler to answer with an error that is the client's to mend, or the user's to know."""

    def __init__(self, code: Code, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.data = data


def argument(arguments: Sequence[Any], type: type[T]) -> T:
    """The one argument of a command as a struct of ours; nothing stands for an empty one. Raises Refusal."""
    try:
        return msgspec.convert(arguments[0] if arguments else {}, type)
    except msgspec.ValidationError as error:
        raise Refusal(Code.INVALID_PARAMS, f"the argument does not fit: {error}") from error


@dataclass(frozen=True)
class Handler:
    """What answers a method: `call(params)`, a plain function or a coroutine function.

    `params` is the type they are converted to before: one of lsprotocol's, a msgspec struct (for methods of
    our own), or None for the raw JSON.
    """

    call: Callable[[Any], Any]
    params: type | None = None


class Protocol(LanguageServerProtocol):
    """One connection. Everything here runs on the loop thread."""

    def __init__(self, server: Any, converter: Converter) -> None:
        super().__init__(server, converter)
        self.handlers: dict[str, Handler] = {}
        self.life = Life.NEW
        self.on_disconnect: Callable[[], None] = lambda: None
        self._output: BinaryIO | None = None
        self._running: dict[MessageId, asyncio.Task[Any] | None] = {}
        self._background: set[asyncio.Task[Any]] = set()

    def connect(self, output: BinaryIO) -> None:
        """Send to `output` from now on."""
        self._output = output

    def on(self, method: str, call: Callable[[Any], Any], params: type | None = None) -> None:
        """Answer `method` by `call`; `params` defaults to lsprotocol's type for it."""
        known: tuple[Any, ...] = types.METHOD_TO_TYPES.get(method, (None, None, None, None))
        self.handlers[method] = Handler(call, params or known[2])

    def on_raw(self, method: str, call: Callable[[Any], Any]) -> None:
        """Answer `method` by `call`, which reads the raw JSON of the params itself."""
        self.handlers[method] = Handler(call)

    # Incoming

    def receive(self, frame: bytes | FramingError, received: float) -> None:
        """Handle one frame that was read completely at `received` (`time.monotonic()` seconds).

        Never raises.
        """
        if isinstance(frame, FramingError):
            log.warning("malformed input: %s", frame.what)
            return
        try:
            parts = messages(frame)
        except (ValueError, RecursionError):
            log.warning("malformed input: %d bytes that are no JSON", len(frame))
            self._refuse(None, Code.PARSE_ERROR, "this is no JSON")
            return
        for message in parts:
            contextvars.copy_context().run(self._dispatch, message, received)

    def _dispatch(self, message: Any, received: float) -> None:
        if not isinstance(message, dict):
            log.warning("malformed input: JSON that is no message")
            self._refuse(None, Code.INVALID_REQUEST, "a message is an object")
            return
        if "method" not in message and ("result" in message or "error" in message):
            self._response(message)
            return
        method, id = message.get("method"), message.get("id")
        wrong = envelope_error(message)
        if wrong or not isinstance(method, str):
            log.warning("malformed input: %s", wrong)
            if "id" in message:
                self._refuse(id if is_id(id) else None, Code.INVALID_REQUEST, wrong)
            return
        call = Call(method, id, received)
        enter(call)
        if id is None:
            self._notification(call, message.get("params"))
        else:
            self._request(call, message.get("params"))

    def _request(self, call: Call, params: Any) -> None:
        assert call.id is not None
        if call.id in self._running:
            self._refuse(
                call.id, Code.INVALID_REQUEST, f"the id {call.id!r} is that of a request in progress"
            )
            return
        self._running[call.id] = None
        try:
            outcome = self._handle(call, params)
        except Exception as error:
            self._reply_error(call, error)
            return
        if inspect.iscoroutine(outcome):
            task = asyncio.get_running_loop().create_task(outcome)
            self._running[call.id] = task
            task.add_done_callback(partial(self._finish, call))
        else:
            self._reply(call, result=outcome)

    def _handle(self, call: Call, params: Any) -> Any:
        """Start the handler of a request. Raises Refusal where there is none, or the params do not fit."""
        self._check_life(call.method)
        handler = self.handlers.get(call.method)
        if handler is None:
            raise Refusal(Code.METHOD_NOT_FOUND, f"no method {ascii(call.method)[:80]}")
        return handler.call(self._convert(handler, params))

    def _check_life(self, method: str) -> None:
        if self.life is Life.NEW and method != types.INITIALIZE:
            raise Refusal(Code.NOT_INITIALIZED, "the server awaits `initialize`")
        if self.life is Life.SHUT_DOWN:
            raise Refusal(Code.INVALID_REQUEST, "the server was shut down")
        if self.life is Life.INITIALIZED and method == types.INITIALIZE:
            raise Refusal(Code.INVALID_REQUEST, "the server is initialized already")

    def _notification(self, call: Call, params: Any) -> None:
        handler = self.handlers.get(call.method)
        if handler is None or (self.life is not Life.INITIALIZED and call.method != types.EXIT):
            log.debug("ignored the notification %s", call.label)
            return
        try:
            outcome = handler.call(self._convert(handler, params))
        except Exception as error:
            self._log_failure(call, error)
            return
        if inspect.iscoroutine(outcome):
            self.spawn(outcome, call)

    def spawn(self, work: Any, call: Call | None = None) -> asyncio.Task[Any]:
        """Run a coroutine that nobody waits for; a failure of it costs one log line."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)

        def done(task: asyncio.Task[Any]) -> None:
            self._background.discard(task)
            if not task.cancelled() and (error := task.exception()) is not None:
                self._log_failure(call or Call("background work"), error)

        task.add_done_callback(done)
        return task

    def _convert(self, handler: Handler, params: Any) -> Any:
        if handler.params is None:
            return params
        try:
            if issubclass(handler.params, msgspec.Struct):
                return msgspec.convert({} if params is None else params, handler.params)
            return self._converter.structure(params, handler.params)
        except Exception as error:
            raise Refusal(Code.INVALID_PARAMS, f"params do not fit {handler.params.__name__}") from error

    def cancel(self, id: Any) -> None:
        """`$/cancelRequest`: give a running request up; it is answered with RequestCancelled."""
        task = self._running.get(id) if is_id(id) else None
        if task is not None:
            task.cancel()

    def cancel_all(self) -> None:
        """Give every running request up."""
        for task in [*self._running.values(), *self._background]:
            if task is not None:
                task.cancel()

    # Replies

    def _finish(self, call: Call, task: asyncio.Task[Any]) -> None:
        if task.cancelled():
            self._reply(call, error=(Code.REQUEST_CANCELLED, "cancelled"))
        elif (error := task.exception()) is not None:
            self._reply_error(call, error)
        else:
            self._reply(call, result=task.result())

    def _reply_error(self, call: Call, error: BaseException) -> None:
        if isinstance(error, Refusal):
            self._reply(call, error=(error.code, str(error), error.data))
            return
        self._log_failure(call, error)
        self._reply(call, error=(Code.INTERNAL_ERROR, f"internal error ({type(error).__name__})"))

    def _reply(self, call: Call, result: Any = None, error: tuple[Any, ...] | None = None) -> None:
        assert call.id is not None
        if error is None:
            try:
                body = self._encode({"jsonrpc": self.VERSION, "id": call.id, "result": self._plain(result)})
            except Exception as fault:
                self._reply_error(call, fault)
                return
            self._write(body)
        else:
            self._refuse(call.id, *error)
        del self._running[call.id]
        note = f"refused: {error[0].name.lower()}" if error else call.note or "done"
        log.info("%s: %.1f ms, %s", call.label, call.elapsed_ms, note)

    def _refuse(self, id: MessageId | None, code: Code, message: str, data: Any = None) -> None:
        error = {"code": int(code), "message": message}
        if data is not None:
            error["data"] = data
        self._send_data({"jsonrpc": self.VERSION, "id": id, "error": error})

    def _plain(self, result: Any) -> Any:
        if isinstance(result, msgspec.Struct):
            return msgspec.to_builtins(result)
        return self._converter.unstructure(result)

    def _log_failure(self, call: Call, error: BaseException) -> None:
        if isinstance(error, Refusal):
            # Why something cannot be done may quote a file.
            quotes = error.code is Code.REQUEST_FAILED
            log.warning("%s: %s", call.label, "refused" if quotes else error)
            return
        log.error("%s failed: %s at %s", call.label, type(error).__name__, place_of(error))
        log.debug("", exc_info=error)

    # Outgoing: pygls builds requests and notifications, and waits for the responses

    def _response(self, message: dict[str, Any]) -> None:
        """A response of the client.

        pygls's table of futures holds those of our requests only: the client's are in `_running`.
        """
        id = message.get("id")
        future: Future[Any] | None = self._request_futures.pop(id, None) if isinstance(id, str) else None
        if future is None:
            log.debug("ignored a response to no request")
            return
        # pygls's method-by-method types are not used: each caller reads what it asked for.
        self._result_types.pop(str(id), None)
        if message.get("error") is None:
            _settle(future, message.get("result"))
        else:
            _settle(future, error=JsonRpcException("the client refused"))

    def _send_data(self, data: Any) -> None:
        self._write(self._encode(data))

    def _encode(self, data: Any) -> bytes:
        return json.dumps(data, default=self._serialize_message, separators=(",", ":")).encode()

    def _write(self, body: bytes) -> None:
        try:
            if self._output is not None:
                write_frame(self._output, body)
        except (OSError, ValueError):
            # The editor is gone. Nobody is left to tell.
            self._output = None
            self.on_disconnect()


@lru_cache(maxsize=1)
def converter() -> Converter:
    """lsprotocol's converter, made strict: a number where a string belongs is an error and not "5"."""
    made: Converter = default_converter()  # type: ignore[no-untyped-call]
    made.register_structure_hook(str, _strict_str)
    return made


def _strict_str(value: Any, _: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def _settle(future: Future[Any], result: Any = None, error: BaseException | None = None) -> None:
    """Give a future its outcome, unless its waiter has left."""
    if future.set_running_or_notify_cancel():
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)
