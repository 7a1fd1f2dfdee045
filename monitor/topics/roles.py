"""What an account says of itself: press or public office, in English and French.

A hint and no proof: people write what they like about themselves. It tells whose next post may be read by a
newsroom or a cabinet, so it is meant to be rather too strict than too generous: pupils, parodies and those who no
longer hold the office are left out, and so is whoever speaks *to* the press for a living.
"""

from __future__ import annotations

import re
from typing import Final

from monitor.topics import Role
from monitor.topics.folding import fold

__all__ = ["role_of"]

MOST_CHARACTERS: Final = 600
"""Longer than any network lets a profile be; what a file says beyond is not read."""

# Folded: lower case, no accents, straight apostrophes; the point of "depute·e" is a hyphen. Spaces stand for any gap.
PRESS: Final = (
    # English
    r"journalists?", r"photojournalists?", r"reporters?", r"correspondent", r"columnist", r"newsreader",
    r"(?:news|business|tv|radio|sports?|evening|morning) (?:co-?)?(?:anchor|presenter|broadcaster)",
    r"(?:anchor|presenter) (?:at|on|for) @?\w+", r"news (?:desk|agency|organi[sz]ation|outlet)",
    r"breaking news (?:and \w+ )?from the", r"editor[- ]in[- ]chief",
    r"(?:news|managing|deputy|senior|associate|executive|political|politics|business|city|foreign|technology|tech"
    r"|sports?|features|digital|consumer|health|science|culture|money) editor",
    r"editor (?:at|of|for) (?:@|the )\w+", r"newsroom", r"newspapers?", r"news ?wire", r"broadcast journalism",
    r"(?:writer|staff writer) (?:at|for) (?:@|the )\w+", r"(?:daily|weekly) (?:paper|news magazine)",
    # French
    r"journalistes?", r"photojournalistes?", r"grande?s?[- ]reporters?", r"pigistes?", r"correspondante?s?",
    r"redact(?:eur|rice)s?(?:-(?:eur|rice)s?)? en chef", r"chef(?:fe)? (?:du service|de la rubrique)",
    r"la redaction d(?:[eu]|es|'\w+)", r"(?:secretaire|directeur|directrice) de (?:la )?redaction",
    r"chroniqueu(?:r|se)s?", r"editorialistes?", r"(?:presentateur|presentatrice)", r"agence de presse",
    r"(?:quotidien|hebdomadaire|mensuel|site|media|chaine|magazine|journal) (?:regional |national )?d'(?:info"
    r"|infos|information|informations|actu|actualites?|enquetes?)",
    r"(?:quotidien|hebdomadaire) (?:regional|national|local|departemental|independant)",
    r"presse (?:ecrite|quotidienne|regionale|locale)", r"media independant",
)  # fmt: skip

OFFICE: Final = (
    # English
    r"members? of (?:the )?(?:european )?(?:parliament|congress|senate|assembly|knesset|bundestag)", r"mps? for",
    r"(?:labour|conservative|tory|snp|lib ?dem|liberal democrat|green|ndp|liberal|shadow|independent) mp",
    r"m\.?e\.?p\.?", r"senator", r"congress(?:man|woman|person)", r"assembly(?:man|woman|member)",
    r"(?:u\.?s\.?|state) representative",
    r"minister (?:of|for)(?! (?:god|the gospel|gospel|christ|music|worship|religion|the word|propaganda|fun))",
    r"(?:prime|foreign|finance|interior|health|defence|education) minister", r"ministry of", r"secretary of state",
    r"attorney general", r"(?:lord|deputy|vice) mayor", r"mayor (?:of|for)",
    r"council ?(?:lor|man|woman|member|person)", r"councillor", r"alderman", r"governor of",
    r"european commission(?:er)?", r"ambassador (?:of|to)(?! (?:the brand|brand|change|hope|christ|god|love|peace))",
    r"embassy of", r"head of state", r"president of the republic",
    r"(?:city|town|county|state) (?:council|government)", r"police (?:department|service)",
    r"official account of the (?:government|city|town|ministry|department|president|embassy|parliament|police)",
    r"government (?:agency|department)", r"official spokes(?:man|woman|person) (?:of|for) the",
    # French
    r"eurodeputee?s?", r"deputee?s?(?:-e)?", r"sen(?:ateur|atrice)s?", r"(?:vice[- ])?maire",
    r"mairie d(?:[eu]|'\w+)", r"(?:adjoint|adjointe|adjoint-e) (?:au|a la|a) maire", r"ministre(?! du culte)",
    r"ministere d(?:[eu]|es|'\w+)", r"ministere (?:charge|aupres)", r"secretaire d'etat", r"prefete?", r"prefecture",
    r"sous-prefete?",
    r"conseill(?:er|ere)(?:-e|-ere)? (?:municipale?|departementale?|regionale?|metropolitaine?|de paris"
    r"|d'arrondissement)",
    r"elue?(?:-e)? (?:municipale?|locale?|regionale?|departementale?|d'opposition|de la ville|communautaire)",
    r"(?:president|presidente) (?:de la republique|du departement|de la region|du conseil|de la metropole"
    r"|du senat|de l'assemblee)", r"commissaire europeene?", r"ambassad(?:eur|rice) (?:de france|aupres|du|d'\w+)",
    r"ambassade d(?:[eu]|es|'\w+)", r"assemblee nationale", r"(?:police|gendarmerie) nationale",
    r"porte-parole du gouvernement",
    r"compte officiel (?:de la ville|de la mairie|de la commune|du departement|de la region|du gouvernement"
    r"|de l'etat|de la prefecture)",
)  # fmt: skip

