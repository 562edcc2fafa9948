"""What the tables of a simulation are called and how their numbers are written, both languages.

Sentences of errors are those of the integration: `translations/en.json`, `fr.json`.
"""

from enum import StrEnum
import json
from pathlib import Path

from custom_components.autoconsommation_collective.engine.errors import (
    AllocationProblem,
)
from custom_components.autoconsommation_collective.engine.study import (
    AS_IT_IS,
    THEN,
    Sharing,
    StudyProblem,
)
from custom_components.autoconsommation_collective.pmo.cells import plain

TRANSLATIONS = (
    Path(__file__).parents[1]
    / "custom_components"
    / "autoconsommation_collective"
    / "translations"
)
LANGUAGES = ("en", "fr")

ROUNDS = "+"
"""Joins the rounds of a key on the command line."""
FRENCH_KEYS = {
    Sharing.PRORATA: "prorata",
    Sharing.EQUAL: "égalitaire",
    Sharing.STATIC: "statique",
    Sharing.INVESTMENT: "investissement",
    Sharing.FAIR: "équitable",
    Sharing.FAIR_INVESTMENT: "équitable_investissement",
    Sharing.PRIORITY: "priorité",
    Sharing.PRIORITY_FAIR: "priorité_équitable",
    Sharing.DYNAMIC: "dynamique",
}


class Column(StrEnum):
    """A number of the tables."""

    INSTALLED = "installed"
    INJECTED = "injected"
    WITHDRAWN = "withdrawn"
    ALLOCATED = "allocated"
    SHARING = "sharing"
    SUFFICIENCY = "sufficiency"
    PER_HOME = "per_home"
    EUR = "eur"
    SURPLUS = "surplus"
    OWN_USE = "own_use"
    STEPS = "steps"


MAIN_COLUMNS = (
    Column.INSTALLED,
    Column.INJECTED,
    Column.ALLOCATED,
    Column.SHARING,
    Column.SUFFICIENCY,
    Column.PER_HOME,
    Column.EUR,
    Column.SURPLUS,
)
DECIMALS = {
    Column.INSTALLED: 1,
    Column.SHARING: 1,
    Column.SUFFICIENCY: 1,
    Column.EUR: 2,
}
"""Printed; none for the others."""

