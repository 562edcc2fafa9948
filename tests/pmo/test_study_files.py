"""A folder of CSV files: who takes part, what is tried, what is refused, and what is not told."""

from pathlib import Path
import re

import pytest

from custom_components.autoconsommation_collective.engine.model import PlantKind
from custom_components.autoconsommation_collective.engine.simulation import (
    PeriodOutcome,
    simulate,
)
from custom_components.autoconsommation_collective.engine.study import (
    AS_IT_IS,
    Consumer,
    Producer,
    Scenario,
    StudyError,
    StudyProblem,
)
from custom_components.autoconsommation_collective.pmo import study_files as module
from custom_components.autoconsommation_collective.pmo.study_files import (
    read_study,
    study_files,
    unused_files,
)

from .study_cases import CONSUMPTION, PARIS, PRODUCTION, place, refused, study

PARTICIPANTS = """\
nom;coté;coefficient;priorité;investissement;kWc;type;derrière;offre;candidat
school;;0,25;1;1 500;;;;base;non
home;consommateur;50 %;2;;;;;;
roof;producteur;;;;36,5;éolien;home;;OUI
old mill;producteur;;;;;hydraulique;;;
"""
SCENARIOS = """\
scenario;id;side;factor
second roof;roof;producer;1
without;school;;0
without;old mill;consumer;0,5
without;old mill;producer;2
second roof;home;;1.5
"""

# Who takes part


def test_participants() -> None:
    """Everything a line says, in the order of the curves; who has no line is there too."""
    found = study(participants=PARTICIPANTS, prices="plan;item;value\n").study
    assert found.consumers == (
        Consumer("school", 0.25, rank=1, investment=1500, plan="base"),
        Consumer("home", 0.5, rank=2),
        Consumer("old mill"),
    )
    assert found.producers == (
        Producer("roof", PlantKind.WIND, 36.5, behind="home", candidate=True),
        Producer("old mill", PlantKind.HYDRO),
    )


def test_english_participants() -> None:
    """The same in English, without the columns that are not needed."""
    found = study(
        participants="id,side,kind,behind,candidate\nhome,consumer,,,yes\nroof,producer,biomass,home,no\n"
    ).study
    assert found.consumers[1] == Consumer("home", candidate=True)
    assert found.producers[0] == Producer("roof", PlantKind.BIOMASS, behind="home")


def test_scenarios() -> None:
    """The operation as it is, then those of the file, each with all its lines."""
    assert study(scenarios=SCENARIOS).scenarios == (
        AS_IT_IS,
        Scenario("second roof", {"home": 1.5}, {"roof": 1.0}),
        Scenario("without", {"school": 0.0, "old mill": 0.5}, {"old mill": 2.0}),
    )


def test_french_scenarios() -> None:
    """The same in French."""
    found = study(
        scenarios="scénario;nom;côté;facteur\nsans;school;consommateur;0\n"
    ).scenarios
    assert found == (AS_IT_IS, Scenario("sans", {"school": 0.0}))


def test_two_files_are_enough() -> None:
    """And can be simulated."""
    found = study()
    assert found.scenarios == (AS_IT_IS,)
    (outcome,) = simulate(found.study, ["prorata"], found.scenarios)
    assert outcome.total.n_steps == 2


BATTERY = "id;side;kind;behind\nbattery;consumer;;\nbattery;producer;other;{}\n"
CHARGED, RELEASED = (600, 300, 0), (0, 100, 400)
MET, INJECTED = (200, 500, 900), (800, 800, 100)


def battery(behind: str) -> PeriodOutcome:
    """What a battery, a home and a roof share pro rata in three steps."""
    times = [line.partition(";")[0] for line in PRODUCTION.splitlines()[1:]]
    consumption, production = (
        "\n".join(
            [
                header,
                *(f"{t};{a};{b}" for t, a, b in zip(times, other, own, strict=True)),
            ]
        )
        for header, other, own in (
            ("start;home;battery", MET, CHARGED),
            ("start;roof;battery", INJECTED, RELEASED),
        )
    )
    found = study(
        consumption=consumption,
        production=production,
        participants=BATTERY.format(behind),
    )
    (outcome,) = simulate(found.study, ["prorata"], found.scenarios)
    return outcome.total


def test_a_battery_behind_itself() -> None:
    """Takes part with what it charges or releases more than the other, step by step."""
    total = battery("battery")
    assert total.consumption_wh.tolist() == [1600, 600 + 200]
    assert total.production_wh.tolist() == [1700, 400]
    # 600 and 200 are charged, 400 are released: all of it is shared.
    assert total.allocated_wh.tolist() == pytest.approx([200 + 500 + 500, 600 + 200])
    assert total.pairs_wh[1].tolist() == pytest.approx([400, 0])


