"""Whom a provider works with and how, and whether it covers a postcode. Pure.

The lists of needs, languages and cultures are ours: no published taxonomy of adoption support names them.
"""

import re
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

_DISTRICT: Final = r"[A-Z]{1,2}(?:\d[A-Z\d]?)?"
_INWARD: Final = r"\d[A-Z]{2}"


class Aspect(StrEnum):
    NEED = "need"
    AGE = "age"
    MODE = "mode"
    VENUE = "venue"
    LANGUAGE = "language"
    CULTURE = "culture"
    DISTRICT = "district"


NEEDS: Final = {
    "attachment": "Attachment and trust",
    "trauma": "Early trauma, neglect or abuse",
    "loss": "Loss, separation and grief",
    "identity": "Identity and life story",
    "anxiety": "Anxiety and low mood",
    "anger": "Anger and violence at home",
    "child_to_parent": "Child to parent violence",
    "self_harm": "Self-harm and thoughts of suicide",
    "sensory": "Sensory processing",
    "fasd": "Foetal alcohol spectrum disorder",
    "neurodivergence": "Autism, ADHD and other neurodivergence",
    "learning_disability": "Learning disability",
    "school": "School, learning and exclusion",
    "sibling": "Relations between siblings",
    "contact": "Contact with the birth family",
    "early_permanence": "Early permanence and moving in",
    "teenage": "Teenage years and growing independence",
    "sexual_behaviour": "Harmful sexual behaviour",
    "parents": "Parents’ own stress and trauma",
    "disruption": "Families close to breakdown",
}
AGES: Final = {
    "0_to_4": "0 to 4",
    "5_to_8": "5 to 8",
    "9_to_12": "9 to 12",
    "13_to_17": "13 to 17",
    "18_to_25": "18 to 25",
    "adults": "Adults, parents and carers",
}
MODES: Final = {"in_person": "In person", "online": "Online", "telephone": "By telephone", "group": "In a group"}
VENUES: Final = {
    "clinic": "At our clinic or practice",
    "home": "At the family’s home",
    "school": "At the child’s school",
    "community": "At a community place, such as a family hub",
    "outdoors": "Outdoors",
}
LANGUAGES: Final = {
    "arabic": "Arabic",
    "bengali": "Bengali and Sylheti",
    "bsl": "British Sign Language",
    "cantonese": "Cantonese",
    "farsi": "Farsi and Dari",
    "french": "French",
    "german": "German",
    "greek": "Greek",
    "gujarati": "Gujarati",
    "hebrew": "Hebrew",
    "hindi": "Hindi",
    "italian": "Italian",
    "kurdish": "Kurdish",
    "makaton": "Makaton",
    "mandarin": "Mandarin",
    "nepali": "Nepali",
    "pashto": "Pashto",
    "polish": "Polish",
    "portuguese": "Portuguese",
    "punjabi": "Punjabi",
    "romanian": "Romanian",
    "russian": "Russian",
    "somali": "Somali",
    "spanish": "Spanish",
    "tamil": "Tamil",
    "tigrinya": "Tigrinya",
    "turkish": "Turkish",
    "ukrainian": "Ukrainian",
    "urdu": "Urdu",
    "vietnamese": "Vietnamese",
    "welsh": "Welsh",
    "yiddish": "Yiddish",
    "yoruba": "Yoruba",
}
CULTURES: Final = {
    "transracial": "Transracial and transcultural adoption",
    "intercountry": "Adoption from abroad",
    "black": "Black African and Caribbean families",
    "south_asian": "South Asian families",
    "east_asian": "East and South East Asian families",
    "mixed": "Families of mixed heritage",
    "gypsy_roma_traveller": "Gypsy, Roma and Traveller families",
    "refugee": "Refugees and people seeking asylum",
    "christian": "Christian families",
    "jewish": "Jewish families",
    "muslim": "Muslim families",
    "hindu_sikh": "Hindu and Sikh families",
    "lgbtq": "LGBTQ+ families",
    "deaf": "Deaf families",
    "single": "Single adopters",
    "kinship": "Kinship and special guardianship families",
}

CHOICES: Final[Mapping[Aspect, Mapping[str, str]]] = {
    Aspect.NEED: NEEDS,
    Aspect.AGE: AGES,
    Aspect.MODE: MODES,
    Aspect.VENUE: VENUES,
    Aspect.LANGUAGE: LANGUAGES,
    Aspect.CULTURE: CULTURES,
}
WORDS: Final = {
    Aspect.NEED: "Needs addressed",
    Aspect.AGE: "Ages",
    Aspect.MODE: "How they work",
    Aspect.VENUE: "Where they work",
    Aspect.LANGUAGE: "Languages besides English",
    Aspect.CULTURE: "Cultural expertise",
    Aspect.DISTRICT: "Postcode districts covered",
}


def outward(typed: str) -> str | None:
    """The district of what was typed: 'ls1 4ap', 'LS14AP' and 'LS1' are 'LS1', and 'ls' the whole area 'LS'.

    Nothing when it is neither a postcode, nor a district, nor an area, by its form.
    """
    bare = re.sub(r"\s+", " ", typed.strip()).upper()
    first, _, rest = bare.partition(" ")
    if rest:
        return first if re.fullmatch(_DISTRICT, first) and re.fullmatch(rf"{_INWARD}|\d", rest) else None
    if whole := re.fullmatch(rf"([A-Z]{{1,2}}\d[A-Z\d]?){_INWARD}", first):
        return whole[1]
    return first if re.fullmatch(_DISTRICT, first) else None


def area(district: str) -> str:
    """'LS1' is in 'LS'."""
    return re.match(r"[A-Z]+", district)[0]  # type: ignore[index]


def expanded(
    members: Mapping[str, frozenset[str]], *, ticked: Collection[str], regions: Collection[str], were: Collection[str]
) -> frozenset[str]:
    """The areas chosen, once the boxes of whole regions are read. `members` are the areas of each region.

    A region's box newly ticked adds all of it, and newly cleared takes all of it away; else the box of each area counts, so
    that clearing one area under a region's box does as it says.
    """
    found = set(ticked)
    for region, areas in members.items():
        if region in regions and region not in were:
            found |= areas
        elif region in were and region not in regions and areas <= found:
            found -= areas
    return frozenset(found)


def covers(district: str, chosen: Collection[str]) -> bool:
    """Whether a district, or the whole area it lies in, is among those a provider says it covers."""
    return district in chosen or area(district) in chosen


def districts(typed: str) -> tuple[list[str], list[str]]:
    """What was typed between commas, semicolons and lines: the districts in order, each once, and what is none."""
    parts = [part.strip() for part in re.split(r"[,;\n]+", typed) if part.strip()]
    read = {part: outward(part) for part in parts}
    return sorted({found for found in read.values() if found}), [part for part, found in read.items() if not found]