TEXTS = {
    "en": {
        "as_it_is": "as it is",
        "scenario": "scenario",
        "key": "key",
        "month": "month",
        "period": "period",
        "whole": "all",
        "consumer": "consumer",
        "producer": "producer",
        Column.INSTALLED: "installed\nkWc",
        Column.INJECTED: "injected\nkWh",
        Column.WITHDRAWN: "withdrawn\nkWh",
        Column.ALLOCATED: "allocated\nkWh",
        Column.SHARING: "sharing\nrate %",
        Column.SUFFICIENCY: "self-pro-\nduction %",
        Column.PER_HOME: "per home\nkWh",
        Column.EUR: "per home\n€",
        "per_home_per_year": "per home\nkWh/year",
        "eur_per_year": "per home\n€/year",
        Column.SURPLUS: "surplus\nkWh",
        Column.OWN_USE: "own use\nkWh",
        Column.STEPS: "steps\nknown",
        "per_home_csv": "per home kWh",
        "per_home_csv_per_year": "per home kWh, of all: per year",
        "eur_csv": "€ saved per home, saved or earned",
        "eur_csv_per_year": "€ saved per home, saved or earned, of all: per year",
        "steps_note": "{known} steps of {minutes} minutes from {first} to {last}; "
        "{left_out} left out, where a curve has a gap.",
        "gaps_note": "Steps without a value: {named}.",
        "rates_note": "Sharing rate (self-consumption rate): allocated / injected. "
        "Self-production rate (Wallonia: self-sufficiency): allocated / withdrawn. "
        "Read them together, over a whole year, beside the kWh.",
        "same_note": "Keys with the same rates differ in who gets the energy: --members.",
        "sums_note": "Less than a year: kWh and euros are those of the {days} days known, and "
        "rates of some months do not tell those of a year.",
        "sums_note_per_year": "Per home: kWh and euros per year. All other kWh are sums over "
        "the {days} days known.",
        "months_note": "In the row of a month, all are those of the month.",
        "prices_note": "Euros: mean of the {known} of {all} homes whose prices are known.",
        "explained": "{name}: {text}.",
        "rounds": "a+b: a first, then b on what is left.",
        "members": "Each consumer, {scenario}: kWh allocated and € saved",
        "members_per_year": "Each consumer, {scenario}: kWh and € saved, per year",
        "plants": "Each producer, {scenario}: kWh allocated and € earned",
        "plants_per_year": "Each producer, {scenario}: kWh and € earned, per year",
        "pairs": "From whom, {scenario}, {key}: kWh that each consumer has from each "
        "producer",
        "unused": "Not used: {files}. Is a name misspelt?",
        "masked": "Some names are shortened: they are long, or look like the number of a "
        "delivery point, which is personal. Name the columns after places instead.",
        "written": "Written: {path}",
        "thousands": ",",
        "mark": ".",
    },
    "fr": {
        "as_it_is": "telle quelle",
        "scenario": "scénario",
        "key": "clé",
        "month": "mois",
        "period": "période",
        "whole": "tout",
        "consumer": "consommateur",
        "producer": "producteur",
        Column.INSTALLED: "installé\nkWc",
        Column.INJECTED: "injecté\nkWh",
        Column.WITHDRAWN: "soutiré\nkWh",
        Column.ALLOCATED: "attribué\nkWh",
        Column.SHARING: "autocon-\nsommation %",
        Column.SUFFICIENCY: "autopro-\nduction %",
        Column.PER_HOME: "par logement\nkWh",
        Column.EUR: "par logement\n€",
        "per_home_per_year": "par logement\nkWh/an",
        "eur_per_year": "par logement\n€/an",
        Column.SURPLUS: "surplus\nkWh",
        Column.OWN_USE: "usage propre\nkWh",
        Column.STEPS: "pas\nconnus",
        "per_home_csv": "par logement kWh",
        "per_home_csv_per_year": "par logement kWh, en tout : par an",
        "eur_csv": "€ économisés par logement, économisés ou gagnés",
        "eur_csv_per_year": "€ économisés par logement, économisés ou gagnés, en tout : par an",
        "steps_note": "{known} pas de {minutes} minutes du {first} au {last} ; "
        "{left_out} laissés de côté, où une courbe a un trou.",
        "gaps_note": "Pas sans valeur : {named}.",
        "rates_note": "Taux d'autoconsommation (taux de partage) : attribué / injecté. "
        "Taux d'autoproduction (taux d'autosuffisance) : attribué / soutiré. "
        "À lire ensemble, sur une année entière, à côté des kWh.",
        "same_note": "Des clés de mêmes taux diffèrent par qui reçoit l'énergie : --members.",
        "sums_note": "Moins d'un an : kWh et euros sont ceux des {days} jours connus, et les taux "
        "de quelques mois ne disent pas ceux d'une année.",
        "sums_note_per_year": "Par logement : kWh et euros par an. Tous les autres kWh sont des "
        "sommes sur les {days} jours connus.",
        "months_note": "Dans la ligne d'un mois, tout est de ce mois.",
        "prices_note": "Euros : moyenne des {known} logements sur {all} dont les prix sont connus.",
        "explained": "{name} : {text}.",
        "rounds": "a+b : d'abord a, puis b sur ce qui reste.",
        "members": "Chaque consommateur, {scenario} : kWh attribués et € économisés",
        "members_per_year": "Chaque consommateur, {scenario} : kWh et € économisés, par an",
        "plants": "Chaque producteur, {scenario} : kWh attribués et € gagnés",
        "plants_per_year": "Chaque producteur, {scenario} : kWh et € gagnés, par an",
        "pairs": "De qui, {scenario}, {key} : kWh que chaque consommateur a de chaque "
        "producteur",
        "unused": "Non utilisés : {files}. Un nom mal écrit ?",
        "masked": "Des noms sont abrégés : ils sont longs, ou ressemblent au numéro d'un point "
        "de livraison, qui est personnel. Donnez plutôt aux colonnes des noms de lieux.",
        "written": "Écrit : {path}",
        "thousands": "\N{NO-BREAK SPACE}",
        "mark": ",",
    },
}