def test_a_battery_is_not_netted_by_itself() -> None:
    """Without `behind`, what it charges and releases in one step takes part twice."""
    total = battery("")
    assert total.consumption_wh.tolist() == [1600, 900]
    assert total.production_wh.tolist() == [1700, 500]


REFUSED = [
    pytest.param("participants", "home;consommateur", "hone;consommateur", (StudyProblem.PARTICIPANT_UNKNOWN, "l. 3", "hone", "coté", "consommateur"), id="stranger"),
    pytest.param("participants", "home;consommateur", "home;producteur", (StudyProblem.PARTICIPANT_UNKNOWN, "l. 3", "home", "coté", "producteur"), id="without a curve on that side"),
    pytest.param("participants", "home;consommateur", "home;voisin", (StudyProblem.BAD_VALUE, "l. 3", "home", "coté", "voisin"), id="side unknown"),
    pytest.param("participants", "old mill;producteur", "old mill;", (StudyProblem.BAD_VALUE, "l. 5", "old mill", "coté", ""), id="side needed"),
    pytest.param("participants", "home;consommateur", "school;consommateur", (StudyProblem.PARTICIPANT_TWICE, "l. 3", "school", "nom", "school"), id="twice"),
    pytest.param("participants", "home;consommateur", ";consommateur", (StudyProblem.BAD_VALUE, "l. 3", "", "nom", ""), id="no name"),
    pytest.param("participants", "0,25", "25", (StudyProblem.BAD_NUMBER, "l. 2", "school", "coefficient", "25 (25 %, 0.25)"), id="coefficient above 1"),
    pytest.param("participants", "0,25", "-0,25", (StudyProblem.BAD_NUMBER, "l. 2", "school", "coefficient", "-0,25"), id="coefficient below 0"),
    pytest.param("participants", "50 %", "half", (StudyProblem.BAD_NUMBER, "l. 3", "home", "coefficient", "half"), id="coefficient in words"),
    pytest.param("participants", ";1;1 500", ";1,5;1 500", (StudyProblem.BAD_NUMBER, "l. 2", "school", "priorité", "1,5"), id="rank between"),
    pytest.param("participants", "1 500", "-1 500", (StudyProblem.BAD_NUMBER, "l. 2", "school", "investissement", "-1 500"), id="investment below 0"),
    pytest.param("participants", "36,5", "36 kWc", (StudyProblem.BAD_NUMBER, "l. 4", "roof", "kWc", "36 kWc"), id="power with a unit"),
    pytest.param("participants", "éolien", "vent", (StudyProblem.BAD_VALUE, "l. 4", "roof", "type", "vent"), id="kind unknown"),
    pytest.param("participants", ";home;;OUI", ";hone;;OUI", (StudyProblem.PARTICIPANT_UNKNOWN, "l. 4", "hone", "derrière", "hone"), id="behind a stranger"),
    pytest.param("participants", "OUI", "peut-être", (StudyProblem.BAD_VALUE, "l. 4", "roof", "candidat", "peut-être"), id="neither yes nor no"),
    pytest.param("participants", "50 %;2;;;;", "50 %;2;;3;;", (StudyProblem.BAD_VALUE, "l. 3", "home", "kWc", "3"), id="power of a consumer"),
    pytest.param("participants", "roof;producteur;;;", "roof;producteur;0,1;;", (StudyProblem.BAD_VALUE, "l. 4", "roof", "coefficient", "0,1"), id="coefficient of a producer"),
    pytest.param("participants", "priorité", "rang", (StudyProblem.COLUMN_UNKNOWN, "", "", "rang", ""), id="column unknown"),
    pytest.param("participants", "nom;coté", "coté;nom2", (StudyProblem.COLUMN_UNKNOWN, "", "", "nom2", ""), id="no names"),
    pytest.param("scenarios", "roof;producer", "roofs;producer", (StudyProblem.PARTICIPANT_UNKNOWN, "l. 2", "roofs", "side", "producer"), id="scenario of a stranger"),
    pytest.param("scenarios", "mill;consumer", "mill;", (StudyProblem.BAD_VALUE, "l. 4", "old mill", "side", ""), id="scenario: side needed"),
    pytest.param("scenarios", "mill;consumer", "mill;producer", (StudyProblem.PARTICIPANT_TWICE, "l. 5", "old mill", "scenario", "without"), id="scenario: twice"),
    pytest.param("scenarios", "without;school;;0", "without;school;;", (StudyProblem.BAD_VALUE, "l. 3", "school", "factor", ""), id="no factor"),
    pytest.param("scenarios", "without;school;;0", "without;school;;-1", (StudyProblem.BAD_NUMBER, "l. 3", "school", "factor", "-1"), id="factor below 0"),
    pytest.param("scenarios", "without;school;;0", ";school;;0", (StudyProblem.BAD_VALUE, "l. 3", "school", "scenario", ""), id="no scenario"),
    pytest.param("scenarios", "factor", "share", (StudyProblem.COLUMN_UNKNOWN, "", "", "share", ""), id="scenario: column unknown"),
    pytest.param("scenarios", "scenario;id;side;factor", "scenario;id;side", (StudyProblem.COLUMN_MISSING, "", "", "factor", ""), id="scenario: column missing"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "right", "wrong", "told"), REFUSED)
