"""Invitations as people paste them."""

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.pmo.errors import (
    InvitationError,
    InvitationProblem as Problem,
)
from custom_components.autoconsommation_collective.pmo.invitation import (
    Invitation,
    parse_invitation,
)

from .conftest import TOKEN

FEED = "https://pmo.example/indre/"
TEXT = f"{FEED}#acc={TOKEN}"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(TEXT, id="as it is"),
        pytest.param(f"  {TEXT}\r\n", id="white space around"),
        pytest.param(f"<{TEXT}>", id="in angle brackets"),
        pytest.param(f'"{TEXT}"', id="in double quotes"),
        pytest.param(f"'{TEXT}'", id="in single quotes"),
        pytest.param(f"« {TEXT} »", id="in French quotes"),
        pytest.param(f"{TEXT[:50]}\n {TEXT[50:]}", id="wrapped in the token"),
        pytest.param(f"{TEXT[:12]}\r\n{TEXT[12:]}", id="wrapped in the address"),
        pytest.param(f"\ufeff{TEXT}\u200b", id="invisible characters around"),
        pytest.param(TEXT.replace("https://pmo", "HTTPS://PMO"), id="host in capitals"),
        pytest.param(TEXT.replace("/#", "#"), id="without the last slash"),
    ],
)
def test_invitation_is_understood(text: str) -> None:
    """However a mail client dressed it."""
    assert parse_invitation(text) == Invitation(FEED, TOKEN)


@pytest.mark.parametrize(
    "base_url",
    [
        "https://pmo.example/",
        "https://pmo.example:8443/a%20b/c/",
        "https://énergie.example/",
        "https://[2001:db8::1]/",
        "http://localhost:8080/",
        "http://127.0.0.1/",
        "http://127.1.2.3:8080/feed/",
        "http://[::1]:8080/",
    ],
)
def test_text_of_an_invitation_reads_back(base_url: str) -> None:
    """Plain http to this machine included."""
    invitation = Invitation(base_url, TOKEN)
    assert parse_invitation(invitation.text) == invitation


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", Problem.NOT_AN_ADDRESS, id="nothing"),
        pytest.param(TOKEN, Problem.NOT_AN_ADDRESS, id="the token alone"),
        pytest.param(f"ftp://a.example/#acc={TOKEN}", Problem.NOT_AN_ADDRESS, id="ftp"),
        pytest.param(f"https:///#acc={TOKEN}", Problem.NOT_AN_ADDRESS, id="no host"),
        pytest.param(
            f"https://me:secret@a.example/#acc={TOKEN}",
            Problem.NOT_AN_ADDRESS,
            id="with a password",
        ),
        pytest.param(
            f"https://a.example/?b=1#acc={TOKEN}", Problem.NOT_AN_ADDRESS, id="query"
        ),
        pytest.param(
            f"https://a.example:70000/#acc={TOKEN}",
            Problem.NOT_AN_ADDRESS,
            id="port that is none",
        ),
        pytest.param(f"http://a.example/#acc={TOKEN}", Problem.NOT_SECURE, id="http"),
        pytest.param(
            f"http://192.168.1.2/#acc={TOKEN}", Problem.NOT_SECURE, id="http at home"
        ),
        pytest.param(
            f"http://localhost.example/#acc={TOKEN}",
            Problem.NOT_SECURE,
            id="http to a host that only begins like this machine",
        ),
        pytest.param(
            f"http://127.0.0.1.example/#acc={TOKEN}",
            Problem.NOT_SECURE,
            id="http to a name that looks like an address",
        ),
        pytest.param(FEED, Problem.TOKEN_MISSING, id="no fragment"),
        pytest.param(f"{FEED}#", Problem.TOKEN_MISSING, id="empty fragment"),
        pytest.param(f"{FEED}#acc=", Problem.TOKEN_MISSING, id="empty token"),
        pytest.param(f"{FEED}#{TOKEN}", Problem.TOKEN_MISSING, id="unnamed token"),
        pytest.param(TEXT[:-1], Problem.TOKEN_INCOMPLETE, id="a character lost"),
        pytest.param(f"{TEXT}.", Problem.TOKEN_INCOMPLETE, id="a full stop too much"),
    ],
)
def test_no_invitation(text: str, problem: Problem) -> None:
    """The reason is the one the member is told."""
    with pytest.raises(InvitationError) as caught:
        parse_invitation(text)
    assert caught.value.problem is problem


@given(st.text() | st.text().map(lambda text: f"https://{text}/#acc={TOKEN}"))
def test_any_text_is_read_or_refused(text: str) -> None:
    """And what is read is written the same."""
    try:
        invitation = parse_invitation(text)
    except InvitationError:
        return
    assert parse_invitation(invitation.text) == invitation


def test_invitation_never_shows_its_token() -> None:
    """It may end up in a log."""
    invitation = parse_invitation(TEXT)
    assert TOKEN not in f"{invitation} {invitation!r} {[invitation]}"


def test_error_never_repeats_the_text() -> None:
    """The text may hold a token."""
    with pytest.raises(InvitationError) as caught:
        parse_invitation(f"http://a.example/#acc={TOKEN}")
    assert TOKEN not in f"{caught.value} {caught.value!r}"
