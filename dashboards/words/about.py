"""How to read the war room."""

from __future__ import annotations

from typing import Final

from monitor.incidents.words import Language

__all__ = ["WORDS"]

WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "about": """
**State words.** Each topic is in exactly one state; colour only repeats the word.

- **calm**: nothing is more unusual than the alarm budget of the topic allows.
- **watch, warning, critical**: an incident is open. The severity adds up separate reasons, each shown with its
  numbers and the tests that fired. Loud alone is never critical: it takes indignation, or answers to our own posts.
- **blind**: the service is silent, or not one mention came in an hour in which at least five are usual. Silence we
  could not hear is never called calm.
- **learning**: too little history to know what is normal.

**Usual** is the range in which 95 of 100 normal spans lie, for this topic, at this hour. The darker band holds 50
of 100. A planned event in the topic's calendar shifts it: more mentions are expected then, not as many more
complaints. So does a level that has moved for good, once three days agree. A crisis does not, however long
it lasts, unless people have spoken in the same way for four weeks running.

**Alarm budget.** The topic says how many false alarms it bears, by day and by night; thresholds follow from that and
from its own past. Its page holds what was promised against what came, with the range in which the true rate lies.
What you dismiss counts as false, and nobody is paged for it any more unless it grows worse.

**What decided it** measures and weighs the deciding hour again from what is stored, and looks for the single number
that would have changed the severity. "Identical" means that every stored number came out again.

**Tone** is a lexicon's reading, corrected by people. Irony makes it uncertain; such posts say so.

**Potential audience** adds up followers: an upper bound, not readers.

**People.** Only public figures and official accounts are named. Everybody else is an account with so many followers.

**Whose next post would reach most** is a prior on exposure, not fame: the share of an account's own followers that
sees a post (15 %, falling to 6 % for the largest), and the audience of the reposts its next post would draw. Those are
learnt from this topic: first from accounts of the same size, then from its own posts. Audiences overlap, so they are
not simply added up. The range holds the central 80 % of reposts, and half to twice as many people seeing each.

**Time.** Charts and windows use the network's own time, shown in the time zone of the topic. "Data is 12 s old"
compares the service's last commit with the clock of this machine.
""",
    },
    "fr": {
        "about": """
**Les états.** Chaque sujet est dans un seul état ; la couleur ne fait que répéter le mot.

- **calme** : rien de plus inhabituel que ce que le budget d'alertes du sujet permet.
- **veille, alerte, critique** : un incident est ouvert. La gravité additionne des raisons séparées, chacune avec
  ses chiffres et les tests qui ont réagi. Le bruit seul n'est jamais critique : il y faut de l'indignation, ou des
  réponses à nos propres publications.
- **aveugle** : le service est muet, ou pas une mention n'est venue en une heure où il y en a d'habitude au moins
  cinq. Un silence que nous n'avons pas pu entendre ne s'appelle jamais calme.
- **apprentissage** : trop peu d'historique pour savoir ce qui est normal.

**D'habitude** désigne la fourchette où tombent 95 durées normales sur 100, pour ce sujet, à cette heure. La bande
plus foncée en contient 50 sur 100. Un événement prévu au calendrier du sujet la déplace : on attend alors plus de
mentions, mais pas autant de plaintes en plus. Un niveau qui a changé pour de bon la déplace aussi, dès que trois jours
concordent. Une crise, non, aussi longue soit-elle, à moins qu'on ne parle ainsi depuis quatre semaines de suite.

**Le budget d'alertes.** Le sujet dit combien de fausses alertes il supporte, de jour et de nuit ; les seuils en
découlent, et de son propre passé. Sa page compare ce qui fut promis à ce qui est venu, avec la fourchette où se trouve
le taux réel. Ce que vous écartez compte comme faux, et n'appelle plus personne à moins de s'aggraver.

**Ce qui a décidé** mesure et pèse de nouveau l'heure décisive d'après ce qui est enregistré, et cherche le seul nombre
qui aurait changé la gravité. « Identique » veut dire que chaque nombre enregistré se retrouve.

**Le ton** est la lecture d'un lexique, corrigée par des personnes. L'ironie le rend incertain ; ces publications le
disent.

**L'audience potentielle** additionne des abonnés : un majorant, pas des lecteurs.

**Les personnes.** Seuls les personnalités et les comptes officiels sont nommés. Tout autre compte est « un compte
suivi par tant de personnes ».

**Qui toucherait le plus de monde** est un a priori d'exposition, pas de notoriété : la part des abonnés d'un compte
qui voit une publication (15 %, jusqu'à 6 % pour les plus grands), et l'audience des partages qu'obtiendrait sa
prochaine publication. Ceux-ci s'apprennent sur ce sujet : d'abord des comptes de même taille, puis de ses propres
publications. Les audiences se recoupent, elles ne sont donc pas simplement additionnées. La fourchette tient les 80 %
centraux des partages, et moitié moins à deux fois plus de personnes qui voient chacun.

**L'heure.** Graphiques et fenêtres suivent l'heure du réseau lui-même, dans le fuseau du sujet. « Données vieilles
de 12 s » compare le dernier enregistrement du service à l'horloge de cette machine.
""",
    },
}