def test_refused_and_read_once_repaired(
    file: str, right: str, wrong: str, told: tuple[StudyProblem, str, str, str, str]
) -> None:
    """The fault with its place; without it the study is read."""
    good = {"participants": PARTICIPANTS, "scenarios": SCENARIOS}
    assert right in good[file]
    bad = good | {file: good[file].replace(right, wrong, 1)}
    problem, name, *rest = place(refused(lambda: study(**bad)))
    assert name == f"{file}.csv"
    assert (problem, *rest) == told
    assert study(**good)


# Folders


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the two files that are needed, and what does not belong to a study."""
    (tmp_path / "Consommation.csv").write_text(CONSUMPTION, "utf-8")
    (tmp_path / "production.csv").write_text(PRODUCTION, "utf-8")
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    (tmp_path / "prices.csv").mkdir()
    return tmp_path


def test_folder(folder: Path) -> None:
    """Known files by their names, in either language; the rest is left alone."""
    files = study_files(folder)
    assert files.keys() == {"Consommation.csv", "production.csv"}
    assert len(read_study(files, PARIS).study.consumers) == 3


def test_every_file_of_a_folder(folder: Path) -> None:
    """All are read, also under their French names."""
    (folder / "participants.csv").write_text(PARTICIPANTS, "utf-8")
    (folder / "scénarios.csv").write_text(SCENARIOS, "utf-8")
    (folder / "prix.csv").write_text("offre;poste;valeur\nbase;frais;1\n", "utf-8")
    (folder / "coefficients.csv").write_text(
        "start;school;home;old mill\n"
        "2025-01-01T00:00:00+01:00;0;0;0\n2025-01-01T00:15:00+01:00;1;0;0\n",
        "utf-8",
    )
    found = read_study(study_files(folder), PARIS)
    assert len(found.scenarios) == 3
    assert found.study.consumer_terms.keys() == {"base"}
    assert found.study.curves[0].coefficients is not None


@pytest.mark.parametrize(
    ("absent", "named"),
    [
        ("Consommation.csv", "consumption.csv / consommation.csv"),
        ("production.csv", "production.csv"),
    ],
)
def test_a_file_that_is_needed(folder: Path, absent: str, named: str) -> None:
    """Is missed by its names."""
    (folder / absent).rename(folder / f"copy of {absent}")
    error = refused(lambda: study_files(folder))
    assert (error.problem, error.file) == (StudyProblem.NOT_THERE, named)


@pytest.mark.parametrize("linked", ["participants.csv", "production.csv"])
def test_a_symbolic_link_is_not_followed(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, linked: str
) -> None:
    """No error repeats what stands in a file elsewhere; a link is as if it were not there."""
    secret = tmp_path_factory.mktemp("elsewhere") / "secrets.yaml"
    secret.write_text("password: hunter2\n", "utf-8")
    (folder / linked).unlink(missing_ok=True)
    (folder / linked).symlink_to(secret)
    if linked == "participants.csv":
        assert linked not in study_files(folder)
        return
    error = refused(lambda: study_files(folder))
    assert (error.problem, error.file) == (StudyProblem.NOT_THERE, linked)


def test_a_file_that_is_needed_among_french_ones(folder: Path) -> None:
    """Is missed by its French name."""
    (folder / "Consommation.csv").rename(folder / "consommation (1).csv")
    (folder / "Prix.csv").write_text("", "utf-8")
    error = refused(lambda: study_files(folder))
    assert (error.problem, error.file) == (StudyProblem.NOT_THERE, "consommation.csv")


def test_files_that_are_not_used(folder: Path) -> None:
    """Are told, or a misspelt name would go unseen; not what is no table, nor folders."""
    assert unused_files(folder) == ()
    (folder / "participants.csv").symlink_to(folder / "production.csv")
    for name in (
        "tarifs.csv",
        "Participant.CSV",
        f"{PRM}.csv",
        "prix.csv",
        "._prix.csv",
    ):
        (folder / name).write_text("", "utf-8")
    assert unused_files(folder) == (
        "…234.csv",
        "Participant.CSV",
        "participants.csv",
        "tarifs.csv",
    )


def test_files_that_are_not_used_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """Refused as the study itself."""
    error = refused(lambda: unused_files(tmp_path / "no folder"))
    assert (error.problem, error.file) == (StudyProblem.NOT_THERE, "no folder")


def test_files_of_a_raspberry_pi() -> None:
    """What is read takes several times as much memory as the files."""
    assert module.MAX_BYTES <= 50_000_000


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """Named without what leads to it."""
    error = refused(lambda: study_files(tmp_path / "no folder"))
    assert (error.problem, error.file) == (StudyProblem.NOT_THERE, "no folder")


def test_a_file_that_cannot_be_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one of somebody else's."""

    def deny(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "read_bytes", deny)
    error = refused(lambda: study_files(folder))
    assert (error.problem, error.file) == (StudyProblem.NOT_THERE, "Consommation.csv")