KEY_TEXTS = {
    "en": {
        Sharing.PRORATA: "in proportion to what each withdraws (default dynamic key)",
        Sharing.EQUAL: "the same fixed part for each; what one does not use is surplus",
        Sharing.STATIC: "each its coefficient; what one does not use is surplus",
        Sharing.INVESTMENT: "fixed parts by what each put in; what one does not use is surplus",
        Sharing.FAIR: "equal shares, what one does not use going to the others",
        Sharing.FAIR_INVESTMENT: "shares by what each put in, what one does not use going "
        "to the others",
        Sharing.PRIORITY: "rank by rank, in proportion within a rank",
        Sharing.PRIORITY_FAIR: "rank by rank, equal shares within a rank",
        Sharing.DYNAMIC: "by the coefficients given for each step",
    },
    "fr": {
        Sharing.PRORATA: "en proportion de ce que chacun soutire (dynamique par défaut)",
        Sharing.EQUAL: "la même part fixe pour chacun ; l'inutilisé est du surplus",
        Sharing.STATIC: "à chacun son coefficient ; l'inutilisé est du surplus",
        Sharing.INVESTMENT: "parts fixes selon ce que chacun a investi ; l'inutilisé est du "
        "surplus",
        Sharing.FAIR: "parts égales, l'inutilisé allant aux autres",
        Sharing.FAIR_INVESTMENT: "parts selon l'investissement, l'inutilisé allant aux autres",
        Sharing.PRIORITY: "rang par rang, au prorata dans un rang",
        Sharing.PRIORITY_FAIR: "rang par rang, à parts égales dans un rang",
        Sharing.DYNAMIC: "selon les coefficients donnés pour chaque pas",
    },
}
HELP_TEXTS = {
    "en": {
        "what": "Compare keys, plants and members on an operation's curves: `script/simulate "
        "FOLDER`. Prints a table of every scenario under every key, and nothing else to "
        "standard output. What the folder holds, and how to read the table: "
        "`docs/SIMULATION.md`.",
        "help": "show this help message and exit",
        "folder": "with the study's CSV files",
        "example": "write a study into the folder, which must be empty, and simulate it",
        "keys": "as prorata,static,equal+prorata",
        "sizes": "of a plant in kWc, as roof=3,6,9 or, with a decimal comma, roof=3,5;6",
        "chart": "file to draw, .svg or .png",
        "csv": "file for all rows, of months and members too",
        "months": "a row for each month too",
        "members": "kWh and € of each",
        "pairs": "who has how many kWh from whom",
        "not_empty": "{folder} is not empty: name a new folder",
        "no_folder": "name the folder of a study, or --example",
    },
    "fr": {
        "what": "Compare des clés, des installations et des membres sur les courbes d'une "
        "opération : `script/simulate DOSSIER`. Écrit sur la sortie standard un tableau de "
        "chaque scénario sous chaque clé, et rien d'autre. Ce que contient le dossier, et "
        "comment lire le tableau : `docs/SIMULATION.md`.",
        "help": "montrer cette aide et s'arrêter",
        "folder": "où sont les fichiers CSV de l'étude",
        "example": "écrire une étude dans le dossier, qui doit être vide, et la simuler",
        "keys": "comme prorata,statique,égalitaire+prorata",
        "sizes": "d'une installation en kWc, comme toit=3;6;9 (ou toit=3,5;6)",
        "chart": "fichier à dessiner, .svg ou .png",
        "csv": "fichier pour toutes les lignes, aussi des mois et des membres",
        "months": "aussi une ligne par mois",
        "members": "kWh et € de chacun",
        "pairs": "qui a combien de kWh de qui",
        "not_empty": "{folder} n'est pas vide : donnez un nouveau dossier",
        "no_folder": "donnez le dossier d'une étude, ou --example",
    },
}
"""Of the command's options. What argparse itself says stays English."""


def key_name(choice: str, language: str) -> str:
    """What a key is called on the command line in that language."""
    return ROUNDS.join(
        FRENCH_KEYS[Sharing(name)] if language == "fr" else name
        for name in choice.split(THEN)
    )


def key_choice(name: str) -> str:
    """The key that goes by that name in any of the languages; unknown names as they are."""
    by_name = {plain(french): key.value for key, french in FRENCH_KEYS.items()}
    names = name.strip().replace(ROUNDS, THEN).split(THEN)
    return THEN.join(by_name.get(plain(part), part) for part in names)


def scenario_name(name: str, language: str) -> str:
    """The name of a scenario; that of the operation as it is in words."""
    return TEXTS[language]["as_it_is"] if name == AS_IT_IS.name else name


def number(value: float | None, decimals: int, language: str) -> str:
    """As people of that language write it; a dash where there is none."""
    if value is None:
        return "–"
    # What rounds to nothing has no sign.
    text = f"{round(value, decimals) + 0.0:,.{decimals}f}"
    texts = TEXTS[language]
    return text.translate(str.maketrans(",.", texts["thousands"] + texts["mark"]))


def sentence(problem: StudyProblem | AllocationProblem, language: str) -> str:
    """What Home Assistant says of the problem, with placeholders."""
    translations = json.loads((TRANSLATIONS / f"{language}.json").read_text("utf-8"))
    message: str = translations["exceptions"][f"study_{problem}"]["message"]
    return message
