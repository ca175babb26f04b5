"""The settings, as one frozen struct that is decoded at the edge and passed on.

They come as `initializationOptions` and later as the section "tacit" of the client's configuration, which
wins key by key. Keys are written in camelCase. Nothing here raises: what cannot be used is named in
`problems`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from engine.remote import Format

SECTION = "tacit"
OF_PLUGINS = frozenset(["editorInfo", "editorPluginInfo", "copilotIntegrationId", "copilotCapabilities"])
"""What plugins made for another server say in `initializationOptions`."""

Count = Annotated[int, Meta(ge=0)]


class Config(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=False):
    """All settings with their defaults. The README has the same table."""

    enabled: bool = True
    model: str = ""
    """A manifest's name, a model file or a converted folder; empty: the best one that is fast enough here."""
    download: bool = True
    """Whether a missing model may be fetched without being asked for."""
    threads: Count = 0
    """Of the model; 0: as many as the machine has fast cores."""
    tier_limit_ms: Annotated[int, Meta(ge=20, le=10_000)] = 300
    """A typical line must be written within this for a model to be chosen."""
    budget_ms: Annotated[int, Meta(ge=20, le=10_000)] = 300
    """From the request's arrival to its answer, whatever happens."""
    max_lines: Annotated[int, Meta(ge=1, le=100)] = 12
    """The most lines that one suggestion may have."""
    debounce_ms: Annotated[int, Meta(ge=0, le=2_000)] = 0
    """How long an automatic request waits for a newer one before the model starts."""
    min_confidence: Annotated[float, Meta(ge=0, le=1)] | None = None
    """Below this a suggestion is not shown; null: the value that measured best."""
    languages_off: tuple[str, ...] = ()
    """LSP language ids without suggestions, such as "markdown"."""
    files_off: tuple[str, ...] = ()
    """Patterns of files without suggestions, besides those whose names say that they may hold secrets."""
    scopes_off: tuple[Literal["comment", "string"], ...] = ()
    """Where in a file nothing is suggested."""
    completion_items: Literal["auto", "always", "never"] = "auto"
    """Whether suggestions also come as an entry of the completion popup.

    Auto: where there is no ghost text.
    """
    next_edits: bool = True
    """Whether the edit that probably comes next is shown, where the editor can."""
    precision: Annotated[float, Meta(ge=0, le=1)] = 0.6
    """How many of the next edits that are shown should be right; more means more silence."""
    cooldown_ms: Annotated[int, Meta(ge=0, le=600_000)] = 5_000
    """How long no next edit is shown after one was rejected."""
    cross_file_edits: bool = False
    """Whether the editor shows a next edit of another open file there."""
    formatting_edits: bool = False
    """Whether a next edit may change blanks only."""
    learn: bool = True
    """Whether it is recorded, on this machine only, what becomes of next edits, and learnt from."""
    bugs_enabled: bool = msgspec.field(default=True, name="bugs.enabled")
    """Whether functions are read for what is probably wrong in them."""
    bugs_precision: Annotated[float, Meta(ge=0, le=1)] = msgspec.field(default=0.7, name="bugs.precision")
    """How many of the findings that are shown should be right; more means more silence."""
    bugs_kinds: dict[str, bool] | None = msgspec.field(default=None, name="bugs.kinds")
    """Kinds of findings, as their codes call them, each with whether it is shown."""
    bugs_max_per_file: Annotated[int, Meta(ge=0, le=100)] = msgspec.field(default=5, name="bugs.maxPerFile")
    """The most findings that are shown of one file."""
    bugs_dangerous: tuple[str, ...] = msgspec.field(default=(), name="bugs.dangerous")
    """Patterns of lines, with `*`, in which less certainty is enough for a finding."""
    index_enabled: bool = msgspec.field(default=True, name="index.enabled")
    """Whether the workspace folders are indexed, for search by meaning and name."""
    index_excerpts: bool = msgspec.field(default=False, name="index.excerpts")
    """Whether ghost text is shown the signatures of other files that the file uses."""
    context: Annotated[int, Meta(ge=512, le=32_768)] = 2048
    """Tokens of prompt and output together."""
    share_model: bool = True
    """Whether servers of several editors use one model together, that of the first."""
    cache_megabytes: Annotated[int, Meta(ge=16, le=65_536)] = 128
    """Memory for what the model has read."""
    memory_megabytes: Count = 0
    """The most memory of the server's process; 0: half of the machine's."""
    disk_megabytes: Annotated[int, Meta(ge=1)] = 2048
    """The most that the search index and the known findings may take on disk."""
    background: Literal["considerate", "always"] = "considerate"
    """Whether indexing and scans wait while the battery is low or the machine is busy."""
    trace_prompts: bool = msgspec.field(default=False, name="trace.prompts")
    """Whether the last prompts are kept on this machine, source text included, for `tacit replay`."""

    endpoint: str = ""
    """Address of an OpenAI-compatible server, such as `http://127.0.0.1:8080/v1`; empty: nothing is sent."""
    endpoint_model: str = ""
    """The name that the endpoint knows its model by."""
    endpoint_key: str = "TACIT_ENDPOINT_KEY"
    """The environment variable that holds its key, or `keyring:NAME`; the key itself is never a setting."""
    remote_url: str = msgspec.field(default="", name="remote.url")
    """Address of an OpenAI-compatible server whose model writes ghost text and next edits; empty: none."""
    remote_model: str = msgspec.field(default="", name="remote.model")
    """The name that it knows the model by."""
    remote_format: Format = msgspec.field(default="auto", name="remote.format")
    """How the model was trained to fill in; auto: as its name tells."""
    remote_key: str = msgspec.field(default="TACIT_REMOTE_KEY", name="remote.key")
    """As `endpointKey`, for this server."""
    network_ca: str = msgspec.field(default="", name="network.ca")
    """A file of certificates that both servers' are checked with; empty: the system's."""
    network_proxy: str = msgspec.field(default="", name="network.proxy")
    """Address of a proxy that both are asked through, unless they are on this machine; empty: none."""


