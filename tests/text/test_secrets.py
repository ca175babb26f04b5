"""What passes for a secret, and what does not. The keys here are made up, and put together at run time."""

from __future__ import annotations

from pathlib import Path

import pytest

from text.secrets import is_secret_name, secrets

A, N, H = "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xYz", "QWERTYUIOPASDFGH", "0123456789abcdef"


@pytest.mark.parametrize(
    "name",
    [
        ".env",
        ".env.local",
        "prod.env",
        "id_rsa",
        "server.pem",
        "tls.key",
        ".npmrc",
        "secrets.yml",
        "credentials.json",
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        ".env.example",
        ".env.sample",
        "env.py",
        "secrets.py",
        "key.go",
        "keys.json",
        "credentials.ts",
        "id_rsa.pub",
    ],
)
def test_names_that_only_sound_like_it(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "secret",
    [
        "AKIA" + N,
        "ghp_" + A + "0Ab1",
        "github_pat_" + A + A,
        "xoxb-" + "1234567890-abcdef",
        "AIza" + A + "0A",
        "sk-ant-" + A,
        "glpat-" + A,
        "npm_" + A + "0Ab",
        "sk_live_" + A,
        "eyJ" + A + ".eyJ" + A + "." + A,
        "-----BEGIN RSA PRIVATE KEY-----\n" + A * 3 + "\nabc\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN OPENSSH PRIVATE KEY-----\n" + A * 2 + "\nit is cut off here",
        "admin:" + "hunter2hunter2",
    ],
)
def test_secrets_are_found_whole(secret: str) -> None:
    start = "postgres://" if secret.startswith("admin") else "x = '"
    text = f"before\n{start}{secret}{'@db.example.com' if 'admin' in secret else chr(39)}\n"
    found = list(secrets(text))
    assert any(text[a:b].startswith(secret) for a, b in found), found


def test_a_random_value_that_is_assigned_to_a_password() -> None:
    (span,) = secrets(f"API_KEY = '{A}'")
    assert span == (11, 11 + len(A))


@pytest.mark.parametrize(
    "text",
    [
        "password = get_password_from_keyring(service)",
        "token = tokenizer.next_token_or_none()",
        "api_key: str = os.environ['SERVICE_API_KEY']",
        f"digest = '{H * 4}'",
        "url = f'https://{user}:{password}@host/'",
        "postgres://user:password@localhost/db",
        "-----BEGIN PRIVATE KEY-----\\n....\\n-----END PRIVATE KEY-----",
        "sk-learn and key-value and hf_hub_download_options",
        "secret_name_pattern = 'ReallyLongCamelCaseIdentifierHere'",
    ],
)
def test_what_is_none(text: str) -> None:
    assert not list(secrets(text))


def test_our_own_sources_hold_none() -> None:
    for path in Path(__file__).resolve().parents[2].glob("*/*.py"):
        assert not list(secrets(path.read_text("utf-8"))), path