def test_both_names_of_a_file(folder: Path) -> None:
    """Which one counts is not for us to say."""
    (folder / "consumption.csv").write_text(CONSUMPTION, "utf-8")
    error = refused(lambda: study_files(folder))
    assert (error.problem, error.file, error.found) == (
        StudyProblem.FILE_TWICE,
        "consumption.csv",
        "Consommation.csv",
    )


def test_too_much_to_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All files count together."""
    n_bytes = len(CONSUMPTION.encode()) + len(PRODUCTION.encode())
    monkeypatch.setattr(module, "MAX_BYTES", n_bytes)
    assert study_files(folder)
    monkeypatch.setattr(module, "MAX_BYTES", n_bytes - 1)
    error = refused(lambda: study_files(folder))
    assert (error.problem, error.file) == (StudyProblem.TOO_LARGE, "production.csv")


# Privacy

PRM, EAN = "12345678901234", "541449011000012345"


@pytest.mark.parametrize("number", [PRM, EAN, "12 345 678 901 234"])
@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"consumption": "start;{}\n2025-01-01;x\n"}, id="cell of the column"),
        pytest.param({"consumption": "start;{};{}\n"}, id="column twice"),
        pytest.param({"consumption": "{};home\n"}, id="first column"),
        pytest.param({"consumption": "start [{}];home\n"}, id="unit"),
        pytest.param({"consumption": "start;home\n{};1\n"}, id="time"),
        pytest.param({"consumption": "start;home\n2025-01-01;-{}\n"}, id="number"),
        pytest.param({"consumption": "start;home\n2025-01-01;1;{}\n"}, id="too many cells"),
        pytest.param({"participants": "{}\n"}, id="column unknown"),
        pytest.param({"participants": "id\n{}\n"}, id="stranger"),
        pytest.param({"participants": "id;side;behind\nroof;producer;{}\n"}, id="behind"),
        pytest.param({"participants": "id;rank\nhome;{}\n"}, id="rank"),
        pytest.param({"scenarios": "scenario;id;factor\n{};home;x\n"}, id="scenario"),
        pytest.param({"scenarios": "scenario;id;factor\na;{};1\n"}, id="scenario of a stranger"),
        pytest.param({"coefficients": "start;{}\n2025-01-01;1\n2025-01-01 00:15;1\n"}, id="coefficient"),
        pytest.param({"prices": "plan;item;value\np;{};1\n"}, id="item"),
        pytest.param(
            {"participants": "id;plan\nhome;{0}\n", "prices": "plan;item;value\n{0};network_allocated;1\n"},
            id="plan",
        ),
    ],
)  # fmt: skip
def test_no_error_shows_a_delivery_point(files: dict[str, str], number: str) -> None:
    """Nothing but its last three digits, in no part of the error nor of what led to it."""
    filled = {name: text.format(number, number) for name, text in files.items()}
    error: BaseException | None = refused(lambda: study(**filled))
    while error is not None:
        said = f"{error!s} {error!r} {error.args}"
        if isinstance(error, StudyError):
            said += str(error.placeholders)
        digits = re.sub(r"\D", "", number)
        close = re.sub(r"\s", "", said)
        assert not any(digits[i : i + 5] in close for i in range(len(digits) - 4))
        error = error.__cause__ or error.__context__


def test_the_last_digits_tell_which_one() -> None:
    """Enough to find it in one's own file."""
    error = refused(lambda: study(participants=f"id\n{PRM}\n"))
    assert error.participant == "…234"
