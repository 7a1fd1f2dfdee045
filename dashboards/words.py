"""Every word the war room says, in English and French, which are equals."""

from __future__ import annotations

from typing import Final

from monitor.incidents.words import Language

__all__ = ["CATALOGUE"]

CATALOGUE: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "page_now": "Now",
        "page_topic": "Topic",
        "page_incident": "Incident",
        "page_about": "How to read this",
        "language": "Language",
        "state_calm": "calm",
        "state_learning": "learning",
        "state_watch": "watch",
        "state_warning": "warning",
        "state_critical": "critical",
        "state_blind": "blind",
        "incident_open": "open",
        "incident_subsiding": "subsiding",
        "incident_closed": "closed",
        "drill": "exercise",
        "data_age": "Data is {age} old",
        "event_time": "seen up to {time}",
        "stale": "The service has been silent for {age}: what you see is the past.",
        "stale_next": "Check that `badbuzz run` is alive. This page keeps looking by itself.",
        "never_recorded": "The service has not recorded anything yet. This page keeps looking by itself.",
        "no_store": "The war room cannot read its data right now.",
        "no_store_next": "This page keeps trying every {seconds} s; nothing needs to be clicked. Nothing "
        "recorded is lost by this.",
        "no_topics": "No topic is watched yet.",
        "no_topics_next": "Add a watchlist and start `badbuzz run`; topics appear here by themselves.",
        "burning": "Open incidents",
        "everything_else": "All other topics",
        "all_topics": "All topics",
        "all_quiet": "No open incident.",
        "last_hour": "mentions in the last hour",
        "usually": "usually {lower} to {upper}",
        "usually_none": "usually none",
        "usual_unknown": "what is usual is not known yet",
        "times": "{times} × usual",
        "since": "for {age}",
        "was": "last known: {state}",
        "hint_blind": "Nothing may be concluded from this silence: check the sources.",
        "hint_learning": "Still learning what is normal here; unusual volume cannot be judged yet.",
        "next": "What to do next",
        "why": "Why we think so",
        "explained": "What decided it",
        "decided_at": "As of {time}.",
        "your_name": "Your name, to correct how posts are read",
        "your_name_help": "Corrections teach the tone of posts to come. Of a corrected post only hashes of its words "
        "are kept, and not even those once it is deleted.",
        "sounds": "Read as {tone}. How does it sound?",
        "sounds_ironic": "Read as {tone}, perhaps ironic. How does it sound?",
        "alarming": "Alarm words",
        "ironic": "Perhaps ironic",
        "sounds_negative": "negative",
        "sounds_neutral": "neutral",
        "sounds_positive": "positive",
        "tone_learned": "Thank you: posts to come will be read accordingly.",
        "tone_refused": "Not recorded: {reason}",
        "carried": "Who carries it",
        "carried_by": "{accounts} accounts reshared or were reshared, {reshares} times in all. Communities of three or "
        "more: {communities}; the largest holds {largest} of the accounts. Accounts that join them: {bridges}.",
        "carried_none": "Nobody has reshared anything yet.",
        "carried_partial": "There were too many mentions to look at all; these are the newest.",
        "col_community": "community, by what it talks about",
        "col_share": "share",
        "col_leader": "passes on most",
        "community_unnamed": "no word of its own",
        "bridges": "Who joins communities",
        "bridge_ties": "ties into others: {ties}",
        "first_movers": "Who passed it on first",
        "brought": "Through whom others came in",
        "brought_in": "brought in: {count}",
        "nobody": "Nobody.",
        "influences": "Whose next post would reach most",
        "influences_note": "People one more post on this topic would plausibly reach: the share of an account's own "
        "followers that sees a post, and those of the reposts that such an account, and this one, usually draws here. "
        "The range is wide because nobody can tell which post takes off. Private persons are not named.",
        "col_reach": "would reach",
        "col_own_audience": "of own followers",
        "col_reposts": "reposts expected",
        "col_record": "on this topic",
        "col_hashtags": "hashtags reach",
        "record": "posts: {posts}, h-index {h}",
        "role_press": "press",
        "role_office": "public office",
        "graph_gexf": "The graph, for Gephi",
        "graph_json": "The graph, as JSON",
        "graph_note": "Accounts are pseudonyms, unless public figures.",
        "chart": "How loud",
        "timeline": "Timeline",
        "evidence": "Evidence",
        "open_incident": "Incident page",
        "open_topic": "Topic page",
        "acknowledged": "{who} has it since {time}",
        "unacknowledged": "nobody has acknowledged it yet",
        "dismissed": "dismissed at {time}",
        "somebody": "somebody",
        "choose_topic": "Topic",
        "unknown_topic": "There is no topic {name}.",
        "no_incident_chosen": "Choose an incident below, or open one from the page Now.",
        "unknown_incident": "There is no incident {name}.",
        "recent_incidents": "Latest incidents",
        "no_incidents": "There has been no incident.",
        "span": "Span",
        "span_6": "6 h",
        "span_24": "24 h",
        "span_168": "7 days",
        "top_posts": "Posts that drew most",
        "no_posts": "No post with text is stored for this span.",
        "drew": "drew {count}",
        "authors": "Who matters",
        "public_figures": "Public figures and official accounts, largest audience first",
        "no_public": "No public figure has spoken in this span.",
        "everybody_else": "Everybody else, by audience",
        "audience_at_least": "{bound} followers or more",
        "audience_below": "fewer than {bound} followers",
        "audience_unknown": "audience unknown",
        "accounts": "{count} accounts",
        "mentions": "{count} mentions",
        "col_account": "account",
        "col_followers": "followers",
        "col_mentions": "mentions",
        "col_drew": "drew",
        "col_first": "first at",
        "col_answered": "answered",
        "col_audience": "audience",
        "col_accounts": "accounts",
        "yes": "yes",
        "no": "no",
        "verified": "verified",
        "hashtags": "Hashtags",
        "no_hashtags": "No hashtag in this span.",
        "hashtags_note": "Bar: this span. Mark: the span of the same length before.",
        "cascades": "What spreads",
        "no_cascades": "Nothing is being reshared in this span.",
        "cascade_size": "{size} reshares by {authors} accounts",
        "cascade_growth": "{growth} in the last hour",
        "cascade_faster": "accelerating",
        "cascade_slower": "slowing down",
        "cascade_steady": "steady",
        "cascade_doubling": "doubling in {time}",
        "cascade_final": "Reshares in the end",
        "cascade_reproduction": "One reshare brings",
        "cascade_seen": "Seen by about",
        "cascade_reach": "of up to {reach} followers",
        "cascade_new": "New voices",
        "cascade_new_note": "had never spoken about this topic",
        "cascade_depth": "Steps from the root",
        "cascade_breadth": "{breadth} at one step",
        "cascade_virality": "mean distance {virality}",
        "edges_measured": "measured: the network says who passed on whom",
        "edges_inferred": "inferred: the network names only the root",
        "between": "{low} to {high}",
        "root_unknown": "The root post is not stored: {id}",
        "started": "since {time}",
        "voices": "How it sounds",
        "negative": "Negative",
        "answers_own": "Answer or quote us",
        "reshares": "Reshares",
        "distinct_authors": "Accounts",
        "mean_tone": "Mean tone",
        "before": "{value} before",
        "promises": "Alarm budget: promised and achieved",
        "promise": "{severity}: at most {promised} false a month promised. {raised} raised in {days} days, which is "
        "{rate} a month (true rate {lower} to {upper}); {dismissed} of them dismissed as false. {standing}",
        "hours_day": "{severity} by day",
        "hours_night": "{severity} by night",
        "standing_kept": "Promise kept.",
        "standing_above": "More than promised were raised: were they all real? If not, dismiss those that were not.",
        "standing_broken": "Promise broken: until the detectors have learned better, halve this budget in the "
        "watchlist.",
        "standing_too early": "Too early to tell.",
        "late": "{count} late posts are counted here but moved no verdict.",
        "legend_observed": "mentions per {bucket}",
        "legend_band": "usual (50 % and 95 % range)",
        "legend_above": "above usual",
        "legend_own": "our own posts",
        "legend_incident": "incident",
        "axis_mentions": "mentions per {bucket}",
        "axis_root": "√ scale",
        "axis_time": "time in {zone}",
        "no_signal": "No minute of this topic has been measured in this span.",
        "tip_observed": "mentions",
        "tip_expected": "usual",
        "tip_time": "from",
        "spark": "Mentions of the last 24 hours against the usual range",
        "lane_crowd": "The crowd",
        "lane_system": "The system",
        "lane_us": "Us",
        "kind_acknowledged": "Acknowledged",
        "kind_note": "Note",
        "kind_dismissed": "Dismissed",
        "kind_resolved": "Resolved",
        "opened_at": "opened {time}",
        "began_at": "began {time}",
        "peak_at": "peak {time}: {count} in one minute",
        "closed_at": "closed {time}",
        "account_followers": "an account with {followers} followers",
        "account_unknown": "an account of unknown audience",
        "our_account": "our own account",
        "followers": "{followers} followers",
        "kind_post": "post",
        "kind_reply": "reply",
        "kind_quote": "quote",
        "kind_repost": "repost",
        "open_post": "Open on {network}",
        "not_linked": "link not offered: {url}",
        "erased": "The text is not stored.",
        "evidence_missing": "Posts of the evidence that are no longer stored: {count}.",
        "weight": "weight {weight}",
        "no_evidence": "No evidence is recorded for this incident.",
        "next_owner": "Call the owner: {owner}.",
        "next_coordinated": "Do not answer the flood; report its accounts to the network, and say that it is made.",
        "next_mixed": "Answer the people, not the flood; report its accounts to the network.",
        "set_aside": "{count} of them set aside as coordinated",
        "real_organic": "looks organic",
        "real_coordinated": "looks coordinated",
        "real_mixed": "partly coordinated",
        "real_cannot_tell": "real or made: cannot tell",
        "chart_cleaned": "without those set aside",
        "next_own_reply": "Stop replying in that thread; take it to a private channel and call the customer.",
        "next_own_post": "Pause replies under that post; answer once, in one place, and call the customer.",
        "next_new_voices": "Influential people have just begun to speak about it: read their posts, prepare facts, and "
        "warn the press office before they call.",
        "next_voices": "Influential people speak about it more than usual: read their posts and warn the press office.",
        "next_spread": "Open the post that spreads and decide who answers, once, where it began.",
        "next_negative": "Read the posts that drew most, find the one fact people complain about, and check it "
        "internally.",
        "next_influence": "Accounts with a large audience are in it: warn the press office before they call.",
        "next_velocity": "Read five posts to confirm it is about us; if it is an event we planned, tell the person on "
        "call.",
        "next_joint": "Volume alone does not explain it: compare authors, tone and replies on the topic page.",
        "next_subsiding": "It is subsiding: add nothing to it, and keep watching until it closes.",
        "next_closed": "It is over: review the timeline and note what helped.",
        "about": """
**State words.** Each topic is in exactly one state; colour only repeats the word.

- **calm**: nothing is more unusual than the alarm budget of the topic allows.
- **watch, warning, critical**: an incident is open. The severity adds up separate reasons, each shown with its
  numbers. Loud alone is never critical: it takes indignation, or answers to our own posts.
- **blind**: the service is silent, or not one mention came in an hour in which at least five are usual. Silence we
  could not hear is never called calm.
- **learning**: too little history to know what is normal.

**Usual** is the range in which 95 of 100 normal spans lie, for this topic, at this hour. The darker band holds 50
of 100. A planned event in the topic's calendar shifts it; so does a level that has moved for good, once three days
agree.

**Alarm budget.** The topic says how many false alarms it bears, by day and by night; thresholds follow from that and
from its own past. Its page holds what was promised against what came, with the range in which the true rate lies.
What you dismiss counts as false.

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
        "page_now": "En ce moment",
        "page_topic": "Sujet",
        "page_incident": "Incident",
        "page_about": "Comment lire",
        "language": "Langue",
        "state_calm": "calme",
        "state_learning": "apprentissage",
        "state_watch": "veille",
        "state_warning": "alerte",
        "state_critical": "critique",
        "state_blind": "aveugle",
        "incident_open": "ouvert",
        "incident_subsiding": "en baisse",
        "incident_closed": "clos",
        "drill": "exercice",
        "data_age": "Données vieilles de {age}",
        "event_time": "vu jusqu'à {time}",
        "stale": "Le service est muet depuis {age} : ce que vous voyez est le passé.",
        "stale_next": "Vérifiez que `badbuzz run` tourne. Cette page continue de chercher toute seule.",
        "never_recorded": "Le service n'a encore rien enregistré. Cette page continue de chercher toute seule.",
        "no_store": "La cellule de veille ne peut pas lire ses données pour l'instant.",
        "no_store_next": "Cette page réessaie toutes les {seconds} s ; il n'y a rien à cliquer. Rien de ce qui est "
        "enregistré n'est perdu.",
        "no_topics": "Aucun sujet n'est encore surveillé.",
        "no_topics_next": "Ajoutez une liste de veille et lancez `badbuzz run` ; les sujets apparaîtront ici.",
        "burning": "Incidents ouverts",
        "everything_else": "Tous les autres sujets",
        "all_topics": "Tous les sujets",
        "all_quiet": "Aucun incident ouvert.",
        "last_hour": "mentions en une heure",
        "usually": "d'habitude {lower} à {upper}",
        "usually_none": "d'habitude aucune",
        "usual_unknown": "l'habitude n'est pas encore connue",
        "times": "{times} × l'habitude",
        "since": "depuis {age}",
        "was": "dernier état connu : {state}",
        "hint_blind": "Ne rien conclure de ce silence : vérifiez les sources.",
        "hint_learning": "L'habitude s'apprend encore ; un volume inhabituel ne peut pas être jugé.",
        "next": "Que faire maintenant",
        "why": "Pourquoi nous le pensons",
        "explained": "Ce qui a décidé",
        "decided_at": "À la date du {time}.",
        "your_name": "Votre nom, pour corriger la lecture des publications",
        "your_name_help": "Les corrections apprennent le ton des publications à venir. D'une publication corrigée on "
        "ne garde que des empreintes de ses mots, et plus rien une fois qu'elle est supprimée.",
        "sounds": "Lue comme {tone}. Comment sonne-t-elle ?",
        "sounds_ironic": "Lue comme {tone}, peut-être ironique. Comment sonne-t-elle ?",
        "alarming": "Mots d'alerte",
        "ironic": "Peut-être ironiques",
        "sounds_negative": "négative",
        "sounds_neutral": "neutre",
        "sounds_positive": "positive",
        "tone_learned": "Merci : les publications à venir seront lues en conséquence.",
        "tone_refused": "Non enregistré : {reason}",
        "carried": "Qui le porte",
        "carried_by": "{accounts} comptes ont partagé ou été partagés, {reshares} fois en tout. Communautés de trois "
        "comptes ou plus : {communities} ; la plus grande réunit {largest} des comptes. Comptes qui les relient : "
        "{bridges}.",
        "carried_none": "Personne n'a encore rien repartagé.",
        "carried_partial": "Trop de mentions pour les regarder toutes ; voici les plus récentes.",
        "col_community": "communauté, selon ce dont elle parle",
        "col_share": "part",
        "col_leader": "partage surtout",
        "community_unnamed": "pas de mot à elle",
        "bridges": "Qui relie les communautés",
        "bridge_ties": "liens vers d'autres : {ties}",
        "first_movers": "Qui l'a partagé en premier",
        "brought": "Par qui les autres sont venus",
        "brought_in": "a fait venir : {count}",
        "nobody": "Personne.",
        "influences": "Qui toucherait le plus de monde",
        "influences_note": "Personnes qu'une publication de plus sur ce sujet toucherait vraisemblablement : la part "
        "de ses propres abonnés qui la voit, et celle des abonnés des partages qu'un tel compte, et celui-ci, obtient "
        "d'habitude ici. La fourchette est large, car nul ne sait quelle publication va prendre. Les particuliers ne "
        "sont pas nommés.",
        "col_reach": "toucherait",
        "col_own_audience": "dont ses abonnés",
        "col_reposts": "partages attendus",
        "col_record": "sur ce sujet",
        "col_hashtags": "portée des mots-dièse",
        "record": "publications : {posts}, indice h {h}",
        "role_press": "presse",
        "role_office": "fonction publique",
        "graph_gexf": "Le graphe, pour Gephi",
        "graph_json": "Le graphe, en JSON",
        "graph_note": "Les comptes sont des pseudonymes, sauf les personnalités.",
        "chart": "Le volume",
        "timeline": "Chronologie",
        "evidence": "Preuves",
        "open_incident": "Page de l'incident",
        "open_topic": "Page du sujet",
        "acknowledged": "pris en charge par {who} depuis {time}",
        "unacknowledged": "personne ne l'a encore pris en charge",
        "dismissed": "écarté le {time}",
        "somebody": "quelqu'un",
        "choose_topic": "Sujet",
        "unknown_topic": "Il n'y a pas de sujet {name}.",
        "no_incident_chosen": "Choisissez un incident ci-dessous, ou ouvrez-en un depuis la page En ce moment.",
        "unknown_incident": "Il n'y a pas d'incident {name}.",
        "recent_incidents": "Derniers incidents",
        "no_incidents": "Il n'y a pas encore eu d'incident.",
        "span": "Durée",
        "span_6": "6 h",
        "span_24": "24 h",
        "span_168": "7 jours",
        "top_posts": "Publications qui ont le plus fait réagir",
        "no_posts": "Aucune publication avec texte n'est conservée sur cette durée.",
        "drew": "{count} réactions",
        "authors": "Qui compte",
        "public_figures": "Personnalités et comptes officiels, plus grande audience d'abord",
        "no_public": "Aucune personnalité ne s'est exprimée sur cette durée.",
        "everybody_else": "Tous les autres, par audience",
        "audience_at_least": "{bound} abonnés ou plus",
        "audience_below": "moins de {bound} abonnés",
        "audience_unknown": "audience inconnue",
        "accounts": "{count} comptes",
        "mentions": "{count} mentions",
        "col_account": "compte",
        "col_followers": "abonnés",
        "col_mentions": "mentions",
        "col_drew": "réactions",
        "col_first": "première à",
        "col_answered": "répondu",
        "col_audience": "audience",
        "col_accounts": "comptes",
        "yes": "oui",
        "no": "non",
        "verified": "vérifié",
        "hashtags": "Mots-dièse",
        "no_hashtags": "Aucun mot-dièse sur cette durée.",
        "hashtags_note": "Barre : cette durée. Trait : la même durée juste avant.",
        "cascades": "Ce qui se propage",
        "no_cascades": "Rien n'est repartagé sur cette durée.",
        "cascade_size": "{size} partages par {authors} comptes",
        "cascade_growth": "{growth} dans la dernière heure",
        "cascade_faster": "accélère",
        "cascade_slower": "ralentit",
        "cascade_steady": "garde son rythme",
        "cascade_doubling": "double en {time}",
        "cascade_final": "Partages à la fin",
        "cascade_reproduction": "Un partage en amène",
        "cascade_seen": "Vu par environ",
        "cascade_reach": "pour {reach} abonnés au plus",
        "cascade_new": "Voix nouvelles",
        "cascade_new_note": "n'avaient jamais parlé de ce sujet",
        "cascade_depth": "Étapes depuis l'origine",
        "cascade_breadth": "{breadth} à une même étape",
        "cascade_virality": "distance moyenne {virality}",
        "edges_measured": "mesuré : le réseau dit qui a relayé qui",
        "edges_inferred": "déduit : le réseau ne nomme que l'origine",
        "between": "{low} à {high}",
        "root_unknown": "La publication d'origine n'est pas conservée : {id}",
        "started": "depuis {time}",
        "voices": "Le ton",
        "negative": "Négatives",
        "answers_own": "Nous répondent ou citent",
        "reshares": "Partages",
        "distinct_authors": "Comptes",
        "mean_tone": "Tonalité moyenne",
        "before": "{value} avant",
        "promises": "Budget d'alertes : promis et tenu",
        "promise": "{severity} : au plus {promised} fausses par mois promises. {raised} en {days} jours, soit {rate} "
        "par mois (taux réel {lower} à {upper}) ; {dismissed} écartées comme fausses. {standing}",
        "hours_day": "{severity} de jour",
        "hours_night": "{severity} de nuit",
        "standing_kept": "Promesse tenue.",
        "standing_above": "Plus que promis : étaient-elles toutes réelles ? Écartez celles qui ne l'étaient pas.",
        "standing_broken": "Promesse non tenue : tant que les détecteurs n'ont pas mieux appris, divisez ce budget par "
        "deux dans la liste de veille.",
        "standing_too early": "Trop tôt pour le dire.",
        "late": "{count} publications tardives sont comptées ici mais n'ont pesé sur aucun verdict.",
        "legend_observed": "mentions par {bucket}",
        "legend_band": "habituel (50 % et 95 %)",
        "legend_above": "au-dessus de l'habitude",
        "legend_own": "nos publications",
        "legend_incident": "incident",
        "axis_mentions": "mentions par {bucket}",
        "axis_root": "échelle √",
        "axis_time": "heure de {zone}",
        "no_signal": "Aucune minute de ce sujet n'a été mesurée sur cette durée.",
        "tip_observed": "mentions",
        "tip_expected": "habituel",
        "tip_time": "à partir de",
        "spark": "Mentions des 24 dernières heures, et fourchette habituelle",
        "lane_crowd": "La foule",
        "lane_system": "Le système",
        "lane_us": "Nous",
        "kind_acknowledged": "Pris en charge",
        "kind_note": "Note",
        "kind_dismissed": "Écarté",
        "kind_resolved": "Résolu",
        "opened_at": "ouvert le {time}",
        "began_at": "commencé le {time}",
        "peak_at": "pic à {time} : {count} en une minute",
        "closed_at": "clos le {time}",
        "account_followers": "un compte suivi par {followers} personnes",
        "account_unknown": "un compte d'audience inconnue",
        "our_account": "notre compte",
        "followers": "{followers} abonnés",
        "kind_post": "publication",
        "kind_reply": "réponse",
        "kind_quote": "citation",
        "kind_repost": "partage",
        "open_post": "Ouvrir sur {network}",
        "not_linked": "lien non proposé : {url}",
        "erased": "Le texte n'est pas conservé.",
        "evidence_missing": "Publications citées en preuve qui ne sont plus conservées : {count}.",
        "weight": "poids {weight}",
        "no_evidence": "Aucune preuve n'est enregistrée pour cet incident.",
        "next_owner": "Appelez le responsable : {owner}.",
        "next_coordinated": "Ne répondez pas au flot ; signalez ses comptes au réseau, et dites à la presse qu'il est "
        "fabriqué.",
        "next_mixed": "Répondez aux personnes, pas au flot ; signalez ses comptes au réseau.",
        "set_aside": "dont {count} mises de côté comme coordonnées",
        "real_organic": "paraît organique",
        "real_coordinated": "paraît coordonné",
        "real_mixed": "en partie coordonné",
        "real_cannot_tell": "réel ou fabriqué : impossible à dire",
        "chart_cleaned": "sans celles mises de côté",
        "next_own_reply": "Cessez de répondre dans ce fil ; passez en privé et appelez le client.",
        "next_own_post": "Suspendez les réponses sous cette publication ; répondez une fois, à un seul endroit, et "
        "appelez le client.",
        "next_new_voices": "Des personnes influentes commencent à en parler : lisez leurs publications, préparez les "
        "faits et prévenez le service de presse avant leur appel.",
        "next_voices": "Des personnes influentes en parlent plus que d'habitude : lisez leurs publications et prévenez "
        "le service de presse.",
        "next_spread": "Ouvrez la publication qui se propage et décidez qui répond, une fois, là où tout a commencé.",
        "next_negative": "Lisez les publications qui font le plus réagir, trouvez le fait reproché et vérifiez-le en "
        "interne.",
        "next_influence": "Des comptes à grande audience s'en mêlent : prévenez le service de presse avant leur appel.",
        "next_velocity": "Lisez cinq publications pour confirmer qu'il s'agit de nous ; si c'est un événement prévu, "
        "dites-le à la personne d'astreinte.",
        "next_joint": "Le volume n'explique pas tout : comparez auteurs, ton et réponses sur la page du sujet.",
        "next_subsiding": "Cela retombe : n'ajoutez rien, et gardez l'œil dessus jusqu'à la clôture.",
        "next_closed": "C'est fini : relisez la chronologie et notez ce qui a aidé.",
        "about": """
