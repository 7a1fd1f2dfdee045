"""What is said of a post and of who wrote it."""

from __future__ import annotations

from typing import Final

from monitor.incidents.words import Language

__all__ = ["WORDS"]

WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "your_name": "Your name, to correct how posts are read",
        "your_name_help": "Corrections teach the tone of posts to come. Of a corrected post only hashes of its words "
        "are kept, and not even those once it is deleted.",
        "how_sounds": "How does it sound?",
        "read_negative": "reads as negative",
        "read_neutral": "reads as neutral",
        "read_positive": "reads as positive",
        "read_ironic": "perhaps ironic",
        "sounds_negative": "negative",
        "sounds_neutral": "neutral",
        "sounds_positive": "positive",
        "tone_learned": "Thank you: posts to come will be read accordingly.",
        "tone_refused": "Not recorded: {reason}",
        "drew": "drew {count} responses",
        "drew_one": "drew {count} response",
        "verified": "verified",
        "account_followers": "an account with {count} followers",
        "account_followers_one": "an account with {count} follower",
        "account_unknown": "an account of unknown audience",
        "our_account": "our own account",
        "followers": "{count} followers",
        "followers_one": "{count} follower",
        "kind_post": "post",
        "kind_reply": "reply",
        "kind_quote": "quote",
        "kind_repost": "repost",
        "open_post": "Open on {network}",
        "network_feed": "the press",
        "not_linked": "link not offered, for safety: {url}",
        "erased": "The text is not stored.",
    },
    "fr": {
        "your_name": "Votre nom, pour corriger la lecture des publications",
        "your_name_help": "Les corrections apprennent le ton des publications à venir. D'une publication corrigée on "
        "ne garde que des empreintes de ses mots, et plus rien une fois qu'elle est supprimée.",
        "how_sounds": "Comment sonne-t-elle ?",
        "read_negative": "lue comme négative",
        "read_neutral": "lue comme neutre",
        "read_positive": "lue comme positive",
        "read_ironic": "peut-être ironique",
        "sounds_negative": "négative",
        "sounds_neutral": "neutre",
        "sounds_positive": "positive",
        "tone_learned": "Merci : les publications à venir seront lues en conséquence.",
        "tone_refused": "Non enregistré : {reason}",
        "drew": "{count} réactions",
        "drew_one": "{count} réaction",
        "verified": "vérifié",
        "account_followers": "un compte suivi par {count} personnes",
        "account_followers_one": "un compte suivi par {count} personne",
        "account_unknown": "un compte d'audience inconnue",
        "our_account": "notre compte",
        "followers": "{count} abonnés",
        "followers_one": "{count} abonné",
        "kind_post": "publication",
        "kind_reply": "réponse",
        "kind_quote": "citation",
        "kind_repost": "partage",
        "open_post": "Ouvrir sur {network}",
        "network_feed": "la presse",
        "not_linked": "lien non proposé, par sécurité : {url}",
        "erased": "Le texte n'est pas conservé.",
    },
}