NOT_THEM: Final = (
    # a pupil is not there yet; a pupils' council is no council of the people
    r"(?:video|photo|film|sound|music|copy|image|wikipedia) editor", r"brand (?:ambassador|journalist)",
    r"citizen (?:journalist|reporter)s?", r"journaliste citoyene?", r"ecole de journalisme",
    r"student (?:journalist|reporter)", r"student council(?: member| president)?", r"youth (?:mayor|parliament)",
    r"monteu(?:r|se) video",
)  # fmt: skip

NO_LONGER: Final = (
    r"former|formerly|ex|retired|recovering|aspiring|wannabe|future?|ancien|ancienne|anciens|apprentie?|retraitee?"
    r"|etudiante?|student|not an?|never an?|pas|anti|contre|against|(?:wife|husband|son|daughter) of an?|fan"
    r"|(?:fille|fils|femme|mari|amie?) des?|candidate?(?:-e)? (?:a la|for)"
)
"""Just before the hint, or with up to two words between, in the same clause."""

SPEAKS_TO_THE_PRESS: Final = (
    r"attachee?s?(?:-e)? de presse|relations? (?:avec la )?presse|press (?:officer|secretary|office)|public relations"
)
NOT_IN_EARNEST: Final = r"parod(?:y|ie|ique)|satir(?:e|ical|ique)|fake|faux compte|fan ?(?:account|page)"

_GAP: Final = r"[\s_]+"


def _any_of(patterns: tuple[str, ...]) -> str:
    return "|".join(patterns).replace(" ", _GAP)


_HINT: Final = re.compile(
    rf"(?<![\w@])(?:(?P<neither>{_any_of(NOT_THEM)})|(?P<press>{_any_of(PRESS)})|(?P<office>{_any_of(OFFICE)}))(?!\w)"
)
_BEFORE: Final = re.compile(rf"(?<![\w@])(?:{NO_LONGER.replace(' ', _GAP)})(?:[\s-]+[\w@'.]+){{0,2}}[\s-]*$")
_PRESS_OFFICE: Final = re.compile(rf"(?<!\w)(?:{SPEAKS_TO_THE_PRESS})(?!\w)")
_PARODY: Final = re.compile(rf"(?<!\w)(?:{NOT_IN_EARNEST})(?!\w)")
_CLAUSE_ENDS: Final = re.compile(r"[,;:|/!?()\n•·–—&+]|\. ")


def role_of(bio: str) -> Role | None:
    """Tell whether a profile hints at the press or at a public office; the first hint counts.

    Parameters
    ----------
    bio
        What the account writes about itself, in English or French. Hostile text.

    Examples
    --------
    >>> role_of("Grand reporter à la Gazette du Port. Tweets perso."), role_of("MP for Northport")
    ('press', 'office')
    >>> role_of("Ex-journaliste, boulanger") is role_of("Attachée de presse") is None
    True
    """
    text = fold(bio[:MOST_CHARACTERS])
    hints = list(_HINT.finditer(text))
    if not hints or _PARODY.search(text):
        return None
    works_with_it = _PRESS_OFFICE.search(text) is not None
    for hint in hints:
        if hint.lastgroup == "neither" or (hint.lastgroup == "press" and works_with_it):
            continue
        if not _BEFORE.search(_CLAUSE_ENDS.split(text[: hint.start()])[-1]):
            return "press" if hint.lastgroup == "press" else "office"
    return None
