"""What an organiser without a program of its own needs: an invitation, and a sealed file."""

import io
from pathlib import Path
import subprocess

import pytest
import segno

from custom_components.autoconsommation_collective.pmo.invitation import (
    Invitation,
    parse_invitation,
)
from custom_components.autoconsommation_collective.pmo.sealing import (
    member_path,
    unseal,
)
from script import feed_invite, feed_seal

from .conftest import TOKEN, corpus

ADDRESS = "https://pmo.example/indre"
INDEX = corpus("good")["member.consumer"]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    """A file with a token, as an organiser keeps it."""
    path = tmp_path / "anna.txt"
    path.write_text(f"{TOKEN}\n")
    return path


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """A member's index before it is sealed."""
    path = tmp_path / "index.json"
    path.write_bytes(INDEX)
    return path


def test_invitation_is_printed_with_its_folder_and_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The line alone on standard output, so that it can be kept in a file."""
    assert feed_invite.main([ADDRESS]) == 0
    printed = capsys.readouterr()
    invitation = parse_invitation(printed.out)
    assert printed.out == f"{invitation.text}\n"
    assert invitation.base_url == f"{ADDRESS}/"
    assert f"members/{member_path(invitation.token)}/\n" in printed.err
    code = io.StringIO()
    segno.make(invitation.text, error="m").terminal(out=code, compact=True)
    assert code.getvalue() in printed.err


def test_each_invitation_has_its_own_token(capsys: pytest.CaptureFixture[str]) -> None:
    """Two members never share a folder."""
    tokens = set()
    for _ in range(2):
        feed_invite.main([ADDRESS])
        tokens.add(parse_invitation(capsys.readouterr().out).token)
    assert len(tokens) == 2


def test_code_is_saved_for_its_owner_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It holds the token; also where others could read the file before."""
    path = tmp_path / "anna.svg"
    path.touch(0o644)
    feed_invite.main([ADDRESS, str(path)])
    image = io.BytesIO()
    text = capsys.readouterr().out.strip()
    segno.make(text, error="m").save(image, kind="svg", scale=4)
    assert path.read_bytes() == image.getvalue()
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        pytest.param(["http://pmo.example/"], "not_secure", id="in the open"),
        pytest.param(
            [ADDRESS, "/nowhere/anna.svg"], "No such file", id="no such folder"
        ),
    ],
)
def test_no_invitation_is_printed_where_something_is_wrong(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that nobody can use is not kept by mistake."""
    with pytest.raises(SystemExit, match="2"):
        feed_invite.main(arguments)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert reason in printed.err


@pytest.mark.parametrize(
    ("file", "name"), [("index.json", "index.acc"), ("2026-10.json", "2026-10.acc")]
)
def test_document_is_sealed_under_the_name_it_will_have(
    file: str,
    name: str,
    token_file: Path,
    tmp_path: Path,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    """Nothing but the sealed bytes on standard output."""
    (tmp_path / file).write_bytes(INDEX)
    arguments = ["--token-file", str(token_file), str(tmp_path / file)]
    assert feed_seal.main(arguments) == 0
    assert unseal(TOKEN, name, capsysbinary.readouterr().out) == INDEX


@pytest.mark.parametrize(
    "text", [TOKEN, Invitation(f"{ADDRESS}/", TOKEN).text], ids=["token", "invitation"]
)
def test_token_comes_from_standard_input_too(
    text: str,
    index: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    """From a vault, or out of the invitation that was kept."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{text}\n"))
    assert feed_seal.main(["--token-file", "-", str(index)]) == 0
    assert unseal(TOKEN, "index.acc", capsysbinary.readouterr().out) == INDEX


@pytest.mark.parametrize(
    ("token", "file", "reason"),
    [
        pytest.param(TOKEN[:-1], "index.json", "not_an_address", id="token cut off"),
        pytest.param(TOKEN, "anna.json", "YYYY-MM.json", id="name of no document"),
        pytest.param(TOKEN, "operation.json", "YYYY-MM.json", id="public document"),
        pytest.param(TOKEN, "2026-10.json", "No such file", id="file missing"),
    ],
)
def test_mistake_is_told_without_the_token(
    token: str,
    file: str,
    reason: str,
    token_file: Path,
    index: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In one line, and nothing is written."""
    token_file.write_text(token)
    with pytest.raises(SystemExit, match="2"):
        feed_seal.main(["--token-file", str(token_file), str(index.with_name(file))])
    printed = capsys.readouterr()
    assert printed.out == ""
    assert reason in printed.err
    assert token not in printed.err


def test_the_two_commands_fit_together(tmp_path: Path, index: Path) -> None:
    """As the contract shows them, from the caller's own folder."""

    def run(*command: str) -> bytes:
        """Standard output of a command of the repository."""
        name, *arguments = command
        return subprocess.run(
            [ROOT / "script" / name, *arguments],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        ).stdout

    kept = tmp_path / "anna.txt"
    kept.write_bytes(run("invite", ADDRESS))
    sealed = run("seal", "--token-file", "anna.txt", "index.json")
    token = parse_invitation(kept.read_text()).token
    assert unseal(token, "index.acc", sealed) == INDEX