FIELDS = {field.encode_name: field for field in msgspec.structs.fields(Config)}
"""By the name that users write."""

GROUPS = frozenset(name.partition(".")[0] for name in FIELDS if "." in name)


def decode(*layers: Any) -> tuple[Config, list[str]]:
    """Make one Config of several raw layers, later ones winning key by key.

    And say what could not be used.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    for layer in layers:
        known, wrong = _decode_layer(layer)
        values |= known
        problems += wrong
    config = Config(**values)
    if bool(config.remote_url) != bool(config.remote_model):
        problems.append(
            "Only `remote.url` and `remote.model` together name a model: that of this machine is used."
        )
    return config, problems


def _decode_layer(raw: Any) -> tuple[dict[str, Any], list[str]]:
    if isinstance(raw, Mapping) and SECTION in raw:
        raw = raw[SECTION]  # Some clients send the section inside its name, some send it bare.
    if raw is None:
        return {}, []
    if not isinstance(raw, Mapping):
        return {}, [f"The settings must be an object, and not {_kind(raw)}."]
    values: dict[str, Any] = {}
    problems: list[str] = []
    for key, value in _flat(raw):
        field = FIELDS.get(key)
        if key in OF_PLUGINS:
            continue
        if field is None:
            problems.append(_unknown(str(key)))
        elif value is not None:  # An editor's way to say "not set".
            try:
                values[field.name] = msgspec.convert(_listed(value, field), field.type)
            except msgspec.ValidationError as error:
                problems.append(f"The setting {key!r} is ignored: {_plain(error)}.")
    return values, problems


def _flat(raw: Mapping[Any, Any]) -> Iterator[tuple[Any, Any]]:
    """Settings of a group come as `bugs: {enabled: ...}` or as `bugs.enabled`."""
    for key, value in raw.items():
        if key in GROUPS and isinstance(value, Mapping):
            yield from ((f"{key}.{inner}", each) for inner, each in value.items())
        elif key not in GROUPS or value:  # an empty Lua table may arrive as a list
            yield key, value


def _listed(value: Any, field: msgspec.structs.FieldInfo) -> Any:
    """An empty Lua table arrives as an object, also where a list is meant."""
    if value == [] and field.encode_name == "bugs.kinds":
        return {}
    return [] if value == {} and isinstance(field.default, tuple) else value


def _unknown(key: str) -> str:
    near = difflib.get_close_matches(key, FIELDS, n=1, cutoff=0.5)
    near = near or [name for name in FIELDS if name.lower() == key.replace("_", "").replace("-", "").lower()]
    return f"There is no setting {key[:60]!r}{f'; did you mean {near[0]!r}?' if near else '.'}"


def _plain(error: msgspec.ValidationError) -> str:
    """msgspec's message without the path, which is `$` for a single value."""
    text = str(error).partition(" - at `")[0]
    return text[:1].lower() + text[1:]


def _kind(value: Any) -> str:
    return {list: "a list", str: "a text", bool: "true or false"}.get(type(value), "a number")