**Les états.** Chaque sujet est dans un seul état ; la couleur ne fait que répéter le mot.

- **calme** : rien de plus inhabituel que ce que le budget d'alertes du sujet permet.
- **veille, alerte, critique** : un incident est ouvert. La gravité additionne des raisons séparées, chacune avec
  ses chiffres. Le bruit seul n'est jamais critique : il y faut de l'indignation, ou des réponses à nos propres
  publications.
- **aveugle** : le service est muet, ou pas une mention n'est venue en une heure où il y en a d'habitude au moins
  cinq. Un silence que nous n'avons pas pu entendre ne s'appelle jamais calme.
- **apprentissage** : trop peu d'historique pour savoir ce qui est normal.

**D'habitude** désigne la fourchette où tombent 95 durées normales sur 100, pour ce sujet, à cette heure. La bande
plus foncée en contient 50 sur 100. Un événement prévu au calendrier du sujet la déplace ; un niveau qui a changé pour
de bon aussi, dès que trois jours concordent.

**Le budget d'alertes.** Le sujet dit combien de fausses alertes il supporte, de jour et de nuit ; les seuils en
découlent, et de son propre passé. Sa page compare ce qui fut promis à ce qui est venu, avec la fourchette où se trouve
le taux réel. Ce que vous écartez compte comme faux.

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
