"""Every word a back-test's tables and page say, in English and French, which are equals.

What a scenario or a rival is, in English, stands where it is defined; in French it stands here, by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from monitor.backtest.trials import ALL, FIRST_DAY, TIMES
from monitor.incidents.words import SEVERITY_WORDS, Language, typeset

__all__ = ["CATALOGUE", "MEANINGS", "Words"]

NARROW: Final = "\u202f"
"""The space of French numbers, at which no line is broken."""

CATALOGUE: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "title": "Back-test",
        "colon": ":",
        "title_rehearsal": "What would I have been told?",
        "head": "badbuzz {version} back-test at {volumes} mentions a day; seeds {seeds},",
        "head_thresholds": "thresholds from seeds {seeds} for at most {budget} false incidents a topic-week,",
        "head_intervals": "for every method alike; 95 % intervals over topics in brackets.",
        "range": "{first} to {last}",
        "intro": "badbuzz {version}. Simulated posts at {volumes} mentions a day, seeds {seeds}; every threshold was "
        "set on seeds {calibration} for at most {budget} false incidents a topic-week, and nothing else was; those of "
        "the first day of watching were set on such days, for the same. After an "
        "alarm a method is silent for {hours} hours, unless what it sees gets worse: ten times rarer, ten times "
        "rarer again, or of a higher severity. Intervals are 95 %, over topics.",
        "false_title": "False incidents a topic-week on held-out quiet streams",
        "false_uneven": "(uneven: worst tier over best; in the last column: false alarms a topic-week on first days)",
        "false_rate": "rate",
        "false_tier": "{volume} a day",
        "false_column_uneven": "worst tier over best, with one threshold for all",
        "false_column_first": "false alarms a topic-week on first days",
        "by_volume": "by volume",
        "uneven": "uneven",
        "method": "method",
        "methods": "Methods",
        "limits": "Threshold by volume: {limits}.",
        "first_day": "{volume} (first day)",
        "limits_once": "At {volumes}, nothing it sees counts as worse: any bar for that would break the budget, so it "
        "alarms once in half a day and no more.",
        "limit_none": "none keeps the budget",
        "scenario": "scenario",
        "scenarios": "Every scenario",
        "strength": "Here {times} times as strong.",
        "strengths_all": "Here of every strength.",
        "trials": "Trials: {count}.",
        "within": "within {hours} h",
        "hours": "{hours} h",
        "median": "median min",
        "median_minutes": "median minutes",
        "p90": "p90 min",
        "percentile": "90th percentile",
        "mentions": "mentions",
        "reach": "reach",
        "mentions_before": "mentions before",
        "reach_before": "reach before",
        "severity_title": "How severe the product as it comes took it to be",
        "severity_note": "Within a day of the onset: shares of the trials, and behind them that of warning or critical "
        "with its exact 95 % interval. What is no crisis must not reach either.",
        "severity_picture": "Severity reached",
        "severity_none": "none",
        "warned": "warning or critical",
        "no_crisis": "no crisis",
        "crisis": "crisis",
        "budgets_title": "Over all budgets: average precision (one crisis a topic in 13 weeks)",
        "standing_title": "Ours against the best rival of each scenario (clear: the intervals do not overlap)",
        "best_rival": "best rival",
        "against": "against",
        "stands_clear": "better, clear",
        "stands_better": "better",
        "stands_level": "level",
        "stands_worse": "WORSE",
        "fast_title": "How fast",
        "fast_picture": "Median minutes from onset to alarm",
        "fast_axis": "minutes from onset to alarm (a miss counts as a day)",
        "many_title": "How many within six hours",
        "many_picture": "Share detected within six hours",
        "many_axis": "per cent",
        "delay_title": "Delay against false alarms",
        "delay_across": "false incidents a topic-week, held-out",
        "delay_up": "mean minutes",
        "precision_title": "Precision against recall",
        "precision_note": "If a topic had one crisis in thirteen weeks.",
        "precision_across": "recall within six hours",
        "precision_up": "precision",
        "minutes": "{value} minutes",
        "between": "{low} to {high}",
        "heard": "{mentions} mentions in {days} days, {since} to {until}",
        "told": "told",
        "times": "times",
        "in_30_days": "in 30 days",
        "promised": "promised at most",
        "promised_false": "promised at most {promised} false ones",
        "kind_watch": "incidents",
        "kind_warning": "warnings or worse",
        "kind_page": "pages",
        "promise_kept": "kept",
        "promise_unclear": "too few days to tell: {days} days, at most {expected} expected",
        "promise_broken": "broken, if they were all false",
        "until": "until {until}",
        "the_end": "the end",
        "paged": "somebody paged at {at}",
        "met_incident": "incident",
        "met_warning": "warning",
        "met_page": "page",
        "met_after": "{what} after {minutes} min",
        "met_never": "{what} never",
    },
    "fr": {
        "title": "Banc d'essai",
        "colon": " :",
        "title_rehearsal": "Qu'est-ce qui m'aurait été signalé ?",
        "head": "badbuzz {version}, banc d'essai à {volumes} mentions par jour ; graines {seeds},",
        "head_thresholds": "seuils des graines {seeds}, pour {budget} faux incident par sujet et semaine au plus,",
        "head_intervals": "pour toutes les méthodes ; entre crochets, intervalles à 95 % sur les sujets.",
        "range": "{first} à {last}",
        "intro": "badbuzz {version}. Publications simulées à {volumes} mentions par jour, graines {seeds} ; chaque "
        "seuil a été réglé sur les graines {calibration}, pour {budget} faux incident par sujet et semaine au plus, et "
        "rien d'autre ne l'a été ; ceux du premier jour d'écoute l'ont été sur de tels jours, pour autant. "
        "Après une alarme, une méthode se tait {hours} heures, sauf si ce qu'elle voit "
        "s'aggrave : dix fois plus rare, dix fois encore, ou d'une gravité supérieure. Intervalles à 95 %, sur les "
        "sujets.",
        "false_title": "Faux incidents par sujet et semaine, sur des flux calmes jamais vus",
        "false_uneven": "(inégalité : pire volume sur meilleur ; dernière colonne : la même chose, les premiers jours)",
        "false_rate": "taux",
        "false_tier": "{volume} par jour",
        "false_column_uneven": "pire volume sur meilleur, avec un seuil unique",
        "false_column_first": "fausses alarmes par sujet et semaine, premiers jours",
        "by_volume": "par volume",
        "uneven": "inégalité",
        "method": "méthode",
        "methods": "Méthodes",
        "limits": "Seuil par volume : {limits}.",
        "first_day": "{volume} (premier jour)",
        "limits_once": "À {volumes}, rien de ce qu'il voit ne compte comme pire : toute autre règle dépasserait le "
        "budget ; il n'alerte donc qu'une fois par demi-journée.",
        "limit_none": "aucun ne tient le budget",
        "scenario": "scénario",
        "scenarios": "Chaque scénario",
        "strength": "Ici, {times} fois aussi fort.",
        "strengths_all": "Ici, de toutes les forces.",
        "trials": "Essais : {count}.",
        "within": "en {hours} h",
        "hours": "{hours} h",
        "median": "min médianes",
        "median_minutes": "minutes médianes",
        "p90": "min p90",
        "percentile": "90e centile",
        "mentions": "mentions",
        "reach": "portée",
        "mentions_before": "mentions avant",
        "reach_before": "portée avant",
        "severity_title": "Gravité donnée par le produit tel quel",
        "severity_note": "Dans la journée qui suit le début : parts des essais et, derrière, celle d'alerte ou "
        "critique avec son intervalle exact à 95 %. Ce qui n'est pas une crise ne doit atteindre ni l'une ni l'autre.",
        "severity_picture": "Gravité atteinte",
        "severity_none": "rien",
        "warned": "alerte ou critique",
        "no_crisis": "pas une crise",
        "crisis": "crise",
        "budgets_title": "Sur tous les budgets : précision moyenne (une crise par sujet en 13 semaines)",
        "standing_title": "Face à la meilleure rivale de chaque scénario (net : les intervalles ne se recouvrent pas)",
        "best_rival": "meilleure rivale",
        "against": "contre",
        "stands_clear": "mieux, net",
        "stands_better": "mieux",
        "stands_level": "à égalité",
        "stands_worse": "MOINS BIEN",
        "fast_title": "En combien de temps",
        "fast_picture": "Minutes médianes du début à l'alarme",
        "fast_axis": "minutes du début à l'alarme (un raté compte pour un jour)",
        "many_title": "Combien en six heures",
        "many_picture": "Part détectée en six heures",
        "many_axis": "pour cent",
        "delay_title": "Délai contre fausses alarmes",
        "delay_across": "faux incidents par sujet et semaine, flux jamais vus",
        "delay_up": "minutes moyennes",
        "precision_title": "Précision contre rappel",
        "precision_note": "Si un sujet avait une crise toutes les treize semaines.",
        "precision_across": "rappel en six heures",
        "precision_up": "précision",
        "minutes": "{value} minutes",
        "between": "{low} à {high}",
        "heard": "{mentions} mentions en {days} jours, de {since} à {until}",
        "told": "signalé",
        "times": "fois",
        "in_30_days": "en 30 jours",
        "promised": "promis au plus",
        "promised_false": "{promised} fausses au plus étaient promises",
        "kind_watch": "incidents",
        "kind_warning": "alertes ou pire",
        "kind_page": "réveils",
        "promise_kept": "promesse tenue",
        "promise_unclear": "trop peu de jours pour le dire : {days} jours, {expected} attendues au plus",
        "promise_broken": "promesse rompue, si toutes étaient fausses",
        "until": "jusqu'à {until}",
        "the_end": "la fin",
        "paged": "quelqu'un est réveillé à {at}",
        "met_incident": "incident",
        "met_warning": "alerte",
        "met_page": "réveil",
        "met_after": "{what} après {minutes} min",
        "met_never": "{what} : jamais",
    },
}

MEANINGS: Final[dict[str, str]] = {
    "quiet": "Des jours ordinaires, modes inoffensives comprises.",
    "tv_spike": "Une émission de télévision parle de la marque ; pas une crise.",
    "launch": "La marque présente un produit qui plaît ; pas une crise.",
    "weekly_promo": "Un concours tous les mercredis à dix-huit heures ; pas une crise.",
    "influencer_spark": "La vidéo d'un compte à plus d'un million d'abonnés se répand aussitôt.",
    "slow_burn": "Les plaintes sur une panne montent pendant des heures, jusqu'à quatre fois l'habituel.",
    "coordinated_bots": "Des comptes neufs publient les mêmes mots dans la même minute.",
    "ten_people": "Dix personnes qui comptent parlent en trois heures ; le volume bouge à peine.",
    "cold_start": "La vidéo d'un influenceur, le premier jour de veille.",
    "two_topics": "Deux marques brûlent à la fois, et des publications nomment les deux.",
    "outage_backfill": "X disparaît pendant des heures, puis tout arrive d'un coup ; pas une crise.",
    "disorder": "La réponse maladroite de la marque, avec des publications en désordre, en retard et en double.",
    "own_reply_backlash": "La réponse condescendante de la marque est citée, puis reprise par un influenceur et la "
    "presse.",
    "badbuzz": "Tous nos tests ensemble : ce que chacun trouve au-delà d'une minute sur cent, en décades, additionné.",
    "badbuzz_incidents": "Le produit tel quel : tout incident, avec la politique par défaut.",
    "badbuzz_warnings": "Le produit tel quel : les incidents en alerte ou critiques.",
    "chance": "Des alarmes au hasard : le plancher de tout le monde.",
    "elastalert_spike": "La règle spike d'ElastAlert2 comme dans son exemple : deux heures contre les deux d'avant.",
    "four_hours_against_four": "Combien de fois les quatre heures d'avant les quatre dernières contiennent-elles ?",
    "hour_against_twelve": "Combien de fois la moyenne des douze heures d'avant la dernière heure contient-elle ?",
    "poisson_pointwise": "De combien d'intervalles de Poisson (99 %) la dernière heure dépasse-t-elle la précédente ?",
    "river_gaussian": "Le GaussianScorer de river avec ses propres réglages, sur les mentions de cinq minutes.",
    "river_half_space_trees": "Les HalfSpaceTrees de river avec leurs propres réglages, sur les mentions de cinq "
    "minutes.",
    "week_deviations": "De combien d'écarts-types la dernière heure dépasse-t-elle l'heure moyenne des sept derniers "
    "jours ?",
}
"""In French, what each scenario and each method is, by name."""


class Words:
    """A back-test's words and numbers in one language."""

    def __init__(self, language: Language = "en") -> None:
        self.language = language
        self._said = CATALOGUE[language]

    def __call__(self, key: str, **blanks: object) -> str:
        """Return a phrase with its blanks filled."""
        return typeset(self._said[key].format_map(blanks), self.language)

    def number(self, value: float, decimals: int = 0) -> str:
        """Write a number with so many decimals."""
        return self._local(f"{value:,.{decimals}f}")

    def minutes(self, value: float) -> str:
        """Write minutes, a day of which has no more digits than fit."""
        return f"{value:.0f}"

    def short(self, value: float) -> str:
        """Write a number with no more decimals than it needs."""
        return self._local(f"{value:g}")

    def tier(self, name: str) -> str:
        """Write what a threshold is set for: a volume, as it is or on the first day of watching."""
        volume = name.removesuffix(FIRST_DAY)
        return self("first_day", volume=volume) if volume != name else name

    def percent(self, share: float) -> str:
        """Write a share as whole per cent."""
        return f"{100 * share:.0f}{' ' if self.language == 'en' else NARROW}%"

    def instant(self, at: str | None) -> str:
        """Write an instant (RFC 3339, in UTC) to the minute; a dash for none."""
        return f"{at[:10]} {at[11:16]} UTC" if at else "-"

    def severity(self, name: str) -> str:
        """Name a severity, or what is none."""
        rank = SEVERITY_WORDS["en"].index(name) if name in SEVERITY_WORDS["en"] else 0
        return SEVERITY_WORDS[self.language][rank] if rank else self("severity_none")

    def meaning(self, name: str, english: str) -> str:
        """Say what a scenario or a method is."""
        if self.language == "en":
            return english
        test = name.partition(":")[2]
        return typeset(f"Notre test {test}, seul." if test else MEANINGS.get(name, english), self.language)

    def story(self, scene: str, meanings: Mapping[str, str]) -> str:
        """Say what a scenario is, whichever of its crises is meant; `meanings` are English, by scenario."""
        label, _, strength = scene.partition(TIMES)
        name = label.partition(":")[0]
        meaning = self.meaning(name, meanings.get(name, ""))
        if scene.endswith(ALL):
            return f"{meaning} {self('strengths_all')}"
        return f"{meaning} {self('strength', times=self.short(float(strength)))}" if strength else meaning

    def _local(self, text: str) -> str:
        return text.replace(",", NARROW).replace(".", ",") if self.language == "fr" else text
